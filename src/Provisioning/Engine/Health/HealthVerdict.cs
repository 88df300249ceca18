using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Health;

/// <summary>Turns what was seen into a verdict. Pure. The first rule that fits decides: what stops service comes before what only limits
/// it.</summary>
public static class HealthVerdict
{
    private static readonly string[] BadReasons =
    [
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "InvalidImageName",
        "ErrImageNeverPull",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
        "Error",
        "OOMKilled",
    ];

    /// <summary>Judges.</summary>
    /// <param name="observation">What was seen; null when nobody could look.</param>
    /// <param name="probe">The gateway's own answer; null when it was not asked.</param>
    /// <param name="gaveUp">Whether the portal has given up on the rollout: what is not there by then is not on its
    /// way.</param>
    /// <returns>Verdict and one sentence that says why.</returns>
    public static (HealthStatus Status, string Reason) Judge(
        EnvironmentObservation? observation,
        ProbeResult? probe,
        bool gaveUp = false
    )
    {
        if (observation is null)
        {
            return (HealthStatus.Unknown, "Nobody could look: the cluster did not answer.");
        }

        if (!observation.NamespaceFound)
        {
            return (HealthStatus.Unhealthy, $"Namespace '{observation.Namespace}' is not in the cluster.");
        }

        if (observation.Terminating)
        {
            return (HealthStatus.Progressing, "It is being removed.");
        }

        var gateways = observation.Workloads.Where(w => w.Component == "gateway").ToList();
        if (gateways.Count == 0)
        {
            return (HealthStatus.Unhealthy, "The gateway's Deployment is not in the cluster.");
        }

        return gateways.All(w => w.Desired == 0)
            ? (HealthStatus.Suspended, "It was scaled to no pods on purpose.")
            : Pods(observation, gateways, probe, gaveUp) ?? Answer(observation, probe);
    }

    /// <summary>What workloads and pods say; null when they are as they should be.</summary>
    private static (HealthStatus Status, string Reason)? Pods(
        EnvironmentObservation observation,
        List<WorkloadObservation> gateways,
        ProbeResult? probe,
        bool gaveUp
    )
    {
        var bad = observation
            .Pods.OrderBy(p => p.Component == "gateway" ? 0 : 1)
            .FirstOrDefault(p => BadReasons.Contains(p.Status, StringComparer.Ordinal));
        var serving = gateways.Sum(w => w.Ready) > 0;
        if (!serving && bad is { Component: "gateway" })
        {
            return (HealthStatus.Unhealthy, Describe(bad));
        }

        if (gateways.FirstOrDefault(w => w.Stalled) is { } stalled)
        {
            return (serving ? HealthStatus.Degraded : HealthStatus.Unhealthy, Sentence(stalled.Reason + Why(observation)));
        }

        if (!serving && (gaveUp || gateways.All(w => w.RolledOut)))
        {
            return (HealthStatus.Unhealthy, Sentence($"{None(gateways.Sum(w => w.Desired))}{Why(observation)}"));
        }

        if (serving && probe is { Ran: true, Ok: false })
        {
            return (HealthStatus.Unhealthy, $"The gateway does not answer as it should: {probe.Detail}");
        }

        if (bad is not null)
        {
            return (HealthStatus.Degraded, Describe(bad));
        }

        // A rollout is under way; a complete one that lacks pods again has lost them.
        return observation.Workloads.FirstOrDefault(w => !w.Current && w.Desired > 0) is { } behind
            ? (behind.RolledOut || gaveUp ? HealthStatus.Degraded : HealthStatus.Progressing, Sentence(behind.Reason + Why(observation)))
            : null;
    }

    /// <summary>What entry points, scaling and the gateway itself say.</summary>
    private static (HealthStatus Status, string Reason) Answer(EnvironmentObservation observation, ProbeResult? probe)
    {
        if (observation.GatewayService is null)
        {
            return (HealthStatus.Unhealthy, "The gateway's Service is not in the cluster, so nobody can reach its pods.");
        }

        if (probe is not { Ran: true })
        {
            return (
                HealthStatus.Unknown,
                $"Its pods are ready, but the gateway could not be asked: {probe?.Detail ?? "nobody tried yet."}"
            );
        }

        if (observation.Services.FirstOrDefault(s => s is { Type: "LoadBalancer", Addresses.Count: 0 }) is { } service)
        {
            return (HealthStatus.Degraded, $"Service {service.Name} waits for its load balancer's address.");
        }

        if (observation.Ingresses.FirstOrDefault(i => i.Addresses.Count == 0) is { } ingress)
        {
            return (
                HealthStatus.Degraded,
                $"Ingress {ingress.Name} waits for an address. Check that the cluster runs its ingress controller."
            );
        }

        return observation.Autoscalers.FirstOrDefault(a => a.ScalingActive == false) is { } scaler
            ? (HealthStatus.Degraded, Sentence($"Autoscaling does not work: {scaler.Reason}"))
            : (
                HealthStatus.Healthy,
                $"{Plural.Of(observation.GatewayPods.Count(p => p.Ready), "pod is", "pods are")} ready and the gateway answered in {probe.LatencyMs} ms."
            );
    }

    private static string None(int pods) => pods == 1 ? "Its only pod is not ready" : $"None of {pods} pods is ready";

    private static string Why(EnvironmentObservation observation) =>
        observation.Worst is { } worst ? $": pod {worst.Name} {worst.Says}" : "";

    private static string Describe(PodObservation pod) =>
        Sentence(
            pod.Says.Length > 0
                ? $"Pod {pod.Name} {pod.Says} ({pod.Status})"
                : $"Pod {pod.Name} is in {pod.Status}{(pod.Restarts > 0 ? $" after {Plural.Of(pod.Restarts, "restart")}" : "")}{(pod.Message.Length > 0 ? $": {pod.Message}" : "")}"
        );

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
