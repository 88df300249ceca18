using System.Globalization;
using System.Text;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// Lays single values over a tree as <c>helm --set</c> does, which Terraform's <c>set</c> and Argo CD's <c>parameters</c> stand for:
/// <c>environment.data.LOG_STORE</c>, <c>a\.b.c</c>, <c>list[0].x</c>.
/// </summary>
internal static class SetPath
{
    private const int Deepest = 20;
    private const int LongestIndex = 100;

    /// <summary>Puts a node at a name; false where the name is not a path, or the path does not exist.</summary>
    /// <param name="root">Map.</param>
    /// <param name="name">Name.</param>
    /// <param name="value">Value.</param>
    /// <param name="superseded">Takes what was there.</param>
    public static bool TryPut(ValueNode root, string name, ValueNode value, List<ValueNode> superseded)
    {
        if (Parts(name) is not { Count: > 0 and <= Deepest } parts || parts[0] is not string)
        {
            return false;
        }

        var node = root;
        for (var i = 0; i < parts.Count; i++)
        {
            var isLast = i == parts.Count - 1;
            var next =
                isLast ? value
                : parts[i + 1] is int ? ValueNode.List([])
                : ValueNode.Map([]);
            if (parts[i] is string key && node.Kind == ValueKind.Map)
            {
                if (node.Entries.TryGetValue(key, out var there) && (isLast || there.Kind == ValueKind.Scalar))
                {
                    superseded.Add(there);
                    there = null;
                }

                node.Entries[key] = node = there ?? next;
            }
            else if (parts[i] is int at && node.Kind == ValueKind.List && at <= node.Items.Count && at < LongestIndex)
            {
                if (at == node.Items.Count)
                {
                    node.Items.Add(next);
                }
                else if (isLast || node.Items[at].Kind == ValueKind.Scalar)
                {
                    superseded.Add(node.Items[at]);
                    node.Items[at] = next;
                }

                node = node.Items[at];
            }
            else
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A value as <c>--set</c> reads it: <c>{a,b}</c> is a list, and a backslash takes the next character as it is.</summary>
    public static ValueNode Value(string text, bool isText, int line)
    {
        if (isText)
        {
            return ValueNode.Scalar(text, isPlain: false, line);
        }

        return text.Length > 1 && text[0] == '{' && text[^1] == '}'
            ? ValueNode.List(Split(text[1..^1], ',').Select(v => ValueNode.Scalar(v, isPlain: true, line)), line)
            : ValueNode.Scalar(string.Join(',', Split(text, ',')), isPlain: true, line);
    }

    private static List<object>? Parts(string name)
    {
        var parts = new List<object>();
        foreach (var part in Split(name, '.'))
        {
            var open = part.IndexOf('[', StringComparison.Ordinal);
            if (open < 0)
            {
                parts.Add(part);
                continue;
            }

            if (open > 0)
            {
                parts.Add(part[..open]);
            }

            foreach (var index in part[open..].Split('[', StringSplitOptions.RemoveEmptyEntries))
            {
                if (
                    !index.EndsWith(']')
                    || !int.TryParse(index.AsSpan(0, index.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var at)
                )
                {
                    return null;
                }

                parts.Add(at);
            }
        }

        return parts.Exists(p => p is string { Length: 0 }) ? null : parts;
    }

    private static List<string> Split(string text, char by)
    {
        var parts = new List<string>();
        var part = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 1 < text.Length)
            {
                part.Append(text[++i]);
            }
            else if (text[i] == by)
            {
                parts.Add(part.ToString());
                part.Clear();
            }
            else
            {
                part.Append(text[i]);
            }
        }

        parts.Add(part.ToString());
        return parts;
    }
}
