using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>An imported text as one tree of values, whatever it was written in, with what stands beside them in the same text.</summary>
/// <param name="Values">Map of values of a chart; each leaf has the path at which it stands in the text.</param>
internal sealed record ImportFile(ValueNode Values)
{
    /// <summary>What is not part of the values, and why.</summary>
    public List<(ValueNode Node, string Why)> Beside { get; } = [];

    /// <summary>What later entries of the same name replaced.</summary>
    public List<ValueNode> Superseded { get; } = [];

    /// <summary>Leaves that only name another one, which stands in the values.</summary>
    public List<ValueNode> Named { get; } = [];

    /// <summary>Lines that were read differently from how they are written.</summary>
    public List<Correction> Notes { get; } = [];

    /// <summary>Leaves that were understood differently while the text was read, and how.</summary>
    public List<(ValueNode Leaf, Correction How)> Corrected { get; } = [];

    /// <summary>
    /// Reads a text. Its format is found by parsing: .env lines where every line is one; Terraform where it parses as such and holds a
    /// helm_release or values; JSON; and YAML otherwise, in which values may be wrapped for Argo CD or Flux.
    /// </summary>
    /// <exception cref="InvalidInputException">It is none of these, or exceeds a limit; says where.</exception>
    public static ImportFile Read(string text)
    {
        ImportYaml.Require(text);
        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n");
        if (DotEnv.TryRead(lines) is { } entries)
        {
            return OfDotEnv(entries);
        }

        if (Hcl.TryRead(lines, out var problem) is { } body)
        {
            return TerraformFile.Read(body);
        }

        if (ImportYaml.TryReadJson(lines) is { } json)
        {
            return WrappedValues.Read([json], new());
        }

        try
        {
            return OfYaml(lines);
        }
        catch (InvalidInputException) when (TerraformFile.IsMeant(lines))
        {
            throw ImportYaml.Wrong(problem!);
        }
    }

    /// <summary>A YAML text alone, as stands inside of Terraform and of an Argo CD Application.</summary>
    public static ImportFile OfYaml(string text)
    {
        var assignments = new AssignmentLines();
        var documents = ImportYaml.Read(assignments.Rewrite(text));
        return WrappedValues.Read(documents, assignments);
    }

    private static ImportFile OfDotEnv(List<DotEnvEntry> entries)
    {
        var superseded = new List<ValueNode>();
        var tree = ValueNode
            .Map(entries.Select(e => KeyValuePair.Create(e.Key, ValueNode.Scalar(e.Value, isPlain: false, e.Line))))
            .PlacedAt("", superseded);
        var data = ValueNode.Map([]);
        foreach (var (key, value) in tree.Entries)
        {
            data.Entries[key] = value;
        }

        var environment = ValueNode.Map([]);
        environment.Entries["data"] = data;
        var root = ValueNode.Map([]);
        root.Entries["environment"] = environment;
        var file = new ImportFile(root);
        file.Superseded.AddRange(superseded);
        file.Cut(entries, line => tree.Leaves().FirstOrDefault(l => l.Line == line));
        return file;
    }

    /// <summary>Says of each value that a # ended without a space before it that it did.</summary>
    public void Cut(IEnumerable<DotEnvEntry> entries, Func<int, ValueNode?> leafAt)
    {
        foreach (var entry in entries.Where(e => e.IsCut))
        {
            if (leafAt(entry.Line) is { } leaf)
            {
                Corrected.Add(
                    (
                        leaf,
                        new(
                            "",
                            "a value with # in it",
                            "what is before #",
                            "What follows # is a comment, as .env lines define it. Put the value in quotes where # belongs to it."
                        )
                    )
                );
            }
        }
    }
}
