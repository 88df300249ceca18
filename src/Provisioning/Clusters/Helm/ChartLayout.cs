using CsvHelper.Configuration.Attributes;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// Where one line of charts has its values. The portal speaks of values by the paths of Portkey's <c>gateway</c> charts, and of a few
/// things that those have no value for, such as <c>externalRedis</c>; a line has rows for what stands elsewhere in it.
/// </summary>
public sealed class ChartLayout
{
    private const string ChartName = "chart";
    private const string Has = "has";

    private readonly IReadOnlyList<ChartLayoutRow> moved;

    private ChartLayout(string name, IReadOnlyList<ChartLayoutRow> rows)
    {
        (Name, Charts, Signs) = (
            name,
            [.. rows.Where(r => r.What == ChartName).Select(r => r.Path)],
            [.. rows.Where(r => r.What == Has).Select(r => r.Path)]
        );
        moved = [.. rows.Where(r => r.What is not (ChartName or Has)).OrderByDescending(r => r.What.Length)];
    }

    /// <summary>Every line that the portal knows, from its own table; the first is for a chart that matches none.</summary>
    public static IReadOnlyList<ChartLayout> All { get; } = Of(EmbeddedTable.Rows<ChartLayoutRow>("chart-layouts.csv"));

    /// <summary>Name of the line.</summary>
    public string Name { get; }

    /// <summary>Names of its charts.</summary>
    public IReadOnlyList<string> Charts { get; }

    /// <summary>Values by which a chart of another name is known to be of the line.</summary>
    public IReadOnlyList<string> Signs { get; }

    /// <summary>The lines of a table with the columns <c>layout,what,path</c>.</summary>
    public static IReadOnlyList<ChartLayout> Parse(TextReader table) => Of(EmbeddedTable.Rows<ChartLayoutRow>(table));

    /// <summary>Where the line keeps what the portal calls by that path.</summary>
    public string PathOf(string what)
    {
        ArgumentNullException.ThrowIfNull(what);
        return moved.FirstOrDefault(r => what == r.What || what.StartsWith(r.What + ".", StringComparison.Ordinal)) is { } row
            ? row.Path + what[row.What.Length..]
            : what;
    }

    /// <summary>The values with everything where the line expects it.</summary>
    internal Dictionary<string, object?> Place(Dictionary<string, object?> values)
    {
        var found = new List<(string Path, object? Value)>();
        foreach (var row in moved)
        {
            if (Take(values, row.What.Split('.'), out var value))
            {
                found.Add((row.Path, value));
            }
        }

        // The shallow first, so that nothing is laid over what is deeper.
        foreach (var (path, value) in found.OrderBy(f => f.Path.Length))
        {
            Put(values, path.Split('.'), value);
        }

        return values;
    }

    private static bool Take(Dictionary<string, object?> values, ReadOnlySpan<string> path, out object? value)
    {
        value = null;
        return path.Length == 1
            ? values.Remove(path[0], out value)
            : values.GetValueOrDefault(path[0]) is Dictionary<string, object?> below && Take(below, path[1..], out value);
    }

    private static void Put(Dictionary<string, object?> values, ReadOnlySpan<string> path, object? value)
    {
        foreach (var key in path[..^1])
        {
            if (values.GetValueOrDefault(key) is not Dictionary<string, object?> below)
            {
                values[key] = below = new Dictionary<string, object?>(StringComparer.Ordinal);
            }

            values = below;
        }

        values[path[^1]] = value;
    }

    private static IReadOnlyList<ChartLayout> Of(IReadOnlyList<ChartLayoutRow> rows) =>
        [.. rows.GroupBy(r => r.Layout, StringComparer.Ordinal).Select(g => new ChartLayout(g.Key, [.. g]))];
}

/// <summary>A row of the table of layouts.</summary>
internal sealed class ChartLayoutRow
{
    /// <summary>Line of charts.</summary>
    [Name("layout")]
    public string Layout { get; init; } = "";

    /// <summary>What the portal calls it; <c>chart</c> names a chart of the line, <c>has</c> a value by which it is known.</summary>
    [Name("what")]
    public string What { get; init; } = "";

    /// <summary>Where it stands in the line's values.</summary>
    [Name("path")]
    public string Path { get; init; } = "";
}
