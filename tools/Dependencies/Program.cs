using System.Reflection;
using Portkey.Portal.Dependencies;

// dependencies DLL=NAMESPACE...: which folders use which, as Markdown, in an order where each uses only those above it.
foreach (var argument in args)
{
    var (path, root) = argument.Split('=') is [var dll, var name]
        ? (dll, name)
        : throw new ArgumentException($"'{argument}' is not DLL=NAMESPACE");
    var graph = FolderGraph.Of(Assembly.LoadFrom(Path.GetFullPath(path)), root);
    var (ordered, circular) = graph.Order();
    Console.WriteLine($"## {root}\n\n| folder | uses |\n|---|---|");
    foreach (var folder in ordered.Concat(graph.Folders.Except(ordered)))
    {
        Console.WriteLine($"| {folder} | {string.Join(", ", graph.UsedBy(folder))} |");
    }

    Console.WriteLine(circular.Count == 0 ? "\nNo circles.\n" : $"\nCircles among: {string.Join(", ", circular)}\n");
    foreach (var (from, to) in circular.SelectMany(f => graph.UsedBy(f).Where(circular.Contains).Select(t => (f, t))))
    {
        Console.WriteLine($"- {graph.Why(from, to)}");
    }
}
