using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Credentials;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Teams;

namespace Portkey.Portal.Provisioning.Requests;

/// <summary>An administrator's decision in advance: that a credential rotates by itself when it is due, in its window.</summary>
/// <param name="PersonId">Administrator who decided so.</param>
/// <param name="DecidedAt">UTC time they did.</param>
/// <param name="Credential">Credential.</param>
/// <param name="Window">Its window; empty for any time.</param>
/// <param name="Reason">In words, for the request.</param>
internal sealed partial record StandingApproval(string PersonId, DateTime? DecidedAt, Guid Credential, string Window, string Reason)
{
    /// <summary>That which covers a request, or why there is none. It covers one version of one secret, and nothing that comes with it.</summary>
    public static async Task<(StandingApproval? By, string WhyNot)> FindAsync(PortalDbContext db, ChangeRequest request, Guid credential, DateTime now, CancellationToken cancellationToken)
    {
        var reference = await db.SecretReferences.AsNoTracking().FirstOrDefaultAsync(r => r.Id == credential, cancellationToken);
        if (reference is not { IsUnattended: true } || request.RequestedBy != AuditTrail.System || request.EnvironmentId != reference.EnvironmentId)
        {
            return (null, "its policy does not have it rotate by itself");
        }

        if (MaintenanceWindow.TryParse(reference.Window)?.IsOpen(now) != true)
        {
            return (null, "its maintenance window is closed");
        }

        var state = ProviderState.Of(reference);
        var access = state.UnattendedBy is { } by ? await PeopleService.FindAsync(db, by, cancellationToken) : null;
        if (access is not { IsAdministrator: true })
        {
            return (null, "whoever had it rotate by itself is no administrator any more, so an administrator approves it, or sets its policy anew");
        }

        if (!await BringsThatAloneAsync(db, request, reference.Key, cancellationToken))
        {
            return (null, "more than this secret would change, which an administrator has to look at");
        }

        return (new StandingApproval(access.PersonId, state.UnattendedAt, credential, reference.Window, $"By policy: {access.DisplayName} had {reference.Key} rotate by itself when it is due{(reference.Window.Length > 0 ? $", {reference.Window} UTC" : "")}."), "");
    }

    private static async Task<bool> BringsThatAloneAsync(PortalDbContext db, ChangeRequest request, string key, CancellationToken cancellationToken)
    {
        var applied = await db.Environments.Where(e => e.Id == request.EnvironmentId).Select(e => e.AppliedRevision).FirstAsync(cancellationToken);
        var runs = await db.Revisions.AsNoTracking().FirstOrDefaultAsync(r => r.EnvironmentId == request.EnvironmentId && r.Number == applied, cancellationToken);
        if (request.Kind != RequestKind.Rotate || runs is null || runs.SpecJson != request.SpecJson || runs.ChartVersionId != request.ChartVersionId || runs.Profile != request.Profile
            || Nameless(runs.ManifestYaml) != Nameless(request.ManifestYaml) || Nameless(runs.ValuesYaml) != Nameless(request.ValuesYaml))
        {
            return false;
        }

        var (before, after) = (SecretPins.Read(runs.SecretVersionsJson).ToDictionary(), SecretPins.Read(request.SecretVersionsJson).ToDictionary());
        return before.Remove(key) && after.Remove(key) && before.Count == after.Count && before.All(p => after.GetValueOrDefault(p.Key) == p.Value);
    }

    // Secrets are named by their versions, and pods carry hashes over what they are started with; all else is the same to the letter.
    private static string Nameless(string text) => NamedByVersion().Replace(text, "*");

    [GeneratedRegex(@"(?<=-(?:env|pull)-)[0-9a-f]{12}\b|\b[0-9a-f]{64}\b", RegexOptions.ExplicitCapture)]
    private static partial Regex NamedByVersion();
}
