using System.Security.Cryptography;
using System.Text;
using Azure.Security.KeyVault.Secrets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Provisioning.Keys;

/// <summary>
/// Reads the one secret of the portal's Key Vault that wraps the portal's keys. It has a client of its own: a process of role web has no
/// other means to read from a vault, and needs the right to this one secret only.
/// </summary>
internal sealed class WrappingSecret(IOptions<ProvisioningOptions> options, IOptions<VaultOptions> vault, IHostEnvironment environment, TimeProvider time)
{
    /// <summary>Whether configuration names one.</summary>
    public bool IsConfigured => options.Value.KeyEncryptionSecret.Length > 0;

    private string Name => options.Value.KeyEncryptionSecret;

    /// <summary>The newest version.</summary>
    public async Task<WrappingKey> ReadAsync(CancellationToken cancellationToken) => await AskAsync(
        "get",
        async (client, ct) => KeyOf((await client.GetSecretAsync(Name, cancellationToken: ct)).Value),
        cancellationToken);

    /// <summary>The older version of this name; null when there is none.</summary>
    public Task<WrappingKey?> FindAsync(string name, CancellationToken cancellationToken) => AskAsync<WrappingKey?>(
        "list",
        async (client, ct) =>
        {
            await foreach (var version in client.GetPropertiesOfSecretVersionsAsync(Name, ct))
            {
                if (version.Enabled == true && KeyOf((await client.GetSecretAsync(Name, version.Version, cancellationToken: ct)).Value) is var key && key.Name == name)
                {
                    return key;
                }
            }

            return null;
        },
        cancellationToken);

    // The bytes count as those of a file do, so that one process may have the secret and another the file.
    private WrappingKey KeyOf(KeyVaultSecret secret) => Encoding.UTF8.GetBytes(secret.Value) is { Length: >= WrappingKeys.Length } bytes
        ? new WrappingKey(SHA256.HashData(bytes), $"secret '{Name}' of {secret.Properties.VaultUri?.Host}")
        : throw new StartRefusedException($"Portal:KeyEncryptionSecret: the secret '{Name}' is to hold at least {WrappingKeys.Length} random characters.");

    private async Task<T> AskAsync<T>(string verb, Func<SecretClient, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        if (!vault.Value.IsAzure)
        {
            throw new StartRefusedException($"Portal:KeyEncryptionSecret names a secret of Key Vault, but {VaultOptions.Section}:Kind is not azure. The local vault is encrypted by these keys itself: take the setting away and name a file in Portal:KeyRingKeyFile.");
        }

        var limit = TimeSpan.FromSeconds(vault.Value.TimeoutSeconds);
        var client = KeyVaultClients.Create(new Uri(vault.Value.Address), vault.Value, KeyVaultCredential.Create(vault.Value, environment.IsDevelopment()), time, transport: null);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit);
        try
        {
            return await ask(client, limited.Token);
        }
        catch (Exception problem) when (problem is not StartRefusedException && !cancellationToken.IsCancellationRequested)
        {
            var said = new KeyVaultErrors(client.VaultUri.Host, limit).Of(problem, Name, verb);
            throw new StartRefusedException(
                $"Portal:KeyEncryptionSecret: {said.Message} The secret has to be there before the portal starts (az keyvault secret set --name {Name} --value \"$(openssl rand -base64 32)\"), and the portal's identity needs 'Key Vault Secrets User' with that secret as its scope.");
        }
    }
}
