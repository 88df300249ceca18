using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>How a cluster reads the cloud's vault itself, by the Secrets Store CSI driver or by External Secrets.</summary>
internal interface IVaultDelivery
{
    /// <summary>The CSI driver's word for its provider.</summary>
    string CsiProvider { get; }

    /// <summary>Image that every node of the cloud has, for the pod that mounts the class.</summary>
    string PauseImage { get; }

    /// <summary>A vault's address, given that or its name; null where it is neither.</summary>
    string? AddressOf(string text);

    /// <summary>Parameters of a SecretProviderClass.</summary>
    /// <param name="vault">Address of the vault.</param>
    /// <param name="clientId">Identity that reads.</param>
    /// <param name="tenantId">Its tenant.</param>
    /// <param name="objects">What is read.</param>
    JsonObject CsiParameters(Uri vault, string? clientId, string? tenantId, IEnumerable<VaultObject> objects);

    /// <summary>Annotations of the service account that reads.</summary>
    JsonObject AccountAnnotations(string? clientId, string? tenantId);

    /// <summary>The vault that a SecretStore of External Secrets reads; null where it does not say so, or reads another kind of
    /// vault.</summary>
    Uri? VaultOf(JsonObject store);
}

/// <summary>One version of a secret in a vault, and the key under which the cluster has it.</summary>
/// <param name="Name">Name within the vault.</param>
/// <param name="Version">Version.</param>
/// <param name="Key">Key.</param>
internal sealed record VaultObject(string Name, string Version, string Key);
