using DiffPlex.DiffBuilder;
using DiffPlex.DiffBuilder.Model;
using Portkey.Portal.Provisioning.Common.Reading;
using YamlDotNet.RepresentationModel;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Difference of two sets of rendered manifests, object by object.</summary>
public static class ManifestDiff
{
    /// <summary>Compares; the order is that of the proposed manifests, removed objects last.</summary>
    public static IReadOnlyList<ObjectDiff> Compare(string before, string after)
    {
        var (old, proposed) = (Split(before), Split(after));
        var oldByKey = old.ToDictionary(o => (o.Kind, o.Name), o => o.Text);
        var diffs = proposed.Select(o => Diff(o.Kind, o.Name, oldByKey.GetValueOrDefault((o.Kind, o.Name)), o.Text)).ToList();
        var kept = proposed.Select(o => (o.Kind, o.Name)).ToHashSet();
        diffs.AddRange(old.Where(o => !kept.Contains((o.Kind, o.Name))).Select(o => Diff(o.Kind, o.Name, o.Text, null)));
        return diffs;
    }

    /// <summary>Kinds and names, in order.</summary>
    public static IReadOnlyList<(string Kind, string Name)> Objects(string manifests) =>
        [.. Split(manifests).Select(o => (o.Kind, o.Name))];

    private static ObjectDiff Diff(string kind, string name, string? before, string? after)
    {
        if (before is null || after is null)
        {
            var change = before is null ? DiffChange.Added : DiffChange.Removed;
            return new ObjectDiff(kind, name, change, [.. (before ?? after ?? "").Split('\n').Select(l => new DiffLine(change, l))]);
        }

        var lines = InlineDiffBuilder
            .Diff(before, after, ignoreWhiteSpace: false)
            .Lines.Select(l => new DiffLine(
                l.Type switch
                {
                    ChangeType.Inserted => DiffChange.Added,
                    ChangeType.Deleted => DiffChange.Removed,
                    _ => DiffChange.Unchanged,
                },
                l.Text
            ))
            .ToList();
        return new ObjectDiff(
            kind,
            name,
            lines.Exists(l => l.Change != DiffChange.Unchanged) ? DiffChange.Changed : DiffChange.Unchanged,
            lines
        );
    }

    // Helm separates documents by '---' lines and puts '# Source:' comments above each.
    private static List<(string Kind, string Name, string Text)> Split(string manifests)
    {
        var objects = new List<(string, string, string)>();
        foreach (var part in ("\n" + manifests).Split("\n---", StringSplitOptions.RemoveEmptyEntries))
        {
            var text = string.Join('\n', part.Split('\n').Where(l => !l.StartsWith("# Source:", StringComparison.Ordinal)))
                .Trim('\n', ' ', '\r');
            if (text.Length == 0)
            {
                continue;
            }

            if (BoundedYaml.Read(text, ReadLimits.Manifests) is [YamlMappingNode root, ..])
            {
                objects.Add(
                    (
                        Scalar(root, "kind"),
                        root.Children.TryGetValue("metadata", out var meta) && meta is YamlMappingNode m ? Scalar(m, "name") : "",
                        text
                    )
                );
            }
        }

        return objects;
    }

    private static string Scalar(YamlMappingNode node, string key) => node.Children.TryGetValue(key, out var value) ? value.ToString() : "";
}
