using System.Collections.Concurrent;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations.World;

/// <summary>A vault in memory; calls <c>get</c> and <c>disable</c>.</summary>
internal sealed class FakeVault : ISecretVault
{
    private readonly ConcurrentDictionary<string, SecretValue> values = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> disabled = new(StringComparer.Ordinal);

    public Faults Faults { get; } = new();

    public IReadOnlyList<string> Disabled => [.. disabled.Keys.Order(StringComparer.Ordinal)];

    public string NameFor(string team, string name) => name;

    public void Put(string name, string version, string value) => values[$"{name}/{version}"] = new SecretValue(value);

    public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public async Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken)
    {
        await Faults.PassAsync("get", cancellationToken);
        var id = $"{name}/{version}";
        return disabled.ContainsKey(id)
            ? throw new VaultException(VaultFailure.Disabled, $"{id} is disabled.")
            : values.GetValueOrDefault(id) ?? throw new VaultException(VaultFailure.NotFound, $"There is no {id}.");
    }

    public async Task DisableAsync(string name, string version, CancellationToken cancellationToken)
    {
        await Faults.PassAsync("disable", cancellationToken);
        disabled[$"{name}/{version}"] = true;
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
}
