using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>
/// Whether a stored registry password may be shown to the registry that a proposal names. The requester also names the registry, and must
/// not make the portal send it a password that somebody else stored: only an approval says that the two belong together.
/// </summary>
internal static class RegistryTrust
{
    /// <summary>The message where it may not.</summary>
    public const string WhyNot =
        "Registries were asked without credentials: nobody has approved yet that the stored password goes to this registry and user.";

    /// <summary>Judges a proposal for an environment, by its revisions.</summary>
    /// <param name="db">Database.</param>
    /// <param name="environmentId">Environment; one that is not there yet has no revisions.</param>
    /// <param name="spec">What is proposed.</param>
    /// <param name="pins">Its secrets.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<bool> MaySignInAsync(
        PortalDbContext db,
        Guid environmentId,
        EnvironmentSpec spec,
        IReadOnlyDictionary<string, SecretPin> pins,
        CancellationToken cancellationToken
    )
    {
        if (pins.GetValueOrDefault(SettingKeys.RegistryPassword) is not { } pin)
        {
            return true; // there is none to show
        }

        var approved = await db
            .Revisions.Where(r =>
                r.EnvironmentId == environmentId
                && r.Secrets.Any(s =>
                    s.Key == SettingKeys.RegistryPassword && s.VaultName == pin.VaultName && s.VaultVersion == pin.VaultVersion
                )
            )
            .Select(r => r.Content.SpecJson)
            .ToListAsync(cancellationToken);
        return MaySignIn(spec, [.. approved.Select(PortalJson.Read<EnvironmentSpec>)]);
    }

    /// <summary>A password that no revision has came with the proposal, unless it is a team's shared one. Pure.</summary>
    /// <param name="spec">What is proposed.</param>
    /// <param name="with">Specs of revisions that have this very password.</param>
    public static bool MaySignIn(EnvironmentSpec spec, IReadOnlyList<EnvironmentSpec> with)
    {
        var isShared = spec.SharedSecrets?.ContainsKey(SettingKeys.RegistryPassword) == true;
        return with.Count == 0
            ? !isShared
            : with.Any(s =>
                Of(s, SettingKeys.RegistryServer) == Of(spec, SettingKeys.RegistryServer)
                && Of(s, SettingKeys.RegistryUsername) == Of(spec, SettingKeys.RegistryUsername)
            );
    }

    private static string Of(EnvironmentSpec spec, string key) => SpecValidator.Value(spec)(key);
}
