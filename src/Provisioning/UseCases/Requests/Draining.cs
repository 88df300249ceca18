using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>
/// Lets open streams finish before a pod ends. The gateway ends at once when told to, so the time is given before that:
/// the pod leaves its Service's endpoints, waits (preStop), and only then its process is told
/// (https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination). Pure.
/// </summary>
public static class Draining
{
    /// <summary>Kind of the findings.</summary>
    public const string FindingKind = "draining";

    // Time that a process has from SIGTERM until it is killed.
    private const int EndSeconds = 5;

    // terminationGracePeriodSeconds where a pod sets none.
    private const int KubernetesGrace = 30;

    // The sleep action is on by default from here; before, the image's own sleep is run.
    private static readonly Version SleepActionSince = new(1, 30);

    /// <summary>Seconds from a pod's removal until it is killed.</summary>
    public static int GraceOf(EnvironmentSpec spec, Profile profile) => spec.GraceSeconds ?? profile.GraceSeconds;

    /// <summary>Seconds of it in which nothing changes for streams that are open.</summary>
    public static int WaitOf(int grace) => grace > 2 * EndSeconds ? grace - EndSeconds : grace / 2;

    /// <summary>Adds grace, wait and idle timeout to values, where the chart has a place for them.</summary>
    internal static void Add(Dictionary<string, object?> values, RenderInput input)
    {
        var grace = GraceOf(input.Spec, input.Profile);
        values["terminationGracePeriodSeconds"] = grace;
        var wait = WaitOf(input.Facts.Accepts("terminationGracePeriodSeconds") ? grace : Math.Min(grace, KubernetesGrace));
        object lifecycle = ValuesRenderer.Map(("preStop", Hook(wait, input.KubernetesVersion)));
        if (input.Facts.Accepts("lifecycle.preStop") && !input.Facts.Accepts("extraContainerConfig.lifecycle"))
        {
            values["lifecycle"] = lifecycle;
        }
        else
        {
            values["extraContainerConfig"] = new Dictionary<string, object?>(
                values.GetValueOrDefault("extraContainerConfig") as Dictionary<string, object?> ?? [],
                StringComparer.Ordinal
            )
            {
                ["lifecycle"] = lifecycle,
            };
        }

        // Azure's load balancer drops a connection that is idle for this long: 4 to 30 minutes,
        // https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/
        if (
            input.Spec.Network.Exposure == Exposure.LoadBalancer
            && values.GetValueOrDefault("service") is Dictionary<string, object?> service
            && service.GetValueOrDefault("annotations") is IDictionary<string, object?> annotations
        )
        {
            annotations.TryAdd(
                KnownClouds.OfClusters.Rules.IdleTimeout,
                Math.Clamp((grace + 59) / 60, 4, 30).ToString(CultureInfo.InvariantCulture)
            );
        }
    }

    /// <summary>
    /// What streams lose: by a spec that gives less time than its profile, and by what the rendered objects lack, seen in the objects
    /// themselves, since a chart may take a value and render nothing of it.
    /// </summary>
    /// <param name="manifest">Rendered objects.</param>
    /// <param name="input">What they were rendered from.</param>
    /// <exception cref="ClusterException">The text is not YAML manifests.</exception>
    internal static IReadOnlyList<FindingView> Findings(string manifest, RenderInput input)
    {
        var found = new List<FindingView>();
        var wanted = GraceOf(input.Spec, input.Profile);
        if (wanted < input.Profile.GraceSeconds)
        {
            found.Add(
                new(
                    Severity.Warning,
                    FindingKind,
                    "spec.graceSeconds",
                    $"Pods get {wanted} s to end, less than the {input.Profile.GraceSeconds} s of profile {input.Profile.Name}: streams that last longer than {WaitOf(wanted)} s may be cut when a pod is replaced. Leave graceSeconds out for the profile's."
                )
            );
        }

        foreach (
            var workload in ManifestItems.Parse(manifest).Where(o => (o["kind"] as JsonValue)?.ToString() is "Deployment" or "StatefulSet")
        )
        {
            if (
                workload["spec"] is not JsonObject spec
                || spec["template"] is not JsonObject template
                || template["spec"] is not JsonObject pod
                || pod["containers"] is not JsonArray containers
                || containers.OfType<JsonObject>().FirstOrDefault(IsGateway) is not { } gateway
            )
            {
                continue;
            }

            var grace = int.TryParse(
                pod["terminationGracePeriodSeconds"]?.ToString(),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var seconds
            )
                ? seconds
                : KubernetesGrace;
            if (gateway["lifecycle"] is not JsonObject lifecycle || lifecycle["preStop"] is not JsonObject { Count: > 0 })
            {
                found.Add(
                    Missing(
                        "Requests that are under way are cut when a pod is replaced: this chart has no place for a wait before a pod ends (lifecycle, extraContainerConfig). Use a newer chart version, or expect cuts at every change."
                    )
                );
            }
            else if (grace < wanted)
            {
                found.Add(
                    Missing(
                        $"Requests that are under way get {WaitOf(grace)} s to end when a pod is replaced, not {WaitOf(wanted)} s: this chart has no place for terminationGracePeriodSeconds, so Kubernetes' {KubernetesGrace} s apply. Use a newer chart version for longer ones."
                    )
                );
            }

            // Without a strategy a quarter of the pods, rounded down, may be missing while they are replaced.
            if (spec["strategy"] is null && (input.Spec.Autoscaling?.Max ?? input.Spec.Replicas ?? input.Profile.MaxReplicas) >= 4)
            {
                found.Add(
                    Missing(
                        "Up to a quarter of the pods are missing while they are replaced: this chart has no place for a strategy. Use a newer chart version, or plan for the load."
                    )
                );
            }
        }

        return found;
    }

    private static Dictionary<string, object?> Hook(int seconds, string kubernetesVersion) =>
        Version.TryParse(kubernetesVersion.TrimStart('v').Split('-', '+')[0], out var version) && version >= SleepActionSince
            ? ValuesRenderer.Map(("sleep", ValuesRenderer.Map(("seconds", seconds))))
            : ValuesRenderer.Map(
                ("exec", ValuesRenderer.Map(("command", new[] { "sleep", seconds.ToString(CultureInfo.InvariantCulture) })))
            );

    // By the last part of its image's name, which mirrors keep; beside it a chart may run a data service, stores and caches.
    private static bool IsGateway(JsonObject container) =>
        (container["image"] as JsonValue)?.ToString() is { } image
        && ManifestImages.Repository(image).Split('/')[^1] is var name
        && (name.Contains("gateway", StringComparison.Ordinal) || name.Contains("airs", StringComparison.Ordinal));

    private static FindingView Missing(string message) => new(Severity.Warning, FindingKind, "chartVersion", message);
}
