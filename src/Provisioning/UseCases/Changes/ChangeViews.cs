using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Changes;

/// <summary>One fact of a change.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Before">Before; empty for none.</param>
/// <param name="After">After; empty for none.</param>
public sealed record ChangedFact(string Name, string Before, string After);

/// <summary>A change of portal-wide rules, as people see it.</summary>
public sealed record ChangeView(
    Guid Id,
    GovernanceKind Kind,
    string Target,
    string Summary,
    GovernanceState State,
    string Digest,
    IReadOnlyList<ChangedFact> Facts,
    string ProposedBy,
    string ProposedByName,
    DateTime ProposedAt,
    DateTime ExpiresAt,
    string DecidedBy,
    DateTime? DecidedAt,
    string Reason,
    bool IsBootstrap,
    DecisionRights May
)
{
    internal static ChangeView Of(GovernanceChange c, string proposer, Access access, DateTime now)
    {
        var (before, after) = (
            PortalJson.Read<Dictionary<string, string>>(c.BeforeJson),
            PortalJson.Read<Dictionary<string, string>>(c.AfterJson)
        );
        var facts = before
            .Keys.Union(after.Keys, StringComparer.Ordinal)
            .Select(n => new ChangedFact(n, before.GetValueOrDefault(n, ""), after.GetValueOrDefault(n, "")))
            .ToList();
        return new ChangeView(
            c.Id,
            c.Kind,
            c.TargetName,
            c.Summary,
            c.State,
            c.ContentDigest,
            facts,
            c.ProposedBy,
            proposer,
            c.ProposedAt,
            c.ExpiresAt,
            c.DecidedBy,
            c.DecidedAt,
            c.Reason,
            c.IsBootstrap,
            Rights(c, access, now)
        );
    }

    internal static DecisionRights Rights(GovernanceChange c, Access access, DateTime now)
    {
        var isOpen = c.State == GovernanceState.Pending;
        var whyNot =
            !isOpen ? ""
            : !access.IsAdministrator ? "A second administrator decides on it."
            : c.ProposedBy == access.PersonId ? "You proposed it, so another administrator decides on it."
            : c.ExpiresAt <= now ? "Nobody decided in time, so it must be proposed again."
            : "";
        return new DecisionRights(
            isOpen && whyNot.Length == 0,
            isOpen && access.IsAdministrator && c.ProposedBy == access.PersonId,
            whyNot
        );
    }
}
