using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>Preflight's configuration, section <c>Portal:Preflight</c>.</summary>
public sealed class PreflightOptions
{
    /// <summary>Section name.</summary>
    public const string Section = "Portal:Preflight";

    /// <summary>Seconds that one check may take; all run at once.</summary>
    public int TimeoutSeconds { get; set; } = 8;

    /// <summary>
    /// Whether a store that the portal cannot reach is a failure. False where the portal stands in another network than the gateways, which
    /// may reach what it does not; it is a warning then.
    /// </summary>
    public bool RequireReachable { get; set; }

    /// <summary>CIDR ranges that preflight may call although they are loopback, link-local or an address of the cloud's own, which it
    /// refuses otherwise.</summary>
    public IList<string> AllowedRanges { get; set; } = [];

    /// <summary>Address of a storage account's blobs; <c>{account}</c> stands for its name. Another one for a national cloud.</summary>
    public string BlobEndpoint { get; set; } = KnownClouds.OfClusters.Rules.BlobEndpoint;

    /// <summary>Where Pinecone describes indexes.</summary>
    public string PineconeEndpoint { get; set; } = "https://api.pinecone.io";

    /// <summary>Base address of OpenAI's API, for the embedding key.</summary>
    public string OpenAiEndpoint { get; set; } = "https://api.openai.com/v1";

    /// <summary>Portkey's control plane, where a spec names no private address of it.</summary>
    public string ControlPlaneEndpoint { get; set; } = "https://api.portkey.ai";

    /// <summary>Image of the Jobs that look from within a cluster; it must have Node.js as <c>node</c>. Empty for the gateway's own image
    /// of the request.</summary>
    public string JobImage { get; set; } = "";

    /// <summary>Seconds that such a Job may take, with the time to pull its image.</summary>
    public int JobTimeoutSeconds { get; set; } = 60;

    /// <summary>The same as a time.</summary>
    internal TimeSpan JobTimeout => TimeSpan.FromSeconds(JobTimeoutSeconds);

    /// <summary>The public services among these.</summary>
    internal ServiceAddresses Services => new(BlobEndpoint, ControlPlaneEndpoint, PineconeEndpoint, OpenAiEndpoint);

    /// <summary>Time that one check may take.</summary>
    internal TimeSpan Timeout => TimeSpan.FromSeconds(TimeoutSeconds);

    /// <summary>Time for a library that says why only when its own time is up: some is left to pass that on.</summary>
    internal TimeSpan LibraryTimeout => Timeout * 0.75;
}
