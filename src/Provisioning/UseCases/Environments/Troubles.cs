using System.Text.RegularExpressions;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>What a verdict about trouble is made from.</summary>
internal sealed record TroubleFacts(EnvironmentState State, HealthStatus Health, string HealthReason, int Applied, string Cluster)
{
    /// <summary>UTC time since which the health holds.</summary>
    public DateTime? HealthSince { get; init; }

    /// <summary>What the last sweep saw; null before the first.</summary>
    public EnvironmentObservation? Seen { get; init; }

    /// <summary>Operation that failed last; null where the last one did not.</summary>
    public FailedOperation? Failed { get; init; }

    /// <summary>Kind of the last operation.</summary>
    public RequestKind? LastKind { get; init; }

    /// <summary>The last change before; null where none is known.</summary>
    public ChangeBefore? Change { get; init; }

    /// <summary>A revision that was seen to work and is not the one that is wanted now; null for none.</summary>
    public int? GoodRevision { get; init; }

    /// <summary>Secrets that it uses.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    /// <summary>Whether the failed operation can be tried again by the caller.</summary>
    public bool MayRetry { get; init; }

    public bool HasFailed => State == EnvironmentState.Failed;
}

/// <summary>An operation that failed or was stopped.</summary>
internal sealed record FailedOperation(Guid Id, RequestKind Kind, int Revision, string Code, string Message, DateTime? EndedAt);

/// <summary>Says what is wrong with an environment. Pure.</summary>
public static partial class Troubles
{
    private const string Preflight = "Preflight stopped it before anything was changed. ";

    /// <summary>Null where nothing is.</summary>
    internal static TroubleView? Of(TroubleFacts facts)
    {
        var isSick = facts.Health is HealthStatus.Unhealthy or HealthStatus.Degraded;
        var isUnknown = facts.Health == HealthStatus.Unknown && facts.Applied > 0;
        if (!facts.HasFailed && !isSick && !isUnknown)
        {
            return null;
        }

        var (code, cause, detail) = CauseOf(facts, isSick, isUnknown);
        var (serves, effect) = EffectOf(facts, isUnknown);
        var cure = Cures.Of(facts, code, $"{cause} {detail}");
        return new TroubleView(
            code,
            cause,
            effect,
            serves,
            SinceOf(facts, isSick || isUnknown),
            facts.Change,
            cure,
            Cures.Besides(facts, cure),
            isSick ? facts.Seen?.Events ?? [] : []
        )
        {
            Detail = detail == cause ? "" : detail,
            OperationId = facts.Failed?.Id,
        };
    }

    /// <summary>The error of an operation, shortened to what a person needs first: names of pods and frames are left out.</summary>
    public static string ForPeople(string message) => Words(message, "The gateway");

    private static string Words(string message, string who)
    {
        var text = message.StartsWith(Preflight, StringComparison.Ordinal) ? message[Preflight.Length..] : message;
        return PodSays().Match(text) is { Success: true } pod
            ? Sentence($"{(pod.Groups["name"].Value.Contains("redis", StringComparison.Ordinal) ? "Redis" : who)} {pod.Groups["says"].Value}")
            : text;
    }

    // What the pods say now comes before an operation's last message; obstacles in the cluster come before both.
    private static (string Code, string Cause, string Detail) CauseOf(TroubleFacts facts, bool isSick, bool isUnknown)
    {
        var seen = facts.Seen;
        if (isUnknown && !facts.HasFailed)
        {
            return facts.HealthReason.StartsWith("Cluster ", StringComparison.Ordinal)
                ? ("cluster-unreachable", $"Cluster {facts.Cluster} does not answer the portal.", facts.HealthReason)
                : ("gateway-not-asked", facts.HealthReason, facts.HealthReason);
        }

        if (isSick && seen?.Worst is { } worst)
        {
            return (worst.Code, Sentence($"{Who(worst, facts)} {worst.Says}"), facts.HealthReason);
        }

        if (facts.Failed is { } failed && (!isSick || facts.Applied == 0 || seen is null))
        {
            var who = failed.Revision > 1 ? $"The gateway of v{failed.Revision}" : "The gateway";
            return failed.Code == "cancelled"
                ? (failed.Code, Sentence($"Somebody stopped it: {Words(failed.Message, who)}"), failed.Message)
                : (failed.Code, Words(failed.Message, who), failed.Message);
        }

        return (seen is null ? "unhealthy" : CodeOf(seen, facts.HealthReason), facts.HealthReason, facts.HealthReason);
    }

