using System.Globalization;
using System.Text.RegularExpressions;
using k8s.Models;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Why a pod does not serve, read from the pod itself. Pure.</summary>
/// <param name="Code">Machine word, such as <c>image-pull</c> or <c>no-room</c>; empty where there is nothing to say.</param>
/// <param name="Says">What to say of it after its name, without a full stop: <c>cannot get its image …</c>.</param>
internal sealed record PodCause(string Code, string Says)
{
    public const string ImagePull = "image-pull";
    public const string CrashLoop = "crash-loop";
    public const string OutOfMemory = "out-of-memory";
    public const string Config = "container-config";
    public const string NoRoom = "no-room";
    public const string NoNode = "no-node";
    public const string NotReady = "not-ready";
    public const string Volume = "volume";
    public const string Evicted = "evicted";

    private const int LongestQuote = 240;

    /// <summary>Nothing to say.</summary>
    public static readonly PodCause None = new("", "");

    public static PodCause Of(V1Pod pod)
    {
        var status = PodStatus.Of(pod);
        if (status.Ready || status.Word is "Terminating" or "Succeeded" or "Completed")
        {
            return None;
        }

        IReadOnlyList<V1ContainerStatus> containers =
        [
            .. (pod.Status?.InitContainerStatuses ?? []),
            .. (pod.Status?.ContainerStatuses ?? []),
        ];
        if (status.IsImageProblem)
        {
            var stuck = containers.FirstOrDefault(c => c.State?.Waiting?.Reason == status.Word);
            return new(ImagePull, $"cannot get its image {ImageOf(pod, stuck)}: {ImageReasons.Of(status.Word, status.Message)}");
        }

        if (status.IsConfigProblem)
        {
            return new(Config, $"cannot start its container: {MissingThing.Of(status.Message) ?? Quote(status.Message)}");
        }

        // Between two ends it runs for a moment, which is no reason to say something else.
        if (status.IsCrashLoop || containers.Any(c => c.State?.Terminated is { ExitCode: not 0 } || HasEndedOften(c)))
        {
            return Ended(pod, containers, status.Restarts);
        }

        return status.Word switch
        {
            "Unschedulable" => Scheduling.Of(status.Message),
            "Evicted" or "NodeLost" or "NodeShutdown" => new(Evicted, $"was evicted from its node: {Quote(status.Message)}"),
            "Running" => new(NotReady, "runs, but is not ready"),
            _ => None,
        };
    }

    /// <summary>The same with what the pod's events add to it.</summary>
    public PodCause With(IReadOnlyList<PodEvent> events)
    {
        // Where several probes fail, it is readiness that keeps callers out.
        var probes = events.Where(e => e is { Reason: "Unhealthy", IsWarning: true }).ToList();
        if (Code == NotReady && (probes.FindLast(e => ProbeWords.IsOfReadiness(e.Message)) ?? probes.LastOrDefault()) is { } probe)
        {
            return this with { Says = $"runs, but is not ready: {ProbeWords.Of(probe.Message)}" };
        }

        return Code is "" && events.LastOrDefault(e => e is { Reason: "FailedMount" or "FailedAttachVolume" }) is { } mount
            ? new(Volume, $"waits for a volume: {MissingThing.Of(mount.Message) ?? Quote(mount.Message)}")
            : this;
    }

    // What a container said as it ended may hold anything.
    internal static string Quote(string message)
    {
        var text = Redactor.Default.Redact(message).Trim().TrimEnd('.').ReplaceLineEndings(" ");
        return text.Length == 0 ? "the cluster does not say why"
            : text.Length > LongestQuote ? text[..LongestQuote] + "…"
            : text;
    }

    private static bool HasEndedOften(V1ContainerStatus container) =>
        container is { Ready: false, RestartCount: > 1, LastState.Terminated.ExitCode: not 0 };

    private static PodCause Ended(V1Pod pod, IReadOnlyList<V1ContainerStatus> containers, int restarts)
    {
        var one =
            containers.FirstOrDefault(c => c.State?.Waiting?.Reason == "CrashLoopBackOff")
            ?? containers.First(c => c.State?.Terminated is { ExitCode: not 0 } || HasEndedOften(c));
        var end = one.State?.Terminated ?? one.LastState?.Terminated;
        var times =
            restarts == 0 ? "has ended"
            : restarts == 1 ? "has ended and was started again once"
            : $"ends and is started again, {restarts} times so far";
        if (end?.Reason == "OOMKilled")
        {
            var limit = pod.Spec?.Containers?.FirstOrDefault(c => c.Name == one.Name)?.Resources?.Limits is { } limits
                && limits.TryGetValue("memory", out var memory)
                    ? $" of {memory}"
                    : "";
            return new(OutOfMemory, $"needs more memory than its limit{limit} and {times}");
        }

        var said = end?.Message is { Length: > 0 } message ? $": {Quote(message)}" : "";
        var code = end is null ? "" : string.Create(CultureInfo.InvariantCulture, $", last with exit code {end.ExitCode}");
        return new(CrashLoop, $"{times}{code}{said}");
    }

    private static string ImageOf(V1Pod pod, V1ContainerStatus? container) =>
        container is null ? "of a container"
        : pod.Spec?.Containers?.Concat(pod.Spec.InitContainers ?? []).FirstOrDefault(c => c.Name == container.Name)?.Image
            is { Length: > 0 } asked
            ? asked
        : container.Image is { Length: > 0 } image ? image
        : "of container " + container.Name;
}

