using Portkey.Portal.Provisioning.Clouds.Azure;
using Portkey.Portal.Provisioning.Clouds.Local;

namespace Portkey.Portal.Provisioning.Clouds.Known;

/// <summary>The known clouds.</summary>
internal static class KnownClouds
{
    /// <summary>The cloud of clusters. All are taken for AKS: annotations of others are not written, and those that a cluster does not know
    /// do nothing.</summary>
    public static ICloud OfClusters { get; } = new AzureCloud();

    private static readonly ICloud[] All = [new LocalCloud(OfClusters.Rules), OfClusters];

    /// <summary>The cloud whose vault configuration names; the local one for a kind that there is not, which the validator
    /// refuses.</summary>
    public static ICloud Of(VaultOptions options) =>
        Array.Find(All, c => c.Kind.Equals(options.Kind, StringComparison.OrdinalIgnoreCase)) ?? All[0];
}
