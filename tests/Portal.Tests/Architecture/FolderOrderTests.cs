using System.Reflection;
using System.Text.RegularExpressions;
using Portkey.Portal.Data;
using Portkey.Portal.Dependencies;
using Portkey.Portal.Provisioning.Hosting;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Architecture;

/// <summary>Folders have an order, written in docs/architecture.md: each uses only those before it.</summary>
public sealed partial class FolderOrderTests
{
    public static TheoryData<string> Roots =>
        ["Portkey.Portal.Data", "Portkey.Portal.Provisioning", "Portkey.Portal.Web", "Portkey.Portal.Sandbox"];

    [Theory]
    [MemberData(nameof(Roots))]
    public void Folders_UseOnlyThoseBeforeThem_InTheOrderOfTheArchitecturePage(string root)
    {
        var graph = FolderGraph.Of(AssemblyOf(root), root);
        var order = OrderOf(root);

        Assert.True(
            graph.Folders.Order(StringComparer.Ordinal).SequenceEqual(order.Order(StringComparer.Ordinal), StringComparer.Ordinal),
            $"docs/architecture.md names for {root} {string.Join(", ", order.Except(graph.Folders))} too much and {string.Join(", ", graph.Folders.Except(order))} too little."
        );
        Assert.Empty(graph.Against(order));
        Assert.Empty(graph.Order().Circular);
    }

    [Fact]
    public void Features_NeverUseOneAnother()
    {
        var graph = FolderGraph.Of(AssemblyOf("Portkey.Portal.Web"), "Portkey.Portal.Web");
        var features = graph.Folders.Where(f => f.StartsWith("Features/", StringComparison.Ordinal)).ToList();

        Assert.True(features.Count > 8);
        Assert.Empty(features.SelectMany(f => graph.UsedBy(f).Intersect(features).Select(t => graph.Why(f, t))));
    }

    private static Assembly AssemblyOf(string root) =>
        root switch
        {
            "Portkey.Portal.Data" => typeof(PortalDbContext).Assembly,
            "Portkey.Portal.Provisioning" => typeof(ProvisioningServices).Assembly,
            "Portkey.Portal.Web" => typeof(Program).Assembly,
            _ => Assembly.LoadFrom(Repository.BuiltDll("tools/Sandbox", root)),
        };

    private static List<string> OrderOf(string root)
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "architecture.md"));
        var block = Block().Matches(page).SingleOrDefault(m => m.Groups["root"].Value == root);
        Assert.True(block is not null, $"docs/architecture.md has no block '```folders {root}'.");
        return [.. block.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', 2)[0])];
    }

    [GeneratedRegex(
        @"^```folders (?<root>[A-Za-z.]+)\n(?<lines>.*?)^```$",
        RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex Block();
}
