using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Tags of the parts that a manifest starts; empty where a part is not in it.</summary>
/// <param name="Gateway">Tag of the gateway's image, with its digest where one is named.</param>
/// <param name="DataService">Tag of the data service's.</param>
public sealed record RunningImages(string Gateway, string DataService)
{
    /// <summary>Reads a rendered manifest. Parts are told by the last part of their image's name, which mirrors keep.</summary>
    public static RunningImages Of(string manifest) => Of(ManifestItems.Parse(manifest));

    /// <summary>The same for objects that are already parsed.</summary>
    internal static RunningImages Of(IEnumerable<JsonObject> objects)
    {
        var images = ManifestImages.Of(objects).Select(i => (Name: NameOf(i), Tag: TagOf(i))).ToList();
        bool IsDataService(string name) =>
            name.Contains("data-service", StringComparison.OrdinalIgnoreCase)
            || name.Contains("dataservice", StringComparison.OrdinalIgnoreCase);
        return new(
            images
                .Find(i =>
                    !IsDataService(i.Name)
                    && (
                        i.Name.Contains("gateway", StringComparison.OrdinalIgnoreCase)
                        || i.Name.Contains("airs", StringComparison.OrdinalIgnoreCase)
                    )
                )
                .Tag
                ?? "",
            images.Find(i => IsDataService(i.Name)).Tag ?? ""
        );
    }

    private static string NameOf(string image) => ManifestImages.Repository(image) is var name ? name[(name.LastIndexOf('/') + 1)..] : "";

    private static string TagOf(string image) => image[ManifestImages.Repository(image).Length..].TrimStart(':');
}
