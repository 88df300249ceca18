using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Credentials;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>Providers and their settings in words.</summary>
internal static class ProviderText
{
    public static string Of(string provider) =>
        provider switch
        {
            ProviderNames.Random => "a random value",
            ProviderNames.RedisAcl => "a password of a Redis user",
            ProviderNames.AzureStorage => "the keys of an Azure storage account",
            _ => provider,
        };

    public static string Help(string provider) =>
        provider switch
        {
            ProviderNames.Random => "Whoever configures the other side reads it from the vault before the rotation.",
            ProviderNames.RedisAcl => "A second password is added; the old one is removed when the new one is proven.",
            ProviderNames.AzureStorage => "The unused key is regenerated; the other one when the new one is proven.",
            _ => "Whoever types it stores it as a new version.",
        };

    /// <summary>Settings of a provider: name, label, help.</summary>
    public static IReadOnlyList<(string Name, string Label, string Hint)> Fields(string provider) =>
        provider switch
        {
            ProviderNames.Random =>
            [
                ("length", "Length", "48 if left empty."),
                ("alphabet", "Alphabet", "alphanumeric, hex or url."),
            ],
            ProviderNames.RedisAcl =>
            [
                ("user", "Redis user", "Such as gateway, or default."),
                ("admin", $"Credential {SettingKeys.RedisAdminUrl}", "Its id; empty for the environment's own, below."),
            ],
            ProviderNames.AzureStorage =>
            [
                ("subscription", "Subscription", "Its id."),
                ("resourceGroup", "Resource group", "As in Azure."),
                ("account", "Storage account", "Its name."),
            ],
            _ => [],
        };

    public static bool Same(IReadOnlyDictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(s => other.TryGetValue(s.Key, out var value) && value == s.Value);
}
