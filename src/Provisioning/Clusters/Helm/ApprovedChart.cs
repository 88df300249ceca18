using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// What Helm is given to apply: the approved text itself, under the name and versions of the chart it was rendered from. There is
/// nothing left in it that could come out differently in the cluster: no template but the one that outputs the text, no values, no CRDs.
/// </summary>
/// <param name="Name">Name of the source chart.</param>
/// <param name="Version">Its version.</param>
/// <param name="AppVersion">Its application version; empty for none.</param>
/// <param name="Manifest">The gateway's approved manifests.</param>
public sealed partial record ApprovedChart(string Name, string Version, string AppVersion, string Manifest)
{
    // .Files.Get gives the file as it is: what looks like a template in it stays text.
    private const string Template = """{{ .Files.Get "files/approved.yaml" }}""";

    private const string Kept = "# as approved\n";

    /// <summary>The approved text under the name and versions in a chart's own files.</summary>
    public static ApprovedChart Of(ResolvedChart chart, string manifest)
    {
        ArgumentNullException.ThrowIfNull(chart);
        return new(chart.Name, chart.Version, chart.AppVersion, manifest);
    }

    /// <summary>Writes it into an empty folder.</summary>
    internal async Task WriteAsync(string folder, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(folder, "templates"));
        Directory.CreateDirectory(Path.Combine(folder, "files"));

        // JSON is YAML, and needs no escaping of our own.
        var chart = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["apiVersion"] = "v2",
            ["type"] = "application",
            ["name"] = Name,
            ["version"] = Version,
            ["appVersion"] = AppVersion,
        };
        await File.WriteAllTextAsync(Path.Combine(folder, "Chart.yaml"), JsonSerializer.Serialize(chart), cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(folder, "files", "approved.yaml"),
            Text(),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true),
            cancellationToken
        );
        await File.WriteAllTextAsync(Path.Combine(folder, "templates", "approved.yaml"), Template, cancellationToken);
    }

    // Helm trims whitespace at a document's end, and with it the line end that belongs to a last value: a comment after it keeps it.
    private string Text() => Separator().Replace($"{Manifest.TrimEnd('\n')}\n", $"{Kept}---") + Kept;

    [GeneratedRegex(@"(?<=\n)---(?=\s)")]
    private static partial Regex Separator();
}
