using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Stores new versions of secrets in the vault and records them.</summary>
public sealed class SecretStore(UnitOfWork work, ISecretWriter vault, AuditTrail audit, LiveUpdates live, TimeProvider time)
{
    internal async Task<string> StoreAsync(
        Caller caller,
        GatewayEnvironment environment,
        string key,
        SecretValue value,
        DateTime? expiresAt,
        CancellationToken cancellationToken
    )
    {
        if (environment.State is EnvironmentState.Deleting or EnvironmentState.Deleted)
        {
            throw new ConflictException(
                "environment-gone",
                $"{environment.Name} is {environment.State.ToString().ToLowerInvariant()}; it takes no new secrets."
            );
        }

        var known = SettingsCatalog.ByKey.GetValueOrDefault(key);
        if (
            key != SettingKeys.RedisAdminUrl
            && !(known is null ? await IsUsedAsync(environment, key, cancellationToken) : known.View.IsSecret || known.MayBeSecret)
        )
        {
            throw new InvalidInputException(
                "key",
                "There is no secret of this name. GET /api/v1/settings lists all of them; an unknown one must first come with a request."
            );
        }

        var text = value.Reveal();
        if (
            (
                key == SettingKeys.RedisAdminUrl ? AdminUrls.Check(text)
                : known is null ? SpecValidator.CheckSecret(text)
                : SpecValidator.CheckSecret(known, text)
            ) is
            { } wrong
        )
        {
            throw new InvalidInputException("value", wrong);
        }

        if (expiresAt <= time.GetUtcNow().UtcDateTime)
        {
            throw new InvalidInputException("expires", "It must be in the future: an expired value is of no use.");
        }

        var name = await NameAsync(environment, key, cancellationToken);
        var version = await vault.StoreAsync(
            name,
            value,
            new SecretAttributes(environment.Id.ToString(), key, expiresAt),
            cancellationToken
        );
        var number = await vault.OrDiscardAsync(
            [new(name, version)],
            () =>
                work.WriteAsync(
                    async db =>
                    {
                        var stored = await SecretRows.AddVersionAsync(
                            db,
                            environment.Id,
                            environment.TeamId,
                            key,
                            new SecretPin(name, 0, version) { Address = EgressNeeds.AddressOf(value.Reveal()) },
                            caller.PersonId,
                            time.GetUtcNow().UtcDateTime,
                            expiresAt,
                            cancellationToken
                        );
                        await audit.AppendAsync(
                            db,
                            caller,
                            new AuditEntry("secret.stored", "secret", name, $"{key} of {environment.Name}")
                            {
                                EnvironmentId = environment.Id,
                                TeamId = environment.TeamId,
                                After = expiresAt is null ? new { version = $"v{stored}" } : new { version = $"v{stored}", expiresAt },
                            },
                            cancellationToken
                        );
                        return stored;
                    },
                    cancellationToken
                )
        );
        live.Publish(environment.Id);
        return $"v{number}";
    }

    // An approver has seen it once: unknown settings never start here.
    private Task<bool> IsUsedAsync(GatewayEnvironment environment, string key, CancellationToken cancellationToken) =>
        work.ReadAsync(
            db => db.SecretReferences.AnyAsync(r => r.EnvironmentId == environment.Id && r.Key == key, cancellationToken),
            cancellationToken
        );

    // Where the secret already is: all its versions are in one vault, even after its team was given another.
    private async Task<string> NameAsync(GatewayEnvironment environment, string key, CancellationToken cancellationToken) =>
        await work.ReadAsync(
            async db =>
                await db
                    .SecretReferences.Where(r => r.EnvironmentId == environment.Id && r.Key == key)
                    .Select(r => r.VaultName)
                    .FirstOrDefaultAsync(cancellationToken)
                ?? vault.NameFor(
                    await db.Teams.Where(t => t.Id == environment.TeamId).Select(t => t.Name).FirstAsync(cancellationToken),
                    VaultNames.Of(environment.Id, key)
                ),
            cancellationToken
        );
}

/// <summary>Names in the vault.</summary>
internal static class VaultNames
{
    /// <summary><c>env-{id}-{purpose}</c>; ids are never reused, so neither are names.</summary>
    public static string Of(Guid environment, string key) => $"env-{environment:N}-{Purpose(key)}";

    /// <summary><c>shared-{id}-{purpose}</c>, of a credential that several environments use.</summary>
    public static string OfShared(Guid reference, string key) => $"{SharedPrefix}{reference:N}-{Purpose(key)}";

    /// <summary>Whether a qualified name is that of a shared credential.</summary>
    public static bool IsShared(string name) => name[(name.LastIndexOf('/') + 1)..].StartsWith(SharedPrefix, StringComparison.Ordinal);

    private const string SharedPrefix = "shared-";

    // Names in a vault have neither case nor underscores: two variables that differ in nothing else must not share an entry.
    private static string Purpose(string key)
    {
        var plain = key.ToLowerInvariant().Replace('_', '-');
        return key.Length <= MostPlain && !key.Any(char.IsAsciiLetterLower) && !key.StartsWith('_') && !key.EndsWith('_')
            ? plain
            : $"{plain[..Math.Min(plain.Length, MostPlain)].Trim('-')}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..8]}";
    }

    private const int MostPlain = 60;
}
