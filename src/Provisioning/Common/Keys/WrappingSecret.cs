using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Common.Keys;

/// <summary>Reads the one secret of the portal's own vault that wraps the portal's keys.</summary>
internal sealed class WrappingSecret(IOptions<ProvisioningOptions> options, ICloud cloud, IServiceProvider services)
{
    /// <summary>Whether configuration names one.</summary>
    public bool IsConfigured => options.Value.KeyEncryptionSecret.Length > 0;

    private string Name => options.Value.KeyEncryptionSecret;

    /// <summary>The newest version.</summary>
    public Task<WrappingKey> ReadAsync(CancellationToken cancellationToken) =>
        AskAsync(async secrets => KeyOf(await secrets.NewestAsync(Name, cancellationToken)), cancellationToken);

    /// <summary>The older version of this name; null when there is none.</summary>
    public Task<WrappingKey?> FindAsync(string name, CancellationToken cancellationToken) =>
        AskAsync<WrappingKey?>(
            async secrets =>
            {
                await foreach (var version in secrets.VersionsAsync(Name, cancellationToken))
                {
                    if (KeyOf(version) is var key && key.Name == name)
                    {
                        return key;
                    }
                }

                return null;
            },
            cancellationToken
        );

    // The same bytes as in a file give the same key, so that one process may have the secret and another the file.
    private WrappingKey KeyOf(NamedSecret secret) =>
        Encoding.UTF8.GetBytes(secret.Value.Reveal()) is { Length: >= WrappingKeys.Length } bytes
            ? new WrappingKey(SHA256.HashData(bytes), $"secret '{Name}' of {secret.Place}")
            : throw new StartRefusedException(
                $"Portal:KeyEncryptionSecret: the secret '{Name}' must hold at least {WrappingKeys.Length} random characters."
            );

    private async Task<T> AskAsync<T>(Func<INamedSecrets, Task<T>> ask, CancellationToken cancellationToken)
    {
        if (cloud.OpenNamedSecrets(services) is not { } secrets)
        {
            throw new StartRefusedException(
                $"Portal:KeyEncryptionSecret names a secret of Key Vault, but {VaultOptions.Section}:Kind is not azure. The local vault is encrypted by these keys itself: remove the setting and name a file in Portal:KeyRingKeyFile."
            );
        }

        try
        {
            return await ask(secrets);
        }
        catch (VaultException problem) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StartRefusedException(
                $"Portal:KeyEncryptionSecret: {problem.Message} The secret must exist before the portal starts (az keyvault secret set --name {Name} --value \"$(openssl rand -base64 32)\"), and the portal's identity needs 'Key Vault Secrets User' with that secret as its scope."
            );
        }
    }
}
