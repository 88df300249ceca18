using System.Runtime.CompilerServices;
using Azure.Security.KeyVault.Secrets;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>One Azure Key Vault.</summary>
internal sealed class KeyVault(string key, SecretClient client, TimeSpan limit)
{
    private readonly KeyVaultErrors errors = new(client.VaultUri.Host, limit);

    public async Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken)
    {
        VaultPath.Checked(value);
        var secret = new KeyVaultSecret(name, value.Reveal());
        KeyVaultTags.Write(secret.Properties, attributes);
        var stored = await AskAsync(name, "set", ct => client.SetSecretAsync(secret, ct), cancellationToken);
        return stored.Value.Properties.Version;
    }

    public async Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken)
    {
        RequireVersion(name, version);
        var read = await AskAsync(name, "get", ct => client.GetSecretAsync(name, version, cancellationToken: ct), cancellationToken);
        return new SecretValue(read.Value.Value);
    }

    public async Task DisableAsync(string name, string version, CancellationToken cancellationToken)
    {
        RequireVersion(name, version);
        var change = new SecretProperties(new Uri(client.VaultUri, $"secrets/{name}/{version}")) { Enabled = false };
        await AskAsync(name, "update", ct => client.UpdateSecretPropertiesAsync(change, ct), cancellationToken);
    }

    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            // Not awaited: Azure takes seconds for it, and nothing here uses the name again.
            await AskAsync(name, "delete", ct => client.StartDeleteSecretAsync(name, ct), cancellationToken);
        }
        catch (VaultException gone) when (gone.Failure is VaultFailure.NotFound or VaultFailure.Conflict)
        {
            // Deleted already, or about to be.
        }
    }

    /// <summary>By name first: secrets of others in the vault cost one line of a list, not one call each.</summary>
    public async IAsyncEnumerable<VaultEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var secret in PagesAsync("", ct => client.GetPropertiesOfSecretsAsync(ct), cancellationToken))
        {
            if (!KeyVaultTags.IsOurs(secret))
            {
                continue;
            }

            await foreach (
                var version in PagesAsync(secret.Name, ct => client.GetPropertiesOfSecretVersionsAsync(secret.Name, ct), cancellationToken)
            )
            {
                yield return KeyVaultTags.Read(new VaultPath(key, version.Name).ToString(), version);
            }
        }
    }

    private async IAsyncEnumerable<SecretProperties> PagesAsync(
        string name,
        Func<CancellationToken, global::Azure.AsyncPageable<SecretProperties>> open,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var rows = open(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await AskAsync(name, "list", _ => rows.MoveNextAsync().AsTask(), cancellationToken))
        {
            yield return rows.Current;
        }
    }

    private async Task<T> AskAsync<T>(string name, string verb, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(limit);
        try
        {
            return await ask(limited.Token);
        }
        catch (Exception problem)
            when (problem is not VaultException && !(problem is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw errors.Of(problem, name, verb);
        }
    }

    // Azure takes an empty version for the newest one; ours are pinned.
    private static void RequireVersion(string name, string version)
    {
        if (version.Length == 0 || !version.All(char.IsAsciiLetterOrDigit))
        {
            throw new VaultException(VaultFailure.NotFound, $"There is no such version of secret '{name}'.");
        }
    }
}