    private static string CodeOf(EnvironmentObservation seen, string reason) =>
        !seen.NamespaceFound ? "namespace-gone"
        : !seen.Workloads.Any(w => w.Component == "gateway") ? "gateway-gone"
        : seen.Workloads.Any(w => w.Stalled && w.Reason.Contains("exceeded quota", StringComparison.Ordinal)) ? "quota-exceeded"
        : seen.Workloads.Any(w => w.Stalled) ? "pods-refused"
        : seen.GatewayService is null ? "service-gone"
        : reason.StartsWith("Autoscaling", StringComparison.Ordinal) ? "autoscaling"
        : seen.Services.Any(s => s is { Type: "LoadBalancer", Addresses.Count: 0 }) || seen.Ingresses.Any(i => i.Addresses.Count == 0)
            ? "no-address"
        : "gateway-does-not-answer";

    private static (bool? Serves, string Effect) EffectOf(TroubleFacts facts, bool isUnknown)
    {
        if (isUnknown)
        {
            return (null, "Whether the gateway serves is not known; it keeps running without the portal.");
        }

        var gateway = facts.Seen?.Workloads.Where(w => w.Component == "gateway").ToList() ?? [];
        var (ready, wanted) = (gateway.Sum(w => w.Ready), gateway.Sum(w => w.Desired));
        if (facts.Applied == 0)
        {
            return (false, facts.Failed?.Message.StartsWith(Preflight, StringComparison.Ordinal) == true
                ? "Nothing was applied, and nothing serves yet: it was the first revision."
                : "Nothing serves: it was the first revision, so there is none to go back to.");
        }

        return facts.Health switch
        {
            HealthStatus.Healthy => (true, $"v{facts.Applied} serves on."),
            HealthStatus.Degraded => (
                true,
                ready < wanted ? $"It serves, with {ready} of {Plural.Of(wanted, "pod")}." : "It serves."
            ),
            HealthStatus.Unhealthy => (false, "Callers get no answer from it."),
            _ => (null, $"v{facts.Applied} was the last one that served."),
        };
    }

    private static DateTime? SinceOf(TroubleFacts facts, bool isSick) =>
        (facts.Failed?.EndedAt, isSick ? facts.HealthSince : null) switch
        {
            ({ } ended, { } sick) when facts.HasFailed && facts.Applied == 0 => ended < sick ? ended : sick,
            (_, { } sick) => sick,
            ({ } ended, _) when facts.HasFailed => ended,
            _ => facts.HealthSince,
        };

    private static string Who(PodObservation pod, TroubleFacts facts) =>
        pod.Component switch
        {
            "gateway" when facts.Seen!.GatewayPods.Any(p => p.Ready) => "A pod of the gateway",
            "gateway" => "The gateway",
            "redis" => "Redis",
            "dataservice" => "The data service",
            var part => $"Part {part}",
        };

    private static string Sentence(string text) => text.EndsWith('.') ? text : text + ".";

    // Pod portkey-gateway-5d4f-x2 cannot get its image …; what stands before it says how long was waited.
    [GeneratedRegex(
        @"\b[Pp]od (?<name>[-.a-z0-9]{1,253}) (?<says>(cannot|runs|ends|has ended|needs more|finds no|waits for|was put|was evicted)\b.{1,1000})$",
        RegexOptions.ExplicitCapture | RegexOptions.Singleline,
        1000
    )]
    private static partial Regex PodSays();
}
