namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>
/// What history can say, in words. Events hold the code, which is signed and permanent; people read, and search for, the words. An action
/// that is written anywhere has its words here (<c>AuditActionTests</c> looks).
/// </summary>
public static class AuditActions
{
    private static readonly Dictionary<string, string> All = new(StringComparer.Ordinal)
    {
        ["request.proposed"] = "Request made",
        ["request.approved"] = "Request approved",
        ["request.rejected"] = "Request rejected",
        ["request.cancelled"] = "Request taken back",
        ["preflight.requested"] = "Preflight asked for",
        ["preflight.finished"] = "Preflight finished",
        ["operation.started"] = "Operation started",
        ["operation.failed"] = "Operation failed",
        ["operation.cancelled"] = "Operation stopped",
        ["operation.cancel-requested"] = "Operation told to stop",
        ["operation.retried"] = "Operation tried again",
        ["approval.violated"] = "Operation refused: not what was approved",
        ["environment.applied"] = "Environment brought to its new revision",
        ["environment.deleted"] = "Environment deleted",
        ["health.changed"] = "Health changed",
        ["secret.stored"] = "Secret stored",
        ["secret.issued"] = "Secret issued by its provider",
        ["credential.created"] = "Shared credential created",
        ["credential.policy"] = "Credential policy changed",
        ["credential.provider"] = "Credential provider changed",
        ["credential.reminder"] = "Reminder of an expiry",
        ["credential.anomaly"] = "Difference between vault and portal",
        ["credential.orphan-removed"] = "Orphaned secret removed",
        ["rotation.proposed"] = "Rotation asked for",
        ["rotation.approved"] = "Rotation approved",
        ["rotation.rejected"] = "Rotation rejected",
        ["rotation.cancelled"] = "Rotation taken back",
        ["rotation.failed"] = "Rotation stopped at a failure",
        ["rotation.succeeded"] = "Rotation finished",
        ["change.proposed"] = "Change proposed",
        ["change.approved"] = "Change approved",
        ["change.rejected"] = "Change rejected",
        ["change.cancelled"] = "Change taken back",
        ["change.expired"] = "Change expired",
        ["change.bootstrap"] = "Change made by a single administrator",
        ["bootstrap.ended"] = "Second administrator signed in",
        ["cluster.registered"] = "Cluster registered",
        ["cluster.kubeconfig-replaced"] = "Kubeconfig replaced",
        ["cluster.pinned"] = "Identity of a cluster noted",
        ["cluster.refused"] = "Cluster refused: not the one that was registered",
        ["cluster.secretDelivery"] = "Delivery of secrets changed",
        ["cluster.preflightJobs"] = "Preflight Jobs allowed or forbidden",
        ["chart.registered"] = "Chart registered",
        ["chart.retired"] = "Chart retired",
        ["chart.restored"] = "Chart restored",
        ["chart.default"] = "Default chart changed",
        ["profile.changed"] = "Profile changed",
        ["values.imported"] = "Values imported",
        ["session.ended"] = "Session ended",
        ["audit.key-created"] = "Audit key created",
        ["audit.seals-begun"] = "Seals begun",
        ["audit.seals-put-aside"] = "Seals put aside",
    };

    /// <summary>Actor of what nobody asked for.</summary>
    public const string Portal = "The portal";

    /// <summary>Codes and their words, by subject.</summary>
    public static IReadOnlyDictionary<string, string> Words => All;

    /// <summary>The action in words; one of an older release, which is no longer known, as well as possible.</summary>
    public static string WordsOf(string action) =>
        All.TryGetValue(action, out var words) ? words
        : action.Length == 0 ? "Event"
        : char.ToUpperInvariant(action[0]) + action[1..].Replace('.', ' ').Replace('-', ' ');

    /// <summary>Codes that a search text means: the code itself, or every code whose words contain all of its words.</summary>
    internal static IReadOnlyList<string> Meant(string text)
    {
        if (All.ContainsKey(text))
        {
            return [text];
        }

        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var whole = All.Where(a => a.Value.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase)).Select(a => a.Key).ToList();
        return whole.Count > 0
            ? whole
            : [text, .. All.Where(a => parts.All(p => a.Value.Contains(p, StringComparison.OrdinalIgnoreCase))).Select(a => a.Key)];
    }
}
