using System.Text;
using System.Text.RegularExpressions;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portkey.Portal.Provisioning.Imports;

/// <summary>Reads a values file that a person pasted: bounded, without aliases, and with the KEY="value" lines that Portkey's guide writes inside YAML.</summary>
internal static partial class ImportYaml
{
    public const int LongestText = 256 * 1024;
    private static readonly ReadLimits Limits = new("It") { Size = 2 * LongestText, Nodes = 5000, Depth = 20, Aliases = false };

    /// <summary>A tree of <c>Dictionary&lt;string, object?&gt;</c>, <c>List&lt;object?&gt;</c> and <c>string</c>; null stands for nothing.</summary>
    public static Dictionary<string, object?> Read(string text, List<Correction> corrections) =>
        Read(text, t => Rewritten(t, corrections), s => s.Value, corrections);

    /// <summary>The same bounds for YAML that is written for the portal: nothing is corrected, and plain numbers and booleans are such.</summary>
    public static Dictionary<string, object?> ReadTyped(string text)
    {
        var repeated = new List<Correction>();
        var read = Read(text, t => t, Typed, repeated);
        return repeated.Count == 0 ? read : throw new InvalidInputException([.. repeated.Select(r => new FieldProblem(r.Field, "It is given twice."))]);
    }

    private static Dictionary<string, object?> Read(string text, Func<string, string> prepare, Func<Scalar, object?> scalar, List<Correction> corrections)
    {
        if (text.Length > LongestText)
        {
            throw Wrong($"It has {text.Length} characters; at most {LongestText} are taken.");
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            throw Wrong("It is empty. Paste a values.yaml.");
        }

        try
        {
            return BoundedYaml.Walk(prepare(text), Limits, parser =>
            {
                parser.Consume<StreamStart>();
                if (!parser.TryConsume<DocumentStart>(out _))
                {
                    throw Wrong("It holds nothing. Paste a values.yaml.");
                }

                var root = Node(parser, scalar, corrections, "");
                parser.Consume<DocumentEnd>();
                parser.Consume<StreamEnd>();
                return root as Dictionary<string, object?> ?? throw Wrong("It is not a mapping of values. Paste a values.yaml, or KEY=value lines.");
            });
        }
        catch (UnreadableException e)
        {
            throw Wrong(e.InnerException is YamlException ? $"{e.Message} Mend that line, or leave it out." : e.Message);
        }
    }

    // Inside YAML a line KEY="value" is text, not an entry; what is meant is plain to see.
    private static string Rewritten(string text, List<Correction> corrections)
    {
        var result = new StringBuilder(text.Length);
        var rewritten = new List<(int Line, string Key)>();
        var number = 0;
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            number++;
            if (Assignment().Match(line) is not { Success: true } match)
            {
                result.Append(line.Replace('\t', ' ')).Append('\n');
                continue;
            }

            var value = match.Groups["value"].Value.Trim();
            if (value.Length > 1 && value[0] == value[^1] && value[0] is '"' or '\'')
            {
                value = value[1..^1];
            }

            var key = match.Groups["key"].Value;
            result.Append(match.Groups["indent"].Value.Replace("export ", "", StringComparison.Ordinal)).Append(key).Append(": '").Append(value.Replace("'", "''", StringComparison.Ordinal)).Append("'\n");
            rewritten.Add((number, key));
        }

        if (rewritten.Count > 0)
        {
            corrections.Add(new Correction(
                rewritten.Count == 1 ? $"line {rewritten[0].Line}" : $"lines {rewritten[0].Line} to {rewritten[^1].Line}", "KEY=value", "KEY: value",
                $"An equals sign makes no entry in YAML. Read as entries: {string.Join(", ", rewritten.Select(r => r.Key))}."));
        }

        return result.ToString();
    }

    private static object? Node(IParser parser, Func<Scalar, object?> value, List<Correction> corrections, string path)
    {
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" } ? null : value(scalar);
        }

        if (parser.TryConsume<SequenceStart>(out _))
        {
            var list = new List<object?>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                list.Add(Node(parser, value, corrections, path));
            }

            return list;
        }

        if (parser.TryConsume<MappingStart>(out _))
        {
            var map = new Dictionary<string, object?>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.TryConsume<Scalar>(out var name) ? name.Value : throw Wrong($"A key below '{path}' is not plain text.");
                var at = path.Length == 0 ? key : $"{path}.{key}";
                if (!map.TryAdd(key, null))
                {
                    corrections.Add(new Correction(at, "given twice", "given once", "The last one counts, as it does for Helm."));
                }

                map[key] = Node(parser, value, corrections, at);
            }

            return map;
        }

        throw Wrong("It uses YAML that a values file does not need.");
    }

    private static object? Typed(Scalar scalar) => scalar.Style != ScalarStyle.Plain ? scalar.Value : scalar.Value switch
    {
        "true" => true,
        "false" => false,
        var text when int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) && text == number.ToString(System.Globalization.CultureInfo.InvariantCulture) => number,
        var text => text,
    };

    private static InvalidInputException Wrong(string message) => new("text", message);

    [GeneratedRegex(@"\A(?<indent>[ \t]*(export )?)(?<key>[A-Z][A-Z0-9_]+)[ \t]*=(?<value>.*)\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Assignment();
}
