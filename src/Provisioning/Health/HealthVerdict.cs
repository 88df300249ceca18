using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Health;

/// <summary>Turns what was seen into a verdict. Pure. The first rule that fits speaks: what stops service comes before what only limits it.</summary>
public static class HealthVerdict
{
    private static readonly string[] BadWords =
    [
        "CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "Error", "OOMKilled",
    ];

    /// <summary>Judges.</summary>
    /// <param name="observation">What was seen; null when nobody could look.</param>
    /// <param name="probe">The gateway's own answer; null when it was not asked.</param>
    /// <returns>Verdict and one sentence that says why.</returns>
    public static (HealthStatus Status, string Reason) Judge(EnvironmentObservation? observation, ProbeResult? probe)
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
            : Pods(observation, gateways, probe) ?? Answer(observation, probe);
    }

    /// <summary>What workloads and pods say; null when they are as they should be.</summary>
    private static (HealthStatus Status, string Reason)? Pods(EnvironmentObservation observation, List<WorkloadObservation> gateways, ProbeResult? probe)
    {
        var bad = observation.Pods.OrderBy(p => p.Component == "gateway" ? 0 : 1).FirstOrDefault(p => BadWords.Contains(p.Status, StringComparer.Ordinal));
        var serving = gateways.Sum(w => w.Ready) > 0;
        if (!serving && bad is { Component: "gateway" })
        {
            return (HealthStatus.Unhealthy, Describe(bad));
        }

        if (gateways.FirstOrDefault(w => w.Stalled) is { } stalled)
        {
            return (serving ? HealthStatus.Degraded : HealthStatus.Unhealthy, Sentence(stalled.Reason));
        }

        if (!serving && gateways.All(w => w.RolledOut))
        {
            return (HealthStatus.Unhealthy, $"None of {gateways.Sum(w => w.Desired)} pods is ready.");
        }

        if (serving && probe is { Ran: true, Ok: false })
        {
            return (HealthStatus.Unhealthy, $"The gateway does not answer as it should: {probe.Detail}");
        }

        if (bad is not null)
        {
            return (HealthStatus.Degraded, Describe(bad));
        }

        // A rollout is on its way; a complete one that lacks pods again has lost them.
        return observation.Workloads.FirstOrDefault(w => !w.Current && w.Desired > 0) is { } behind
            ? (behind.RolledOut ? HealthStatus.Degraded : HealthStatus.Progressing, Sentence(behind.Reason))
            : null;
    }

    /// <summary>What entry points, scaling and the gateway itself say.</summary>
    private static (HealthStatus Status, string Reason) Answer(EnvironmentObservation observation, ProbeResult? probe)
    {
        if (probe is not { Ran: true })
        {
            return (HealthStatus.Unknown, $"Its pods are ready, but the gateway could not be asked: {probe?.Detail ?? "nobody tried yet."}");
        }

        if (observation.Services.FirstOrDefault(s => s is { Type: "LoadBalancer", Addresses.Count: 0 }) is { } service)
        {
            return (HealthStatus.Degraded, $"Service {service.Name} waits for its load balancer's address.");
        }

        if (observation.Ingresses.FirstOrDefault(i => i.Addresses.Count == 0) is { } ingress)
        {
            return (HealthStatus.Degraded, $"Ingress {ingress.Name} waits for an address. Check that the cluster runs its ingress controller.");
        }

        return observation.Autoscalers.FirstOrDefault(a => a.ScalingActive == false) is { } scaler
            ? (HealthStatus.Degraded, Sentence($"Autoscaling does not work: {scaler.Reason}"))
            : (HealthStatus.Healthy, $"{Ready(observation.GatewayPods.Count(p => p.Ready))} and the gateway answered in {probe.LatencyMs} ms.");
    }

    private static string Ready(int pods) => pods == 1 ? "1 pod is ready" : $"{pods} pods are ready";

    private static string Describe(PodObservation pod) => Sentence($"Pod {pod.Name} is in {pod.Status}{(pod.Restarts > 0 ? $" after {pod.Restarts} restarts" : "")}{(pod.Message.Length > 0 ? $": {pod.Message}" : "")}");

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";
}
