using System.Globalization;
using CsvHelper;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>The portal's own tables: CSV files embedded in it.</summary>
internal static class EmbeddedTable
{
    /// <summary>All rows, in the order of the file.</summary>
    /// <typeparam name="TRow">Row, with <c>[Name]</c> for each column.</typeparam>
    /// <param name="name">File, such as <c>settings.csv</c>.</param>
    public static IReadOnlyList<TRow> Rows<TRow>(string name)
    {
        using var reader = new StreamReader(typeof(EmbeddedTable).Assembly.GetManifestResourceStream(name)!);
        return Rows<TRow>(reader);
    }

    /// <summary>The same of any text.</summary>
    public static IReadOnlyList<TRow> Rows<TRow>(TextReader text)
    {
        using var csv = new CsvReader(text, CultureInfo.InvariantCulture);
        return [.. csv.GetRecords<TRow>()];
    }
}
