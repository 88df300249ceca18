namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>Settings that the portal itself acts on, besides those that it only passes on.</summary>
public static class SettingKeys
{
    /// <summary>Registry that holds the image.</summary>
    public const string RegistryServer = "REGISTRY_SERVER";

    /// <summary>User at that registry.</summary>
    public const string RegistryUsername = "REGISTRY_USERNAME";

    /// <summary>Password of that user, a secret.</summary>
    public const string RegistryPassword = "REGISTRY_PASSWORD";

    /// <summary>
    /// Redis as the portal's own user for rotations sees it, a secret that no gateway gets: it is not a setting, so nothing can pin it to a
    /// revision.
    /// </summary>
    public const string RedisAdminUrl = "REDIS_ADMIN_URL";

    /// <summary>Azure storage account of the log store.</summary>
    public const string StorageAccount = "AZURE_STORAGE_ACCOUNT";

    /// <summary>Client id of the identity that the gateway's service account stands for.</summary>
    public const string WorkloadClientId = "AZURE_WORKLOAD_CLIENT_ID";
}
