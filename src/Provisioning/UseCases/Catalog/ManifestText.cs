using System.Buffers;
using System.Text.RegularExpressions;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>
/// What rendered text may not hold because Helm could read it differently from the portal, and apply what nobody saw. Each answer is a
/// sentence for people.
/// </summary>
internal static partial class ManifestText
{
    private static readonly SearchValues<char> Odd = SearchValues.Create("\u0085\u2028\u2029\ufeff\0");

    private static readonly string[] PlainTags =
    [
        "tag:yaml.org,2002:str",
        "tag:yaml.org,2002:int",
        "tag:yaml.org,2002:float",
        "tag:yaml.org,2002:bool",
        "tag:yaml.org,2002:null",
        "tag:yaml.org,2002:map",
        "tag:yaml.org,2002:seq",
    ];

    /// <summary>What is wrong with it; empty for nothing.</summary>
    /// <exception cref="ClusterException">It is not YAML.</exception>
    public static IReadOnlyList<string> Ambiguities(string manifest)
    {
        var wrong = new List<string>();
        var quoted = new List<(long From, long To)>();
        if (Separator().IsMatch(manifest))
        {
            wrong.Add("A line begins with '---' and has more text: Helm begins a new object there.");
        }

        // Helm removes these words from any template output.
        if (manifest.Contains("<no value>", StringComparison.Ordinal))
        {
            wrong.Add("It holds '<no value>', which Helm removes when it applies.");
        }

        if (Manifests.HoldsMark(manifest))
        {
            wrong.Add("It holds the line with which the portal separates the guardrails from the gateway.");
        }

        try
        {
            BoundedYaml.Walk(manifest, ReadLimits.Manifests, parser => Look(parser, wrong, quoted));
        }
        catch (UnreadableException problem)
        {
            throw new ClusterRejectedException("manifest-invalid", problem.Message, problem);
        }

        if (HasOddLineEnd(manifest, quoted))
        {
            wrong.Add(
                "It holds a character that some readers treat as the end of a line (U+0085, U+2028, U+2029, U+FEFF or U+0000). Have the chart quote it."
            );
        }

        return [.. wrong.Distinct(StringComparer.Ordinal)];
    }

    private static bool Look(IParser parser, List<string> wrong, List<(long From, long To)> quoted)
    {
        while (parser.MoveNext())
        {
            if (
                parser.Current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag }
                && !PlainTags.Contains(tag.Value, StringComparer.Ordinal)
            )
            {
                wrong.Add($"Line {parser.Current.Start.Line}: the YAML tag {tag.Value} changes what a value means.");
            }
            else if (parser.Current is Scalar { Style: ScalarStyle.DoubleQuoted or ScalarStyle.SingleQuoted } text)
            {
                quoted.Add((text.Start.Index, text.End.Index));
            }
            else if (parser.Current is Scalar { Value: "<<" })
            {
                wrong.Add($"Line {parser.Current.Start.Line}: '<<' merges fields that are not written there.");
            }
        }

        return wrong.Count == 0;
    }

    // Within quotes it ends nothing for any reader.
    private static bool HasOddLineEnd(string manifest, List<(long From, long To)> quoted)
    {
        var next = 0;
        for (var at = manifest.AsSpan().IndexOfAny(Odd); at >= 0;)
        {
            while (next < quoted.Count && quoted[next].To <= at)
            {
                next++;
            }

            if (next == quoted.Count || quoted[next].From > at)
            {
                return true;
            }

            var more = manifest.AsSpan(at + 1).IndexOfAny(Odd);
            at = more < 0 ? -1 : at + 1 + more;
        }

        return false;
    }

    [GeneratedRegex(@"^---[^\s]", RegexOptions.Multiline)]
    private static partial Regex Separator();
}
