using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>What a credential is for.</summary>
public enum CredentialKind
{
    /// <summary>Portkey's client key.</summary>
    ClientKey,

    /// <summary>Redis.</summary>
    Redis,

    /// <summary>Storage of logs.</summary>
    Storage,

    /// <summary>MongoDB.</summary>
    Mongo,

    /// <summary>Analytics.</summary>
    Analytics,

    /// <summary>Vector store.</summary>
    Vector,

    /// <summary>Provider of embeddings.</summary>
    Embedding,

    /// <summary>Container registry.</summary>
    Registry,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Kinds by the group and mode that the settings table gives a key.</summary>
public static class CredentialKinds
{
    /// <summary>Kind of a setting.</summary>
    public static CredentialKind Of(string key) =>
        SettingsCatalog.ByKey.TryGetValue(key, out var setting) ? Of(setting.View) : CredentialKind.Other;

    /// <summary>Keys of a kind; for <see cref="CredentialKind.Other"/> those that the table has nothing to say about are missing.</summary>
    internal static IReadOnlyList<string> KeysOf(CredentialKind kind) =>
        [.. SettingsCatalog.All.Where(s => s.View.IsSecret && Of(s.View) == kind).Select(s => s.Key)];

    /// <summary>Every secret of the table.</summary>
    internal static IReadOnlyList<string> Known { get; } = [.. SettingsCatalog.All.Where(s => s.View.IsSecret).Select(s => s.Key)];

    private static CredentialKind Of(SettingView setting) =>
        setting.Group switch
        {
            "identity" => CredentialKind.ClientKey,
            "cache" => CredentialKind.Redis,
            "log-store" => setting.RequiredWhen.Contains("LOG_STORE=mongo", StringComparison.Ordinal)
                ? CredentialKind.Mongo
                : CredentialKind.Storage,
            "analytics" => CredentialKind.Analytics,
            "semantic-cache" => setting.Key.Contains("EMBEDDING", StringComparison.Ordinal)
                ? CredentialKind.Embedding
                : CredentialKind.Vector,
            "image-pull" => CredentialKind.Registry,
            _ => CredentialKind.Other,
        };
}
