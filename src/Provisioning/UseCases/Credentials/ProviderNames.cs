using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Names of the providers, as <see cref="SecretReference.Provider"/> has them.</summary>
public static class ProviderNames
{
    /// <summary>A random value; people configure both sides.</summary>
    public const string Random = "random";

    /// <summary>Passwords of a Redis ACL user.</summary>
    public const string RedisAcl = "redis-acl";

    /// <summary>The two keys of an Azure storage account.</summary>
    public const string AzureStorage = "azure-storage";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Random, RedisAcl, AzureStorage];
}
