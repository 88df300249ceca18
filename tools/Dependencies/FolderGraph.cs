using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace Portkey.Portal.Dependencies;

/// <summary>Which folders of an assembly use which, read from what was compiled: folders are namespaces.</summary>
public sealed class FolderGraph
{
    // A plan names its steps, and steps know the operation that they are part of: one room with two shelves.
    private static readonly Dictionary<string, string> PartOf = new(StringComparer.Ordinal)
    {
        ["Engine/Operations/Steps"] = "Engine/Operations",
    };

    private readonly Dictionary<(string From, string To), string> edges;

    private FolderGraph(IReadOnlyList<string> folders, Dictionary<(string From, string To), string> edges)
    {
        Folders = folders;
        this.edges = edges;
    }

    /// <summary>Folders that hold types, by name; the project's own folder is <c>.</c>.</summary>
    public IReadOnlyList<string> Folders { get; }

    /// <summary>Reads an assembly.</summary>
    /// <param name="assembly">Loaded from a file, which is read again.</param>
    /// <param name="root">Its root namespace; a type of <c>root.A.B</c> is in folder <c>A/B</c>.</param>
    public static FolderGraph Of(Assembly assembly, string root)
    {
        var types = new ArchLoader().LoadAssemblies(assembly).Build().Types;
        string? Folder(string? name) =>
            name == root ? "."
            : name?.StartsWith(root + ".", StringComparison.Ordinal) == true && name[(root.Length + 1)..].Replace('.', '/') is var folder
                ? PartOf.GetValueOrDefault(folder, folder)
            : null;
        var folders = types
            .Select(t => Folder(t.Namespace?.FullName))
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        var found = types
            .SelectMany(t =>
                t.Dependencies.Select(d =>
                    (From: Folder(t.Namespace?.FullName), To: Folder(d.Target.Namespace?.FullName), By: $"{t.Name} uses {d.Target.Name}")
                )
            )
            .Where(e => e.From is not null && e.To is not null && e.From != e.To)
            .GroupBy(e => (e.From!, e.To!))
            .ToDictionary(g => g.Key, g => g.First().By);
        return new FolderGraph(folders, found);
    }

    /// <summary>What a folder uses directly.</summary>
    public IReadOnlyList<string> UsedBy(string folder) =>
        [.. edges.Keys.Where(e => e.From == folder).Select(e => e.To).Order(StringComparer.Ordinal)];

    /// <summary>An example of why one folder uses another.</summary>
    public string Why(string from, string to) => $"{from} -> {to}: {edges[(from, to)]}";

    /// <summary>Folders such that each uses only those before it, as far as that goes; the rest forms circles.</summary>
    public (IReadOnlyList<string> Ordered, IReadOnlyList<string> Circular) Order()
    {
        var (ordered, left) = (new List<string>(), Folders.ToHashSet(StringComparer.Ordinal));
        while (
            Folders.Where(f => left.Contains(f) && !edges.Keys.Any(e => e.From == f && left.Contains(e.To))).ToList() is { Count: > 0 } free
        )
        {
            ordered.AddRange(free);
            left.ExceptWith(free);
        }

        // What only uses a circle is none itself.
        while (left.FirstOrDefault(f => !edges.Keys.Any(e => e.To == f && left.Contains(e.From))) is { } user)
        {
            left.Remove(user);
        }

        return (ordered, [.. Folders.Where(left.Contains)]);
    }

    /// <summary>Edges that point up or to a folder that the order does not name, each with an example.</summary>
    /// <param name="order">Folders, each of which may use those before it.</param>
    public IReadOnlyList<string> Against(IReadOnlyList<string> order)
    {
        var place = order.Select((folder, index) => (folder, index)).ToDictionary(x => x.folder, x => x.index, StringComparer.Ordinal);
        int At(string folder) => place.GetValueOrDefault(folder, int.MaxValue);
        return [.. edges.Where(e => At(e.Key.To) >= At(e.Key.From)).Select(e => Why(e.Key.From, e.Key.To))];
    }
}
