using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>A version as the portal knows it.</summary>
/// <param name="ReferenceId">Credential.</param>
/// <param name="Key">Its setting.</param>
/// <param name="Number">Number of the version.</param>
/// <param name="State">State.</param>
/// <param name="IsLive">Whether its environment exists, is being asked for, or somebody uses the shared one.</param>
/// <param name="IsOvertaken">Whether a later version is in use, so that this one never will be.</param>
internal sealed record KnownVersion(Guid ReferenceId, string Key, int Number, SecretVersionState State, bool IsLive, bool IsOvertaken);

/// <summary>A difference, before it is written down.</summary>
internal sealed record Difference(SecretAnomalyKind Kind, string VaultName, string VaultVersion, Guid? ReferenceId, string Detail);

/// <summary>
/// Compares the vault with the portal's rows. A version that was in use before is left alone: while a rotation soaks it is the way back,
/// and outside of one a rollback may point at it.
/// </summary>
internal static class VaultComparison
{
    /// <summary>Age from which an entry that nothing names is no longer work in progress.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>Of one entry; null where all is as it should be.</summary>
    public static Difference? Of(VaultEntry entry, KnownVersion? known, DateTime now)
    {
        if (known is { State: SecretVersionState.Current, IsLive: true })
        {
            return entry.IsEnabled
                ? null
                : new(
                    SecretAnomalyKind.Disabled,
                    entry.Name,
                    entry.Version,
                    known.ReferenceId,
                    $"{known.Key} v{known.Number} is in use, but disabled in the vault: pods that start now fail. Enable it there, or store a new version and rotate."
                );
        }

        if (!entry.IsEnabled || now - entry.CreatedAt < Grace || !IsOurs(entry.Name))
        {
            return null;
        }

        var why = known switch
        {
            null =>
                "Nothing in the portal names it: it is left over from a command that was refused or interrupted. Remove it once you know that nobody else uses it.",
            { State: SecretVersionState.Disabled } =>
                $"{known.Key} v{known.Number} is disabled for the portal, but still enabled in the vault. Disable it there.",
            { IsLive: false } => $"{known.Key} v{known.Number} was stored for an environment that does not exist. Disable it in the vault.",
            { State: SecretVersionState.Pending, IsOvertaken: true } =>
                $"{known.Key} v{known.Number} was never used, and a later version is in use. Disable it in the vault.",
            _ => null,
        };
        return why is null ? null : new(SecretAnomalyKind.Unused, entry.Name, entry.Version, known?.ReferenceId, why);
    }

    /// <summary>Of a version that the vault did not list.</summary>
    public static Difference? OfMissing(string name, string version, KnownVersion known) =>
        known is { State: SecretVersionState.Current, IsLive: true }
            ? new(
                SecretAnomalyKind.Missing,
                name,
                version,
                known.ReferenceId,
                $"{known.Key} v{known.Number} is in use, but the vault does not have it: pods that start now fail. Store a new version and rotate."
            )
            : null;

    // A vault may also hold other people's secrets. In a team's vault the vault's name comes first.
    private static bool IsOurs(string name)
    {
        var own = name[(name.LastIndexOf('/') + 1)..];
        return own.StartsWith("env-", StringComparison.Ordinal)
            || own.StartsWith("shared-", StringComparison.Ordinal)
            || own.StartsWith("kubeconfig-", StringComparison.Ordinal)
            || (own.StartsWith("cluster-", StringComparison.Ordinal) && own.EndsWith("-kubeconfig", StringComparison.Ordinal));
    }
}
