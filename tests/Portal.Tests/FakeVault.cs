using System.Collections.Concurrent;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Tests;

/// <summary>A vault in memory that tells what is in it, and refuses what a test wants it to.</summary>
public sealed class FakeVault : ISecretWriter
{
    /// <summary>Versions that could be read, <c>name/version</c>.</summary>
    public ConcurrentDictionary<string, SecretValue> Enabled { get; } = new(StringComparer.Ordinal);

    /// <summary>How many were ever stored.</summary>
    public int Stored { get; private set; }

    /// <summary>End of the names that it does not take; empty for none.</summary>
    public string Refuses { get; set; } = "";

    public string NameFor(string team, string name) => name;

    public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken)
    {
        if (Refuses.Length > 0 && name.EndsWith(Refuses, StringComparison.Ordinal))
        {
            throw new VaultException(VaultFailure.Conflict, "It does not take this one.");
        }

        var version = Guid.NewGuid().ToString("N");
        Stored++;
        Enabled[$"{name}/{version}"] = value;
        return Task.FromResult(version);
    }

    public Task DisableAsync(string name, string version, CancellationToken cancellationToken)
    {
        Enabled.TryRemove($"{name}/{version}", out _);
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => Task.CompletedTask;
}
