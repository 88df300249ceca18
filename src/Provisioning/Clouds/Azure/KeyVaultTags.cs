using Azure.Security.KeyVault.Secrets;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>Attributes as Key Vault keeps them. Whoever may list the vault sees tags, so they hold names and nothing secret.</summary>
internal static class KeyVaultTags
{
    private const string Owner = "managed-by";
    private const string Portal = "portkey-portal";
    private const string Environment = "environment";
    private const string Purpose = "purpose";

    public static void Write(SecretProperties properties, SecretAttributes attributes)
    {
        properties.ContentType = attributes.ContentType;
        properties.ExpiresOn = attributes.ExpiresAt is { } at ? new DateTimeOffset(DateTime.SpecifyKind(at, DateTimeKind.Utc)) : null;
        properties.Tags[Owner] = Portal;
        if (attributes.EnvironmentId.Length > 0)
        {
            properties.Tags[Environment] = attributes.EnvironmentId;
        }

        properties.Tags[Purpose] = attributes.Purpose;
    }

    public static bool IsOurs(SecretProperties properties) => properties.Tags.TryGetValue(Owner, out var owner) && owner == Portal;

    public static VaultEntry Read(string qualified, SecretProperties properties) =>
        new(
            qualified,
            properties.Version,
            properties.Enabled ?? true,
            properties.CreatedOn?.UtcDateTime ?? DateTime.UnixEpoch,
            properties.ExpiresOn?.UtcDateTime,
            properties.Tags.TryGetValue(Environment, out var environment) ? environment : "",
            properties.Tags.TryGetValue(Purpose, out var purpose) ? purpose : ""
        );
}
