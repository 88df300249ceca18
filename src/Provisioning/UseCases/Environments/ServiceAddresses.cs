using Portkey.Portal.Provisioning.Clouds.Known;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Addresses of public services that a spec needs without naming them; an administrator sets them under
/// <c>Portal:Preflight</c>.</summary>
/// <param name="Blob">Blobs of a storage account, <c>{account}</c> for its name.</param>
/// <param name="ControlPlane">Portkey's control plane.</param>
/// <param name="Pinecone">Pinecone.</param>
/// <param name="OpenAi">OpenAI's API.</param>
public sealed record ServiceAddresses(string Blob, string ControlPlane, string Pinecone, string OpenAi)
{
    /// <summary>Those of the public cloud.</summary>
    public static ServiceAddresses Public { get; } =
        new(KnownClouds.OfClusters.Rules.BlobEndpoint, "https://api.portkey.ai", "https://api.pinecone.io", "https://api.openai.com/v1");
}
