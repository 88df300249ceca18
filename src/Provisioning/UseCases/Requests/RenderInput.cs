using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Everything that values and manifests follow from.</summary>
/// <param name="EnvironmentId">Environment.</param>
/// <param name="Namespace">Namespace.</param>
/// <param name="Release">Helm release.</param>
/// <param name="Spec">Spec.</param>
/// <param name="Profile">Profile.</param>
/// <param name="Chart">Chart version.</param>
/// <param name="Secrets">Secrets by key.</param>
public sealed record RenderInput(
    Guid EnvironmentId,
    string Namespace,
    string Release,
    EnvironmentSpec Spec,
    Profile Profile,
    ChartVersion Chart,
    IReadOnlyDictionary<string, SecretPin> Secrets
)
{
    /// <summary>What the chart version takes.</summary>
    public ChartFacts Facts { get; init; } = ChartFacts.Everything;

    /// <summary>Address ranges by model provider.</summary>
    public IReadOnlyDictionary<string, string[]> Providers { get; init; } = new Dictionary<string, string[]>();

    /// <summary>Public services that a spec needs without naming them.</summary>
    public ServiceAddresses Services { get; init; } = ServiceAddresses.Public;

    /// <summary>Digests that are pinned, by image with its tag.</summary>
    public IReadOnlyDictionary<string, string> ImageDigests { get; init; } = new Dictionary<string, string>();

    /// <summary>Version of the cluster's API server, such as <c>v1.33.2</c>; empty when it was never asked.</summary>
    public string KubernetesVersion { get; init; } = "";
}
