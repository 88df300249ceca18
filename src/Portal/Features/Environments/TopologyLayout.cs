using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Web.Features.Environments;

/// <summary>Places the parts in columns by their distance from the clients.</summary>
internal sealed record TopologyLayout(
    IReadOnlyList<TopologyLayout.Box> Boxes,
    IReadOnlyList<TopologyLayout.Wire> Wires,
    int Width,
    int Height,
    int Columns
)
{
    public const int BoxWidth = 164;
    public const int BoxHeight = 64;
    private const int Gap = 48;
    private const int RowGap = 16;

    public static TopologyLayout Of(TopologyView topology)
    {
        var rank = topology.Nodes.ToDictionary(n => n.Id, _ => 0, StringComparer.Ordinal);

        // As many rounds as there are parts: a circle of links ends there as well.
        foreach (var link in Enumerable.Repeat(topology.Links, topology.Nodes.Count).SelectMany(l => l))
        {
            if (
                rank.TryGetValue(link.From, out var from)
                && rank.TryGetValue(link.To, out var to)
                && to <= from
                && from + 1 < topology.Nodes.Count
            )
            {
                rank[link.To] = from + 1;
            }
        }

        var columns = topology.Nodes.GroupBy(n => rank[n.Id]).OrderBy(g => g.Key).Select(g => g.ToList()).ToList();
        var rows = columns.Count == 0 ? 0 : columns.Max(c => c.Count);
        var height = rows * (BoxHeight + RowGap);
        var boxes = columns
            .SelectMany(
                (column, c) =>
                    column.Select(
                        (node, r) =>
                            new Box(
                                node,
                                c * (BoxWidth + Gap) + 1,
                                (height - column.Count * (BoxHeight + RowGap)) / 2 + r * (BoxHeight + RowGap) + RowGap / 2
                            )
                    )
            )
            .ToList();
        var byId = boxes.ToDictionary(b => b.Node.Id, StringComparer.Ordinal);
        var wires = topology
            .Links.Where(l => byId.ContainsKey(l.From) && byId.ContainsKey(l.To))
            .Select(l => Wire.Between(byId[l.From], byId[l.To]))
            .ToList();
        var width = Math.Max(1, columns.Count * (BoxWidth + Gap) - Gap + 2);
        return new TopologyLayout(boxes, wires, width, Math.Max(1, height), columns.Count);
    }

    /// <summary>A part and where it stands.</summary>
    internal sealed record Box(TopologyNode Node, int X, int Y);

    /// <summary>A line from the right side of one box to the left side of another.</summary>
    internal sealed record Wire(string Path)
    {
        public static Wire Between(Box from, Box to)
        {
            var (x1, y1) = (from.X + BoxWidth, from.Y + BoxHeight / 2);
            var (x2, y2) = (to.X, to.Y + BoxHeight / 2);
            var middle = (x1 + x2) / 2;
            return new Wire($"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2 - 6} {y2}");
        }
    }
}
