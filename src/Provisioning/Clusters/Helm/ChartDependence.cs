using System.Text;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// What in a chart depends on where or when it is rendered, and not on its values alone. It is reported, not refused: what is approved and
/// applied is the text that came out, not the chart.
/// </summary>
internal static class ChartDependence
{
    private const int Most = 100;
    private const int LargestFile = 1024 * 1024;

    private static readonly string[] Functions =
    [
        // What the cluster or the network holds.
        "lookup",
        "getHostByName",
        "env",
        "expandenv",
        // Randomness.
        "randAlphaNum",
        "randAlpha",
        "randNumeric",
        "randAscii",
        "randBytes",
        "randInt",
        "shuffle",
        "uuidv4",
        "genCA",
        "genCAWithKey",
        "genPrivateKey",
        "genSelfSignedCert",
        "genSelfSignedCertWithKey",
        "genSignedCert",
        "genSignedCertWithKey",
        "htpasswd",
        "bcrypt",
        "encryptAES",
        "genPassword",
        "derivePassword",
        // The time, and the machine's time zone.
        "now",
        "ago",
        "date",
        "dateInZone",
        "date_in_zone",
        "htmlDate",
        "htmlDateInZone",
        "durationRound",
        "toDate",
        "mustToDate",
    ];

    /// <summary>Each with the files that use it, such as <c>lookup (templates/all.yaml)</c>; empty for none.</summary>
    public static IReadOnlyList<string> Of(string folder)
    {
        var found = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        var all = ChartParts.Files(folder);
        foreach (var file in all.Where(f => ChartParts.IsTemplate(f.Name)))
        {
            Scan(file, found);
        }

        // tpl renders any text that it is given, such as a value.
        if (found.ContainsKey("tpl"))
        {
            foreach (var file in all.Where(f => !ChartParts.IsTemplate(f.Name)))
            {
                Scan(file, found);
            }
        }

        found.Remove("tpl");
        return
        [
            .. found
                .Take(Most)
                .Select(f =>
                    $"{f.Key} ({string.Join(", ", f.Value.Take(3))}{(f.Value.Count > 3 ? $" and {f.Value.Count - 3} more" : "")})"
                ),
        ];
    }

    private static void Scan(ChartFile file, SortedDictionary<string, SortedSet<string>> found)
    {
        // Helm takes files of 5 MiB, and this one need not be searched to say that it may hold anything.
        var words =
            file.Content.Length > LargestFile
                ? ["more text than is searched"]
                : TemplateTokens.Of(Encoding.UTF8.GetString(file.Content)).Select(Meaning).OfType<string>();
        foreach (var what in words)
        {
            (found.TryGetValue(what, out var files) ? files : found[what] = new SortedSet<string>(StringComparer.Ordinal)).Add(file.Name);
        }
    }

    private static string? Meaning(TemplateToken token) =>
        token.Kind switch
        {
            TemplateTokenKind.Word => token.Text == "tpl" || Functions.Contains(token.Text, StringComparer.Ordinal) ? token.Text : null,

            // index . "Capabilities": by name, past any dot.
            TemplateTokenKind.Text => token.Text == "Capabilities" ? ".Capabilities" : null,
            _ => OfPath(token.Text.Split('.', StringSplitOptions.RemoveEmptyEntries)),
        };

    // The version of Kubernetes is given when it is rendered; everything else about the cluster is Helm's guess.
    private static string? OfPath(string[] path)
    {
        var (abilities, release) = (Array.IndexOf(path, "Capabilities"), Array.IndexOf(path, "Release"));
        return path.Contains("Values", StringComparer.Ordinal) ? null
            : abilities >= 0
                ? path.ElementAtOrDefault(abilities + 1) is { } of
                        ? of == "KubeVersion" ? null
                            : $".Capabilities.{of}"
                    : ".Capabilities"
            : release >= 0 && path.ElementAtOrDefault(release + 1) is "IsInstall" or "IsUpgrade" or "Revision"
                ? $".Release.{path[release + 1]}"
            : null;
    }
}
