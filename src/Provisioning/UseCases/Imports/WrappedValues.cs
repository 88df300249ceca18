namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// Finds the values among the documents of a YAML text: bare ones, those of helm get values, of a Flux HelmRelease
/// (https://fluxcd.io/flux/components/helm/helmreleases/#values) and of an Argo CD Application
/// (https://argo-cd.readthedocs.io/en/stable/user-guide/helm/).
/// </summary>
internal static class WrappedValues
{
    private const string Around = "It says where and how to deploy; the request says that.";
    private static readonly string[] ChartKeys =
    [
        "environment",
        "images",
        "image",
        "imageCredentials",
        "replicaCount",
        "service",
        "ingress",
        "serviceAccount",
        "autoscaling",
        "resources",
        "dataservice",
        "redis",
        "extraEnv",
        "envFrom",
    ];
    private static readonly string[] Headers = ["USER-SUPPLIED VALUES", "COMPUTED VALUES"];

    public static ImportFile Read(List<ValueNode> documents, AssignmentLines lines)
    {
        var all = documents.SelectMany(d => Unpacked(d)).ToList();
        if (all.Count == 0)
        {
            throw ImportYaml.Wrong("It holds nothing. Paste a values.yaml.");
        }

        // The values are what holds a gateway's keys; of several, the first.
        var chosen = all.Find(Holds) ?? all.Find(d => d.Value is { Kind: ValueKind.Map } && d.Kind is null) ?? all[0];
        if (chosen.Value.Kind != ValueKind.Map)
        {
            throw ImportYaml.Wrong("It is not a mapping of values. Paste a values.yaml, or KEY=value lines.");
        }

        var superseded = new List<ValueNode>();
        var root = chosen.Value.PlacedAt("", superseded);
        var file = chosen.Kind switch
        {
            "HelmRelease" => Flux(root),
            "Application" => Argo(root, root["spec"], "spec"),
            "ApplicationSet" => Argo(root, root.At("spec", "template", "spec"), "spec.template.spec"),
            null => Bare(root),
            var kind => throw ImportYaml.Wrong(
                $"It is a {Short(kind)}. Paste a values.yaml, a Flux HelmRelease or an Argo CD Application that holds values."
            ),
        };
        file.Superseded.AddRange(superseded);
        foreach (var (document, at) in all.Select((d, at) => (d, at)).Where(d => d.d != chosen))
        {
            var placed = document.Value.PlacedAt($"document[{at + 1}]", file.Superseded);
            file.Beside.Add(
                (
                    placed,
                    Holds(document) ? "Another document of the same text was read. Import this one by itself."
                    : document.Kind is { } kind ? $"A {Short(kind)} is not part of the values."
                    : "It is another document, without values of a gateway."
                )
            );
        }

        Lines(file, root, lines);
        return file;
    }

    private static void Lines(ImportFile file, ValueNode root, AssignmentLines lines)
    {
        if (lines.Rewritten.Count > 0)
        {
            var (first, last) = (lines.Rewritten[0].Line, lines.Rewritten[^1].Line);
            file.Notes.Add(
                new(
                    lines.Rewritten.Count == 1 ? $"line {first}" : $"lines {first} to {last}",
                    "KEY=value",
                    "KEY: value",
                    $"An equals sign does not make an entry in YAML. Read as entries: {string.Join(", ", lines.Rewritten.Select(r => r.Key))}."
                )
            );
            var leaves = root.Leaves().ToList();
            file.Cut(lines.Rewritten, line => leaves.Find(l => l.Line == line));
        }

        if (lines.Tabbed.Count > 0)
        {
            file.Notes.Add(
                new(
                    lines.Tabbed.Count == 1 ? $"line {lines.Tabbed[0]}" : $"lines {lines.Tabbed[0]} to {lines.Tabbed[^1]}",
                    "tabs",
                    "spaces",
                    "YAML takes no tabs as indentation. Each was read as two spaces."
                )
            );
        }
    }

    private static IEnumerable<Document> Unpacked(ValueNode document)
    {
        // Not placed yet, so there are no entries to ask for.
        var root = document.PlacedAt("", []);
        if (root["kind"]?.Text is not { } kind || root["apiVersion"]?.Text is null)
        {
            return [new(document, root, null)];
        }

        return kind == "List" && root["items"] is { Kind: ValueKind.List } items
            ? items.Items.Select(i => new Document(Unplaced(i), i, i["kind"]?.Text ?? "List"))
            : [new(document, root, kind)];
    }

    private static bool Holds(Document document) =>
        document.Kind switch
        {
            "HelmRelease" => document.Placed.At("spec", "values") is { Kind: ValueKind.Map },
            "Application" => Sources(document.Placed["spec"]).Any(),
            "ApplicationSet" => Sources(document.Placed.At("spec", "template", "spec")).Any(),
            null => document.Placed.Kind == ValueKind.Map
                && document.Placed.Entries.Keys.Any(k => ChartKeys.Contains(k) || Headers.Contains(k)),
            _ => false,
        };

    private static ImportFile Bare(ValueNode root)
    {
        var file = new ImportFile(root);
        foreach (var header in Headers)
        {
            if (root[header] is { IsEmpty: true } line)
            {
                root.Entries.Remove(header);
                file.Beside.Add((line, "It is the heading that helm get values prints."));
            }
        }

        return file;
    }

