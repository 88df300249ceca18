using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>An object that Helm creates at a certain point, apart from the release's own objects.</summary>
/// <param name="Kind">Kind.</param>
/// <param name="Name">Name.</param>
/// <param name="Events">When it is made, such as <c>pre-install</c>.</param>
/// <param name="Weight">Order among those of the same time, lowest first.</param>
/// <param name="DeletePolicies">When it is removed, such as <c>hook-succeeded</c>; Helm's default, before it is made anew, where nothing is
/// named.</param>
public sealed record HelmHook(string Kind, string Name, IReadOnlyList<string> Events, int Weight, IReadOnlyList<string> DeletePolicies)
{
    /// <summary>Annotation that makes an object a hook.</summary>
    public const string Annotation = "helm.sh/hook";

    /// <summary>The hooks of a manifest, in the order of their weights.</summary>
    /// <exception cref="ClusterException">The text is not YAML manifests.</exception>
    public static IReadOnlyList<HelmHook> Of(string manifest) =>
        [
            .. ManifestYaml
                .Parse(manifest)
                .Select(Of)
                .OfType<HelmHook>()
                .OrderBy(h => h.Weight)
                .ThenBy(h => h.Kind, StringComparer.Ordinal)
                .ThenBy(h => h.Name, StringComparer.Ordinal),
        ];

    private static HelmHook? Of(JsonObject manifest)
    {
        if ((manifest["metadata"] as JsonObject)?["annotations"] is not JsonObject annotations || annotations[Annotation] is not { } events)
        {
            return null;
        }

        _ = int.TryParse(
            annotations[$"{Annotation}-weight"]?.ToString(),
            NumberStyles.AllowLeadingSign,
            CultureInfo.InvariantCulture,
            out var weight
        );
        var policies = EnumNames(annotations[$"{Annotation}-delete-policy"]?.ToString() ?? "");
        return new HelmHook(
            manifest["kind"]?.ToString() ?? "",
            (manifest["metadata"] as JsonObject)?["name"]?.ToString() ?? "",
            EnumNames(events.ToString()),
            weight,
            policies.Count > 0 ? policies : ["before-hook-creation"]
        );
    }

    private static List<string> EnumNames(string text) =>
        [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(w => w.ToLowerInvariant())];
}
