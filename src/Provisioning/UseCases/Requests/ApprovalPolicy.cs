using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Who must agree. Pure; the answer is stored with the request when it is made and never looked up again.</summary>
public static class ApprovalPolicy
{
    /// <summary>The rule for a new request.</summary>
    public static PolicyView For(RequestKind kind) =>
        new("administrator", 1, $"One administrator who did not make the request approves {Noun(kind)}.");

    private static string Noun(RequestKind kind) =>
        kind switch
        {
            RequestKind.Create => "a new environment",
            RequestKind.Rotate => "a rotation",
            RequestKind.Delete => "a deletion",
            RequestKind.Upgrade => "an upgrade",
            _ => $"a {kind.ToString().ToLowerInvariant()}",
        };

    /// <summary>Why this person may not decide; empty when they may.</summary>
    public static string WhyNotDecide(Access access, string requestedBy, RequestState state) =>
        state != RequestState.Pending ? $"It is {state.ToString().ToLowerInvariant()} already."
        : !access.IsAdministrator ? "Only administrators can decide."
        : access.PersonId == requestedBy ? "You made this request yourself; another administrator must decide."
        : "";
}
