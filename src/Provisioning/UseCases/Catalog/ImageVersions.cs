using CsvHelper.Configuration.Attributes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>A gateway image as the catalogue knows it.</summary>
/// <param name="Tag">Tag, such as <c>2.13.0</c>.</param>
/// <param name="Source">Where it is known from; empty for what a chart pins and the table does not name.</param>
/// <param name="Notes">What the vendor says of this version, each with its source; whatever a spec holds against it.</param>
public sealed record ImageVersionView(string Tag, string Source, IReadOnlyList<string> Notes);

/// <summary>Gateway images that are known, from <c>image-versions.csv</c>. It is what the portal knows of, not what a registry has.
/// Pure.</summary>
public static class ImageVersions
{
    private static readonly IReadOnlyList<Row> All = EmbeddedTable.Rows<Row>("image-versions.csv");

    /// <summary>One of an edition, by its tag.</summary>
    public static ImageVersionView Of(Edition edition, string tag) =>
        new(
            tag,
            All.FirstOrDefault(i => i.Edition == edition && i.Version == tag)?.Source ?? "",
            edition == Edition.Enterprise && VersionRange.Parse(tag) is { } version ? VendorNote.OfGateway(version) : []
        );

    /// <summary>Known ones that are newer than a tag, oldest first; none where the tag tells no version.</summary>
    public static IReadOnlyList<ImageVersionView> NewerThan(Edition edition, string tag) =>
        VersionRange.Parse(tag) is not { } present
            ? []
            :
            [
                .. All.Where(i => i.Edition == edition && VersionRange.Parse(i.Version)! > present)
                    .OrderBy(i => VersionRange.Parse(i.Version))
                    .Select(i => Of(edition, i.Version)),
            ];

    private sealed class Row
    {
        [Name("edition"), EnumIgnoreCase]
        public Edition Edition { get; init; }

        [Name("version")]
        public string Version { get; init; } = "";

        [Name("source")]
        public string Source { get; init; } = "";
    }
}