/// <summary>What a container runtime says about an image, in words. Pure.</summary>
internal static class ImageReasons
{
    public const string Missing = "the registry has no such image or tag";
    public const string Refused = "the registry refuses the cluster; credentials are missing or wrong, or there is no such image";
    public const string Unreachable = "the registry cannot be reached from the cluster";
    public const string Busy = "the registry limits requests; the cluster tries again";
    public const string Misnamed = "that is not an image name";

    private static readonly (string Part, string Words)[] Known =
    [
        ("toomanyrequests", Busy),
        ("too many requests", Busy),
        ("pull access denied", Refused),
        ("unauthorized", Refused),
        ("authentication required", Refused),
        ("no basic auth", Refused),
        ("denied", Refused),
        ("403", Refused),
        ("manifest unknown", Missing),
        ("name unknown", Missing),
        ("NotFound", Missing),
        (": not found", Missing),
        ("no such host", Unreachable),
        ("connection refused", Unreachable),
        ("i/o timeout", Unreachable),
        ("deadline exceeded", Unreachable),
        ("x509", Unreachable),
        ("dial tcp", Unreachable),
    ];

    public static string Of(string word, string message) =>
        word is "InvalidImageName" ? Misnamed
        : word is "ErrImageNeverPull" ? "it is not on the node, and the pod's pull policy is Never"
        : Array.Find(Known, k => message.Contains(k.Part, StringComparison.OrdinalIgnoreCase)) is { Words: { } words } ? words
        : message.StartsWith("Back-off", StringComparison.Ordinal) && !message.Contains("ErrImagePull", StringComparison.Ordinal)
            ? "the cluster could not fetch it and waits before it tries again"
        : PodCause.Quote(message);
}

/// <summary>What the scheduler says, in words. Pure.</summary>
internal static class Scheduling
{
    private static readonly (string Part, string Words, bool OfRoom)[] Known =
    [
        ("Insufficient cpu", "no node has enough CPU free", true),
        ("Insufficient memory", "no node has enough memory free", true),
        ("Too many pods", "every node has as many pods as it may", true),
        ("node affinity/selector", "no node has the labels that it asks for", false),
        ("untolerated taint", "the nodes are kept for other pods (taints)", false),
        ("topology spread", "it may not run beside the others of its kind (topology spread)", false),
        ("were unschedulable", "the nodes are closed for new pods", false),
        ("no nodes available", "the cluster has no node", false),
        ("persistentvolumeclaim", "a volume that it needs is not there", false),
        ("volume node affinity", "its volume is in a zone without a free node", false),
    ];

    public static PodCause Of(string message)
    {
        var found = Known.Where(k => message.Contains(k.Part, StringComparison.OrdinalIgnoreCase)).ToList();
        return found.Count == 0
            ? new(PodCause.NoRoom, $"finds no node: {PodCause.Quote(message)}")
            : new(
                found.Exists(k => k.OfRoom) ? PodCause.NoRoom : PodCause.NoNode,
                $"finds no node: {string.Join(", and ", found.Select(k => k.Words))}"
            );
    }
}

/// <summary>Which Secret, ConfigMap or key a kubelet misses. Pure.</summary>
internal static partial class MissingThing
{
    public static string? Of(string message) =>
        NoKey().Match(message) is { Success: true } key
            ? $"key {key.Groups["key"].Value} is missing in {key.Groups["kind"].Value} {key.Groups["name"].Value}"
        : NoObject().Match(message) is { Success: true } one
            ? $"{(one.Groups["kind"].Value.StartsWith('s') ? "Secret" : "ConfigMap")} {one.Groups["name"].Value} is not in the namespace"
        : null;

    // couldn't find key api-key in Secret payments-dev/portkey-gateway
    [GeneratedRegex(
        @"find key (?<key>[-._A-Za-z0-9]{1,253}) in (?<kind>Secret|ConfigMap) [-a-z0-9]{1,63}/(?<name>[-.a-z0-9]{1,253})",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex NoKey();

    [GeneratedRegex(
        @"(?<kind>secret|configmap) ""(?<name>[-.a-z0-9]{1,253})"" not found",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex NoObject();
}

/// <summary>What a probe found, in words. Pure.</summary>
internal static partial class ProbeWords
{
    public static string Of(string message) =>
        StatusCode().Match(message) is { Success: true } code
            ? $"its {Kind(message)} probe is answered with HTTP {code.Groups["code"].Value}"
        : message.Contains("connection refused", StringComparison.Ordinal) ? $"nothing listens where its {Kind(message)} probe asks"
        : message.Contains("deadline exceeded", StringComparison.Ordinal) || message.Contains("timeout", StringComparison.OrdinalIgnoreCase)
            ? $"its {Kind(message)} probe gets no answer in time"
        : PodCause.Quote(message);

    public static bool IsOfReadiness(string message) => message.StartsWith("Readiness", StringComparison.Ordinal);

    private static string Kind(string message) =>
        message.StartsWith("Liveness", StringComparison.Ordinal) ? "liveness"
        : message.StartsWith("Startup", StringComparison.Ordinal) ? "startup"
        : "readiness";

    // Readiness probe failed: HTTP probe failed with statuscode: 404
    [GeneratedRegex(
        @"statuscode: (?<code>[0-9]{3})",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex StatusCode();
}
