namespace Portkey.Portal.Web.Features.Catalog;

/// <summary>How secrets get into a cluster, for people.</summary>
internal static class SecretDeliveryText
{
    /// <summary>Short.</summary>
    public static string Of(string mode) =>
        mode switch
        {
            "externalSecrets" => "External Secrets",
            "csi" => "Secrets Store CSI driver",
            _ => "written by the portal",
        };

    /// <summary>One sentence.</summary>
    public static string Help(string mode) =>
        mode switch
        {
            "externalSecrets" =>
                "External Secrets makes the Secret from Azure Key Vault, by a store of the cluster. The portal names the versions and waits.",
            "csi" =>
                "The CSI driver makes the Secret from Azure Key Vault, for a small pod that the portal keeps in each namespace. The registry's password is still written by the portal.",
            _ => "The portal reads the vault and writes an immutable Secret for each set of versions.",
        };
}
