using System.Runtime.CompilerServices;
using Azure.Core;
using Azure.Security.KeyVault.Secrets;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>
/// Reads secrets that an operator made in the portal's Key Vault. It has its own client: a process of role web has no other way to
/// read from a vault, and needs the right only to the one secret that wraps the portal's keys.
/// </summary>
internal sealed class KeyVaultNamedSecrets : INamedSecrets
{
    private readonly SecretClient client;
    private readonly TimeSpan limit;

    public KeyVaultNamedSecrets(VaultOptions options, TokenCredential credential, TimeProvider time)
    {
        limit = TimeSpan.FromSeconds(options.TimeoutSeconds);
        client = KeyVaultClients.Create(new Uri(options.Address), options, credential, time, transport: null);
    }

    public Task<NamedSecret> NewestAsync(string name, CancellationToken cancellationToken) =>
        AskAsync(name, "get", async ct => Of((await client.GetSecretAsync(name, cancellationToken: ct)).Value), cancellationToken);

    public async IAsyncEnumerable<NamedSecret> VersionsAsync(string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var versions = await AskAsync(
            name,
            "list",
            async ct =>
            {
                var enabled = new List<string>();
                await foreach (var version in client.GetPropertiesOfSecretVersionsAsync(name, ct))
                {
                    if (version.Enabled == true)
                    {
                        enabled.Add(version.Version);
                    }
                }

                return enabled;
            },
            cancellationToken
        );
        foreach (var version in versions)
        {
            yield return await AskAsync(
                name,
                "get",
                async ct => Of((await client.GetSecretAsync(name, version, cancellationToken: ct)).Value),
                cancellationToken
            );
        }
    }

    private static NamedSecret Of(KeyVaultSecret secret) => new(new SecretValue(secret.Value), secret.Properties.VaultUri?.Host ?? "");

    private async Task<T> AskAsync<T>(string name, string verb, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit);
        try
        {
            return await ask(limited.Token);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            throw new KeyVaultErrors(client.VaultUri.Host, limit).Of(problem, name, verb);
        }
    }
}
