using System.Text.Json;
using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// What a chart's values.schema.json says of the names that a place may hold. Rules for what stands under a name are Helm's to check.
/// Source:
/// JSON Schema 2020-12, 10.2 and 10.3.2, and its earlier drafts.
/// </summary>
internal sealed class ChartSchema(JsonElement root)
{
    private const int Deepest = 60;
    private static readonly TimeSpan PatternLimit = TimeSpan.FromMilliseconds(50);

    private int steps;

    /// <summary>Whether a value may stand at that path. Where that is unknown, it may.</summary>
    public bool Allows(ReadOnlySpan<string> path)
    {
        steps = 0;
        return Allows(root, path, 0);
    }

    /// <summary>Whether the schema has its own rules for that path.</summary>
    public bool Names(params ReadOnlySpan<string> path)
    {
        var at = root;
        foreach (var key in path)
        {
            at = Resolve(at);
            if (
                at.ValueKind != JsonValueKind.Object
                || !at.TryGetProperty("properties", out var named)
                || named.ValueKind != JsonValueKind.Object
                || !named.TryGetProperty(key, out at)
            )
            {
                return false;
            }
        }

        return true;
    }

    private bool Allows(JsonElement schema, ReadOnlySpan<string> path, int depth)
    {
        if (depth > Deepest || ++steps > 20_000)
        {
            return true;
        }

        if (schema.ValueKind != JsonValueKind.Object)
        {
            return schema.ValueKind != JsonValueKind.False;
        }

        if (Reference(schema) is not null && Resolve(schema) is var other && Reference(other) is null && !Allows(other, path, depth + 1))
        {
            return false;
        }

        foreach (var one in Members(schema, "allOf"))
        {
            if (!Allows(one, path, depth + 1))
            {
                return false;
            }
        }

        return AnyAllows(schema, "anyOf", path, depth)
            && AnyAllows(schema, "oneOf", path, depth)
            && (path.Length == 0 || AllowsBelow(schema, path, depth));
    }

    private bool AnyAllows(JsonElement schema, string word, ReadOnlySpan<string> path, int depth)
    {
        var some = false;
        foreach (var one in Members(schema, word))
        {
            some = true;
            if (Allows(one, path, depth + 1))
            {
                return true;
            }
        }

        return !some;
    }

    private bool AllowsBelow(JsonElement schema, ReadOnlySpan<string> path, int depth)
    {
        var (key, named) = (path[0], false);
        if (schema.TryGetProperty("propertyNames", out var names) && !IsName(Resolve(names), key))
        {
            return false;
        }

        if (
            schema.TryGetProperty("properties", out var properties)
            && properties.ValueKind == JsonValueKind.Object
            && properties.TryGetProperty(key, out var own)
        )
        {
            named = true;
            if (!Allows(own, path[1..], depth + 1))
            {
                return false;
            }
        }

        if (schema.TryGetProperty("patternProperties", out var patterns) && patterns.ValueKind == JsonValueKind.Object)
        {
            foreach (var pattern in patterns.EnumerateObject())
            {
                if (Matches(pattern.Name, key))
                {
                    named = true;
                    if (!Allows(pattern.Value, path[1..], depth + 1))
                    {
                        return false;
                    }
                }
            }
        }

        if (named)
        {
            return true;
        }

        return schema.TryGetProperty("additionalProperties", out var more)
            ? Allows(more, path[1..], depth + 1)
            : !schema.TryGetProperty("unevaluatedProperties", out var rest)
                || Elsewhere(schema, key, depth + 1)
                || Allows(rest, path[1..], depth + 1);
    }

    // Whether a schema that belongs to this one knows the name.
    private bool Elsewhere(JsonElement schema, string key, int depth)
    {
        if (depth > Deepest)
        {
            return true;
        }

        var others = new[] { "allOf", "anyOf", "oneOf" }
            .SelectMany(w => Members(schema, w))
            .Concat(new[] { "if", "then", "else" }.Where(w => schema.TryGetProperty(w, out _)).Select(w => schema.GetProperty(w)));
        foreach (var other in Reference(schema) is null ? others : others.Append(Resolve(schema)))
        {
            var one = Resolve(other);
            if (
                one.ValueKind == JsonValueKind.Object
                && (
                    one.TryGetProperty("additionalProperties", out _)
                    || Has(one, "properties", n => n == key)
                    || Has(one, "patternProperties", n => Matches(n, key))
                    || Elsewhere(one, key, depth + 1)
                )
            )
            {
                return true;
            }
        }

        return false;
    }

    private static bool Has(JsonElement schema, string word, Func<string, bool> fits) =>
        schema.TryGetProperty(word, out var all) && all.ValueKind == JsonValueKind.Object && all.EnumerateObject().Any(p => fits(p.Name));

    private static bool IsName(JsonElement rule, string key) =>
        rule.ValueKind != JsonValueKind.Object
            ? rule.ValueKind != JsonValueKind.False
            : (
                !rule.TryGetProperty("pattern", out var pattern)
                || pattern.ValueKind != JsonValueKind.String
                || Matches(pattern.GetString()!, key)
            )
                && (
                    !rule.TryGetProperty("enum", out var allowed)
                    || allowed.ValueKind != JsonValueKind.Array
                    || allowed.EnumerateArray().Any(a => a.ValueKind == JsonValueKind.String && a.GetString() == key)
                );

    private static bool Matches(string pattern, string key)
    {
        try
        {
            return Regex.IsMatch(key, pattern, RegexOptions.CultureInvariant, PatternLimit);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            return true;
        }
    }

    private static string? Reference(JsonElement schema) =>
        schema.ValueKind == JsonValueKind.Object
        && schema.TryGetProperty("$ref", out var reference)
        && reference.ValueKind == JsonValueKind.String
            ? reference.GetString()
            : null;

    private JsonElement Resolve(JsonElement schema)
    {
        for (var hops = 0; Reference(schema) is { } reference && hops < Deepest; hops++)
        {
            if (reference != "#" && !reference.StartsWith("#/", StringComparison.Ordinal))
            {
                return schema; // an anchor, which is not resolved
            }

            var at = root;
            foreach (
                var part in reference
                    .Split('/')
                    .Skip(1)
                    .Select(p =>
                        Uri.UnescapeDataString(p).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)
                    )
            )
            {
                if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(part, out at))
                {
                    return schema;
                }
            }

            schema = at;
        }

        return schema;
    }

    private static JsonElement.ArrayEnumerator Members(JsonElement schema, string word) =>
        schema.TryGetProperty(word, out var all) && all.ValueKind == JsonValueKind.Array ? all.EnumerateArray() : default;
}
