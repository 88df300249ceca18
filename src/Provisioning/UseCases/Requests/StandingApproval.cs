using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>An administrator's decision in advance: that a credential rotates by itself when it is due, in its window.</summary>
/// <param name="PersonId">Administrator who decided so.</param>
/// <param name="DecidedAt">UTC time they did.</param>
/// <param name="Credential">Credential.</param>
/// <param name="Window">Its window; empty for any time.</param>
/// <param name="Reason">In words, for the request.</param>
internal sealed record StandingApproval(string PersonId, DateTime? DecidedAt, Guid Credential, string Window, string Reason)
{
    /// <summary>The decision that covers a request, or why there is none. It covers one version of one secret, and nothing that comes with
    /// it.</summary>
    public static async Task<(StandingApproval? By, string WhyNot)> FindAsync(
        PortalDbContext db,
        ChangeRequest request,
        Guid credential,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var reference = await db.SecretReferences.AsNoTracking().FirstOrDefaultAsync(r => r.Id == credential, cancellationToken);
        if (
            reference is not { IsUnattended: true }
            || request.RequestedBy != AuditTrail.System
            || request.EnvironmentId != reference.EnvironmentId
        )
        {
            return (null, "its policy does not let it rotate by itself");
        }

        if (MaintenanceWindow.TryParse(reference.Window)?.IsOpen(now) != true)
        {
            return (null, "its maintenance window is closed");
        }

        var access = reference.UnattendedBy is { } by ? await PeopleService.FindAsync(db, by, cancellationToken) : null;
        if (access is not { IsAdministrator: true })
        {
            return (
                null,
                "the person who had it rotate by itself is no longer an administrator, so an administrator must approve it, or set its policy again"
            );
        }

        if (!await BringsThatAloneAsync(db, request, reference.Key, cancellationToken))
        {
            return (null, "more than this secret would change, so an administrator must check it");
        }

        // What a person stored was decided by that person; what the provider made, by whoever set the provider.
        var brought = request.Secrets.First(s => s.Key == reference.Key);
        if (
            !await db.SecretVersions.AnyAsync(
                v =>
                    v.SecretReferenceId == reference.Id
                    && v.Number == brought.Number
                    && v.VaultVersion == brought.VaultVersion
                    && v.ProviderMark != null,
                cancellationToken
            )
        )
        {
            return (null, $"its provider did not make version v{brought.Number}, so an administrator must check its origin");
        }

        return (
            new StandingApproval(
                access.PersonId,
                reference.UnattendedAt,
                credential,
                reference.Window,
                $"By policy: {access.DisplayName} had {reference.Key} rotate by itself when it is due{(reference.Window.Length > 0 ? $", {reference.Window} UTC" : "")}."
            ),
            ""
        );
    }

    private static async Task<bool> BringsThatAloneAsync(
        PortalDbContext db,
        ChangeRequest request,
        string key,
        CancellationToken cancellationToken
    )
    {
        var where = await db.Environments.AsNoTracking().FirstAsync(e => e.Id == request.EnvironmentId, cancellationToken);
        var runs = await db
            .Revisions.AsNoTracking()
            .WithSecrets()
            .FirstOrDefaultAsync(r => r.EnvironmentId == where.Id && r.Number == where.AppliedRevision, cancellationToken);
        if (
            request.Kind != RequestKind.Rotate
            || runs is null
            || runs.Content.SpecJson != request.Content.SpecJson
            || runs.Content.ChartVersionId != request.Content.ChartVersionId
            || runs.Content.Profile != request.Content.Profile
        )
        {
            return false;
        }

        var (before, after) = (SecretPins.Of(runs.Secrets), SecretPins.Of(request.Secrets));
        return before.Count == after.Count
            && before.ContainsKey(key)
            && after.ContainsKey(key)
            && before.All(p => p.Key == key || after.GetValueOrDefault(p.Key) == p.Value)
            && Before(runs.Content.ManifestYaml) == After(request.Content.ManifestYaml)
            && Before(runs.Content.ValuesYaml) == After(request.Content.ValuesYaml);

        string Before(string text) => Nameless(text, where.ReleaseName, request.Content.SpecJson, before);

        string After(string text) => Nameless(text, where.ReleaseName, request.Content.SpecJson, after);
    }

    // Secrets are named by their versions; all else is the same to the letter. A name that looks like a number stands in quotes.
    private static string Nameless(string text, string release, string specJson, IReadOnlyDictionary<string, SecretPin> pins)
    {
        foreach (
            var name in new[]
            {
                SecretPins.Fingerprint(SecretPins.OfEnvironment(pins)),
                PullSecret.Of(release, PortalJson.Read<EnvironmentSpec>(specJson), pins)?.Name,
            }.OfType<string>()
        )
        {
            text = text.Replace($"\"{name}\"", "*", StringComparison.Ordinal)
                .Replace($"'{name}'", "*", StringComparison.Ordinal)
                .Replace(name, "*", StringComparison.Ordinal);
        }

        return text;
    }
}