    private static ImportFile Flux(ValueNode root)
    {
        var values = root.At("spec", "values");
        if (values is not { Kind: ValueKind.Map })
        {
            throw ImportYaml.Wrong(
                root.At("spec", "valuesFrom") is null
                    ? "The HelmRelease has no spec.values. Paste the values themselves."
                    : "The HelmRelease takes its values from elsewhere (spec.valuesFrom). Paste those."
            );
        }

        root["spec"]!.Entries.Remove("values");
        var file = new ImportFile(values);
        if (root.At("spec", "valuesFrom") is { } from)
        {
            file.Beside.Add((from, "Values from elsewhere are not in this text. Import them, too, or write them in."));
            root["spec"]!.Entries.Remove("valuesFrom");
        }

        file.Beside.Add((root, Around));
        return file;
    }

    private static ImportFile Argo(ValueNode root, ValueNode? spec, string path)
    {
        if (Sources(spec).FirstOrDefault() is not { } helm)
        {
            throw ImportYaml.Wrong(
                $"The Argo CD Application holds no values: neither {path}.source.helm.values nor valuesObject nor parameters. Paste the values file that it names."
            );
        }

        var file = new ImportFile(ValueNode.Map([]));
        var (text, typed) = (helm["values"], helm["valuesObject"]);
        if (typed is { Kind: ValueKind.Map, IsLeaf: false })
        {
            helm.Entries.Remove("valuesObject");
            file = new ImportFile(typed);
            if (text is not null)
            {
                file.Beside.Add((text, "Argo CD takes valuesObject, where there is one, and leaves values out."));
                helm.Entries.Remove("values");
            }
        }
        else if (text is { Kind: ValueKind.Scalar, Text: { Length: > 0 } inner })
        {
            helm.Entries.Remove("values");
            file = Inner(inner, text.Path);
        }

        if (helm["parameters"] is { Kind: ValueKind.List } parameters)
        {
            helm.Entries.Remove("parameters");
            foreach (var parameter in parameters.Items)
            {
                Lay(file, parameter, parameter["forceString"]?.Text is { } force && HelmScalars.Flag(force) == true);
            }
        }

        if (helm["valueFiles"] is { } files)
        {
            file.Beside.Add((files, "Values files are not in this text. Import them, too, or write them in."));
            helm.Entries.Remove("valueFiles");
        }

        file.Beside.Add((root, Around));
        return file;
    }

    /// <summary>A text of YAML that stands in another text at a path, by which its leaves are named.</summary>
    public static ImportFile Inner(string yaml, string path)
    {
        var lines = new AssignmentLines();
        var documents = ImportYaml.Read(lines.Rewrite(yaml.ReplaceLineEndings("\n")));
        if (documents.Count > 1)
        {
            throw ImportYaml.Wrong($"The values at {path} are several YAML documents. Leave one.");
        }

        if (documents.Count == 0)
        {
            return new ImportFile(ValueNode.Map([]));
        }

        var superseded = new List<ValueNode>();
        var root = documents[0].PlacedAt(path, superseded);
        if (root.Kind != ValueKind.Map)
        {
            throw ImportYaml.Wrong($"The values at {path} are not a mapping.");
        }

        var file = new ImportFile(root);
        file.Superseded.AddRange(superseded);
        Lines(file, root, lines);
        return file;
    }

    /// <summary>Lays one <c>{name, value}</c> over the values.</summary>
    public static void Lay(ImportFile file, ValueNode entry, bool isText)
    {
        var (name, value) = (entry["name"], entry["value"]);
        if (
            name?.Text is not { Length: > 0 } path
            || value is null
            || value.Foreign is not null
            || (value.Kind == ValueKind.Scalar && value.Text is null)
        )
        {
            file.Beside.Add(
                (entry, value?.Foreign is { } foreign ? $"It is {foreign}, which the portal does not run." : "It has no name and value.")
            );
            return;
        }

        var laid = (value.Kind == ValueKind.Scalar ? SetPath.Value(value.Text!, isText, value.Line) : value).PlacedAt(
            value.Path,
            file.Superseded
        );
        if (laid.Leaves().FirstOrDefault() is not { } first || !SetPath.TryPut(file.Values, path, laid, file.Superseded))
        {
            file.Beside.Add((entry, "Its name is not the path of a value."));
            return;
        }

        first.NamedBy = name;
        file.Named.Add(name);
        foreach (var (key, other) in entry.Entries.Where(e => e.Key is not ("name" or "value")))
        {
            file.Beside.Add((other, $"It only says how {key} is meant."));
        }
    }

    private static IEnumerable<ValueNode> Sources(ValueNode? spec) =>
        (spec?["sources"] is { Kind: ValueKind.List } several ? several.Items : [])
            .Prepend(spec?["source"])
            .Select(s => s?["helm"])
            .OfType<ValueNode>()
            .Where(h =>
                h["values"] is { IsEmpty: false } || h["valuesObject"] is { IsEmpty: false } || h["parameters"] is { IsEmpty: false }
            );

    private static string Short(string kind) => kind.Length > 60 ? kind[..60] : kind;

    private static ValueNode Unplaced(ValueNode placed) =>
        placed.Kind switch
        {
            ValueKind.Map => ValueNode.Map(placed.Entries.Select(e => KeyValuePair.Create(e.Key, Unplaced(e.Value))), placed.Line),
            ValueKind.List => ValueNode.List(placed.Items.Select(Unplaced), placed.Line),
            _ => ValueNode.Scalar(placed.Text, placed.IsPlain, placed.Line, placed.Foreign),
        };

    private sealed record Document(ValueNode Value, ValueNode Placed, string? Kind);
}
