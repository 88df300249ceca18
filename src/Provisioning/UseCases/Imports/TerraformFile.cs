namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// The values of a helm_release (https://registry.terraform.io/providers/hashicorp/helm/latest/docs/resources/release): <c>values</c>,
/// later ones over earlier ones, and <c>set</c>, <c>set_list</c> and <c>set_sensitive</c> over them, as blocks or as lists.
/// </summary>
internal static class TerraformFile
{
    private const string Around = "It says where and how to deploy; the request says that.";
    private static readonly string[] Overlays = ["set", "set_list", "set_sensitive"];

    /// <summary>Whether a text that could not be read was meant to be Terraform.</summary>
    public static bool IsMeant(string text) => text.Contains("\"helm_release\"", StringComparison.Ordinal);

    public static ImportFile Read(ValueNode body)
    {
        var superseded = new List<ValueNode>();
        var root = body.PlacedAt("", superseded);
        var releases = root
            .Entries.Where(e => e.Key.StartsWith("resource.helm_release", StringComparison.Ordinal))
            .SelectMany(e => e.Value.Items)
            .ToList();
        var release = releases.Find(IsGateway) ?? releases.FirstOrDefault() ?? root;
        if (release["values"] is null && !Overlays.Any(o => release[o] is not null))
        {
            throw ImportYaml.Wrong("The Terraform holds no helm_release with values or set. Paste that block, or the values themselves.");
        }

        var file = Values(release);
        file.Superseded.AddRange(superseded);
        foreach (var overlay in Overlays)
        {
            foreach (var entry in release[overlay]?.Items ?? [])
            {
                WrappedValues.Lay(file, entry, entry["type"]?.Text == "string");
            }

            release.Entries.Remove(overlay);
        }

        file.Beside.Add((root, Around));
        return file;
    }

    private static bool IsGateway(ValueNode release) =>
        release["chart"]?.Text is { } chart
        && (chart.EndsWith("gateway", StringComparison.Ordinal) || chart.EndsWith("airs-gw", StringComparison.Ordinal))
        && (release["values"] ?? release["set"]) is not null;

    private static ImportFile Values(ValueNode release)
    {
        var file = new ImportFile(ValueNode.Map([]));
        var texts =
            release["values"] is { Kind: ValueKind.List } several ? several.Items
            : release["values"] is { } one ? [one]
            : [];
        release.Entries.Remove("values");
        var isFirst = true;
        foreach (var part in texts)
        {
            if (part.Kind == ValueKind.Scalar && part.Text is null)
            {
                file.Beside.Add((part, "Terraform takes these values from elsewhere. Import that file, or write them in."));
                continue;
            }

            var next = part.Kind == ValueKind.Scalar ? WrappedValues.Inner(part.Text!, part.Path) : new ImportFile(part);
            Templates(next.Values);
            if (isFirst)
            {
                next.Beside.AddRange(file.Beside);
                (file, isFirst) = (next, false);
                continue;
            }

            file.Superseded.AddRange(next.Superseded);
            file.Notes.AddRange(next.Notes);
            file.Corrected.AddRange(next.Corrected);
            Merge(file.Values, next.Values, file.Superseded);
        }

        return file;
    }

    // A heredoc is a template: ${…} is filled in by Terraform, $${ is a text.
    private static void Templates(ValueNode values)
    {
        foreach (var leaf in values.Leaves().Where(l => l is { Kind: ValueKind.Scalar, Text: not null }).ToList())
        {
            leaf.FillTemplate();
        }
    }

    private static void Merge(ValueNode into, ValueNode from, List<ValueNode> superseded)
    {
        foreach (var (key, value) in from.Entries)
        {
            if (into[key] is not { } there)
            {
                into.Entries[key] = value;
            }
            else if (there.Kind == ValueKind.Map && value.Kind == ValueKind.Map)
            {
                Merge(there, value, superseded);
            }
            else
            {
                superseded.Add(there);
                into.Entries[key] = value;
            }
        }
    }
}
