using System.Runtime.CompilerServices;
using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Options;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>The portal's own Key Vault and those of teams; the part of a name before the slash says which.</summary>
internal sealed class KeyVaults : ICloudVault
{
    private readonly Dictionary<string, KeyVault> vaults = new(StringComparer.Ordinal);

    /// <summary>Makes it; calls nobody.</summary>
    /// <param name="options">Configuration.</param>
    /// <param name="credential">Who the portal is.</param>
    /// <param name="time">Clock.</param>
    /// <param name="transport">For tests: transport to the vaults.</param>
    public KeyVaults(IOptions<VaultOptions> options, TokenCredential credential, TimeProvider time, HttpPipelineTransport? transport = null)
    {
        var limit = TimeSpan.FromSeconds(options.Value.TimeoutSeconds);

        // Two teams may share a vault: then they share its client too, and with it the budget.
        var clients = options
            .Value.Teams.Values.Append(options.Value.Address)
            .Select(a => new Uri(a))
            .Distinct()
            .ToDictionary(a => a, a => KeyVaultClients.Create(a, options.Value, credential, time, transport));
        foreach (var (key, address) in options.Value.Teams.Append(KeyValuePair.Create("", options.Value.Address)))
        {
            vaults[key] = new KeyVault(key, clients[new Uri(address)], limit);
        }
    }

    public string NameFor(string team, string name) =>
        team.Length > 0 && vaults.ContainsKey(team) ? new VaultPath(team, name).ToString() : name;

    public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken) =>
        Find(name, out var at).SetAsync(at, value, attributes, cancellationToken);

    public Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken) =>
        Find(name, out var at).GetAsync(at, version, cancellationToken);

    public Task DisableAsync(string name, string version, CancellationToken cancellationToken) =>
        Find(name, out var at).DisableAsync(at, version, cancellationToken);

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => Find(name, out var at).DeleteAsync(at, cancellationToken);

    public async IAsyncEnumerable<VaultEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var vault in vaults.Values)
        {
            await foreach (var entry in vault.ListAsync(cancellationToken))
            {
                yield return entry;
            }
        }
    }

    private KeyVault Find(string qualified, out string name)
    {
        var path = VaultPath.Parse(qualified);
        name = path.Name;
        return vaults.GetValueOrDefault(path.Vault)
            ?? throw new VaultException(
                VaultFailure.NotFound,
                $"Secret '{name}' is in the vault of team '{path.Vault}', which the portal no longer knows. Put its address back under {VaultOptions.Section}:Teams:{path.Vault}."
            );
    }
}
