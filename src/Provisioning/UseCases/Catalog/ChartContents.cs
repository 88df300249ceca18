using System.Collections.Concurrent;
using Portkey.Portal.Provisioning.Clusters.Helm;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>What a chart may not hold at all, whatever it renders.</summary>
internal static class ChartContents
{
    // By digest: the same content holds the same files.
    private static readonly ConcurrentDictionary<string, IReadOnlyList<string>> Known = new(StringComparer.Ordinal);

    /// <summary>Heading above the files.</summary>
    public const string CustomDefinitions =
        "It has definitions of kinds in a folder crds, which belong to the whole cluster and are in no preview. Remove them, and have the cluster's administrators install them";

    /// <summary>The files that cannot be approved; empty for none.</summary>
    public static IReadOnlyList<string> WhyNot(ResolvedChart chart) => Known.GetOrAdd(chart.Digest, _ => Files(chart));

    private static IReadOnlyList<string> Files(ResolvedChart chart) =>
        [.. ChartParts.Files(chart.Path).Where(f => ChartParts.IsCustomDefinition(f.Name)).Select(f => f.Name)];
}
