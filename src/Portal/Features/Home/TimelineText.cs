using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Web.Features.Home;

/// <summary>Says an event of the history as a sentence: who, did what, to what.</summary>
internal static class TimelineText
{
    public static string Who(RecentEvent item) => item.ActorName.Length > 0 ? item.ActorName : AuditActions.Portal;

    public static string Did(RecentEvent item) =>
        item.Action switch
        {
            "request.proposed" => "asked to",
            "request.approved" => "approved the request to",
            "request.rejected" => "rejected the request to",
            "request.cancelled" => "withdrew the request to",
            "operation.started" => "began to",
            "operation.failed" => "failed to",
            "operation.cancelled" => "was stopped before it could",
            "operation.cancel-requested" => "asked to stop the attempt to",
            "operation.retried" => "asked to try again to",
            "environment.applied" or "environment.deleted" => "finished the work to",
            "preflight.requested" => "asked for a new preflight of the request to",
            "preflight.finished" => "finished the preflight of the request to",
            "health.changed" => "saw a change in the health of",
            "credential.policy" => "changed the policy of",
            "cluster.secretDelivery" => "changed how secrets get into",
            "credential.reminder" => "reminded of the expiry of",
            "credential.anomaly" => "saw a difference in the vault about",
            "secret.stored" => "stored a new version of",
            _ => item.Action.Replace('.', ' ').Replace('-', ' '),
        };

    // 'rollback payments-dev' is the name of a request; the verb has a space.
    public static string What(RecentEvent item) =>
        item.TargetName.StartsWith("rollback ", StringComparison.Ordinal)
            ? "roll back " + item.TargetName["rollback ".Length..]
            : item.TargetName;
}
