using System.Text.Json.Nodes;

namespace Portkey.Portal.Shared;

/// <summary>One version as a vault keeps it.</summary>
public sealed class KeyVaultVersion
{
    public required string Id { get; init; }

    public required string Value { get; init; }

    public string? ContentType { get; set; }

    public bool IsEnabled { get; set; } = true;

    public long? Expires { get; set; }

    public long Created { get; init; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public Dictionary<string, string> Tags { get; set; } = new(StringComparer.Ordinal);
}

/// <summary>What one vault holds, with soft delete. Its methods are one step each: the protocol calls them under
/// <see cref="Gate"/>.</summary>
public sealed class KeyVaultStore(KeyVaultServer server)
{
    public Lock Gate { get; } = new();

    /// <summary>Versions by name, the newest last.</summary>
    public SortedDictionary<string, List<KeyVaultVersion>> Secrets { get; } = new(StringComparer.Ordinal);

    public SortedDictionary<string, List<KeyVaultVersion>> Deleted { get; } = new(StringComparer.Ordinal);

    internal KeyVaultServer Server => server;

    internal KeyVaultVersion? Find(string name, string version) =>
        Secrets.GetValueOrDefault(name) is not { } versions ? null
        : version.Length == 0 ? versions[^1]
        : versions.Find(v => v.Id == version);

    /// <summary>As Azure writes a secret; with its value only where that was asked for.</summary>
    internal JsonObject Bundle(string host, string name, KeyVaultVersion version, bool withVersion, bool withValue)
    {
        var tags = new JsonObject(version.Tags.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)t.Value)));
        var attributes = new JsonObject
        {
            ["enabled"] = version.IsEnabled,
            ["created"] = version.Created,
            ["updated"] = version.Created,
            ["recoveryLevel"] = server.IsPurgeProtected ? "Recoverable" : "Recoverable+Purgeable",
            ["recoverableDays"] = 90,
        };
        if (version.Expires is { } expires)
        {
            attributes["exp"] = expires;
        }

        var bundle = new JsonObject
        {
            ["id"] = $"https://{host}/secrets/{name}{(withVersion ? "/" + version.Id : "")}",
            ["attributes"] = attributes,
            ["tags"] = tags,
        };
        if (version.ContentType is { } type)
        {
            bundle["contentType"] = type;
        }

        if (withValue)
        {
            bundle["value"] = version.Value;
        }

        return bundle;
    }
}
