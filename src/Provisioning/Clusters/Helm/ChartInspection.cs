using System.Text.Json;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// Checks what Helm reads of a chart before Helm does: that it is within the portal's bounds, and that no schema makes Helm fetch
/// anything.
/// Helm's schema reader calls every address in <c>$ref</c> or <c>$schema</c>, and opens files.
/// </summary>
internal static class ChartInspection
{
    private static readonly string[] Yaml = ["Chart.yaml", "values.yaml", "Chart.lock", "requirements.yaml", "requirements.lock"];
    private const string Schema = "values.schema.json";

    // What Helm has built in, under both schemes and with an empty fragment or none.
    private static readonly string[] Drafts =
    [
        "schema",
        "draft-04/schema",
        "draft-06/schema",
        "draft-07/schema",
        "draft/2019-09/schema",
        "draft/2020-12/schema",
    ];

    /// <summary>Checks a chart and the charts inside it.</summary>
    /// <exception cref="ChartException">Something speaks against handing it to Helm.</exception>
    public static void Check(string folder) => Check(folder, "");

    private static void Check(string folder, string at)
    {
        try
        {
            foreach (var name in Yaml.Where(n => File.Exists(Path.Combine(folder, n))))
            {
                BoundedYaml.CheckFile(Path.Combine(folder, name), ReadLimits.ChartFile(at + name));
            }

            if (File.Exists(Path.Combine(folder, Schema)))
            {
                CheckSchema(Path.Combine(folder, Schema), at + Schema);
            }
        }
        catch (UnreadableException problem)
        {
            throw new ChartException("chart-invalid", problem.Message, inner: problem);
        }

        var charts = Path.Combine(folder, "charts");
        if (!Directory.Exists(charts))
        {
            return;
        }

        if (Directory.GetFiles(charts).FirstOrDefault(f => f.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase)) is { } packed)
        {
            throw new ChartException(
                "chart-invalid",
                $"'{at}charts/{Path.GetFileName(packed)}' is an archive inside the chart, which is not inspected. Unpack it in its place: 'helm package' does so."
            );
        }

        foreach (var inner in Directory.GetDirectories(charts).Order(StringComparer.Ordinal))
        {
            Check(inner, $"{at}charts/{Path.GetFileName(inner)}/");
        }
    }

    private static void CheckSchema(string path, string name)
    {
        var limits = ReadLimits.ChartFile(name);
        if (new FileInfo(path).Length > limits.Size)
        {
            throw BoundedYaml.TooLarge(limits);
        }

        try
        {
            using var schema = BoundedJson.Document(File.ReadAllBytes(path), limits);
            Check(schema.RootElement, name);
        }
        catch (JsonException problem)
        {
            throw new ChartException("chart-invalid", $"{name} is not JSON, at line {problem.LineNumber + 1}.", inner: problem);
        }
    }

    private static void Check(JsonElement element, string name)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Check(item, name);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in element.EnumerateObject())
            {
                if (member.Value.ValueKind == JsonValueKind.String)
                {
                    Check(member.Name, member.Value.GetString()!, name);
                }
                else
                {
                    Check(member.Value, name);
                }
            }
        }
    }

    private static void Check(string member, string value, string name)
    {
        if (member is "$ref" or "$dynamicRef" or "$recursiveRef" && !value.StartsWith('#'))
        {
            throw new ChartException(
                "chart-invalid",
                $"{name} has a {member} to another document. Helm would fetch it whenever the chart is rendered: put the definition under '$defs' and refer to it as '#/$defs/…'."
            );
        }

        if (
            member is "$schema"
            && !Array.Exists(
                Drafts,
                d => value.TrimEnd('#') is var id && (id == "https://json-schema.org/" + d || id == "http://json-schema.org/" + d)
            )
        )
        {
            throw new ChartException(
                "chart-invalid",
                $"{name} has a $schema that is not a published draft of JSON Schema. Helm would fetch it: use 'https://json-schema.org/draft/2020-12/schema'."
            );
        }
    }
}
