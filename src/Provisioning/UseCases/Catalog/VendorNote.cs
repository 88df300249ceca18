using CsvHelper.Configuration.Attributes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>What a vendor says of some versions of a part, a row of <c>vendor-notes.csv</c>.</summary>
/// <param name="Component"><c>gateway</c>, <c>dataservice</c> or <c>chart</c>.</param>
/// <param name="Range">Versions, such as <c>&gt;=2.8.0 &lt;2.9.0</c>.</param>
/// <param name="Severity">How bad it is where what it needs is certainly missing.</param>
/// <param name="Needs">What resolves it: <c>NAME</c> of a setting (<c>*</c> for any letters), or <c>dataservice&gt;=1.7.0</c>; empty for
/// nothing.</param>
/// <param name="Text">What people read.</param>
/// <param name="Source">Where the vendor says so.</param>
public sealed record VendorNote(string Component, VersionRange Range, Severity Severity, string Needs, string Text, string Source)
{
    /// <summary>All, in the order of the table.</summary>
    public static IReadOnlyList<VendorNote> All { get; } = Load();

    /// <summary>What people read, with where the vendor says so.</summary>
    public string EnumNames => $"{Text} ({Source})";

    /// <summary>What is said of a version of the gateway, each with its source.</summary>
    public static IReadOnlyList<string> OfGateway(Version version) =>
        [.. All.Where(n => n.Component == "gateway" && n.Range.Contains(version)).Select(n => n.EnumNames)];

    private static List<VendorNote> Load() =>
        [
            .. EmbeddedTable
                .Rows<Row>("vendor-notes.csv")
                .Select(r => new VendorNote(
                    r.Component,
                    VersionRange.Of(r.Range),
                    Enum.Parse<Severity>(r.Severity, ignoreCase: true),
                    r.Needs,
                    r.Text,
                    r.Source
                )),
        ];

    private sealed class Row
    {
        [Name("component")]
        public string Component { get; init; } = "";

        [Name("range")]
        public string Range { get; init; } = "";

        [Name("severity")]
        public string Severity { get; init; } = "";

        [Name("needs")]
        public string Needs { get; init; } = "";

        [Name("text")]
        public string Text { get; init; } = "";

        [Name("source")]
        public string Source { get; init; } = "";
    }
}
