using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Storage;

/// <summary>A label selector: <c>a=b, c!=d, e in (f,g), !h</c>.</summary>
internal sealed class LabelSelector
{
    private readonly List<Requirement> _requirements = [];

    public static LabelSelector Everything { get; } = new();

    public bool Matches(JsonObject item) => MatchesLabels(item["metadata"].Child("labels"));

    public bool MatchesLabels(JsonNode? labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.Holds(labels.Text(requirement.Key)))
            {
                return false;
            }
        }

        return true;
    }

    public static LabelSelector Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return Everything;
        }

        var selector = new LabelSelector();
        foreach (var part in SplitOutsideParentheses(text))
        {
            selector._requirements.Add(ParseRequirement(part.Trim(), text));
        }

        return selector;
    }

    /// <summary>Reads the selector of a workload's spec: matchLabels and matchExpressions. Nothing there selects nothing.</summary>
    public static LabelSelector FromSpec(JsonNode? node)
    {
        var selector = new LabelSelector();
        foreach (var (key, value) in node.Child("matchLabels") as JsonObject ?? [])
        {
            selector._requirements.Add(new Requirement(key, Operator.In, [value?.ToString() ?? ""]));
        }

        foreach (var expression in node.Child("matchExpressions").Objects())
        {
            var op = expression.Text("operator") switch
            {
                "In" => Operator.In,
                "NotIn" => Operator.NotIn,
                "Exists" => Operator.Exists,
                _ => Operator.DoesNotExist,
            };
            selector._requirements.Add(new Requirement(expression.Text("key") ?? "", op, [.. expression["values"].Texts()]));
        }

        if (selector._requirements.Count == 0)
        {
            selector._requirements.Add(new Requirement("", Operator.In, []));
        }

        return selector;
    }

    private static Requirement ParseRequirement(string part, string whole)
    {
        if (part.StartsWith('!'))
        {
            return new Requirement(Key(part[1..], whole), Operator.DoesNotExist, []);
        }

        if (part.EndsWith(')') && part.IndexOf('(', StringComparison.Ordinal) is var open and > 0)
        {
            var words = part[..open].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words is [var key, "in" or "notin"])
            {
                var values = part[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries);
                return new Requirement(Key(key, whole), words[1] is "in" ? Operator.In : Operator.NotIn, values);
            }

            throw Bad(whole);
        }

        var equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            return new Requirement(Key(part, whole), Operator.Exists, []);
        }

        var negated = equals > 0 && part[equals - 1] == '!';
        var left = part[..(negated ? equals - 1 : equals)];
        var right = part[(equals + 1)..].TrimStart('=').Trim();
        if (right.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
        {
            throw Bad(whole);
        }

        return new Requirement(Key(left, whole), negated ? Operator.NotIn : Operator.In, [right]);
    }

    private static string Key(string text, string whole)
    {
        text = text.Trim();
        return text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/') ? text : throw Bad(whole);
    }

    private static KubeStatusException Bad(string text) =>
        KubeStatusException.BadRequest($"unable to parse requirement in label selector \"{text}\"");

    private static IEnumerable<string> SplitOutsideParentheses(string text)
    {
        var (depth, start) = (0, 0);
        for (var i = 0; i < text.Length; i++)
        {
            depth += text[i] switch
            {
                '(' => 1,
                ')' => -1,
                _ => 0,
            };
            if (text[i] == ',' && depth == 0)
            {
                yield return text[start..i];
                start = i + 1;
            }
        }

        yield return text[start..];
    }

    private enum Operator
    {
        In,
        NotIn,
        Exists,
        DoesNotExist,
    }

    private sealed record Requirement(string Key, Operator Operator, string[] Values)
    {
        public bool Holds(string? value) =>
            Operator switch
            {
                Operator.In => value is not null && Values.Contains(value, StringComparer.Ordinal),
                Operator.NotIn => value is null || !Values.Contains(value, StringComparer.Ordinal),
                Operator.Exists => value is not null,
                _ => value is null,
            };
    }
}
