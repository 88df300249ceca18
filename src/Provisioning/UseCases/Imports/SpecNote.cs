using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Reading;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// The comment at the top of an exported values file that notes what Helm values cannot say: who signs in at the registry, what the gateway
/// may call, hours to live, and what was left to the profile. <c># portal.portkey.ai/spec: {"/ttlHours":[null,24],"/replicas":[1,null]}</c>
/// means: where the values still read as the first, the spec says the second. What a person changed in the values counts as they changed
/// it.
/// </summary>
internal static class SpecNote
{
    private const string Mark = "# portal.portkey.ai/spec: ";
    private const int MostLines = 20;
    private static readonly ReadLimits Limits = new("The note") { Depth = 8 };
    private static readonly string Settings = Pointer("", "settings") + "/";

    /// <summary>The comment line for a spec whose rendered values these are, with its line end.</summary>
    public static string Write(EnvironmentSpec spec, string valuesYaml)
    {
        var differences = new JsonObject();
        Compare(Tree(ValuesImporter.Read($"{Mark}{{}}\n{valuesYaml}").Spec), Tree(spec), "", differences);

        // One line whatever is in it: this encoder leaves nothing but ASCII.
        return $"{Mark}{differences.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Default })}\n";
    }

    /// <summary>The note of a text; null where it has none, so the portal did not write it.</summary>
    /// <exception cref="InvalidInputException">There is one, but it is damaged.</exception>
    public static JsonObject? Find(string text)
    {
        using var lines = new StringReader(text);
        for (var i = 0; i < MostLines && lines.ReadLine() is { } line; i++)
        {
            if (line.StartsWith(Mark, StringComparison.Ordinal))
            {
                try
                {
                    return BoundedJson.Node(line[Mark.Length..], Limits) as JsonObject ?? throw Damaged();
                }
                catch (Exception problem) when (problem is JsonException or UnreadableException)
                {
                    throw Damaged();
                }
            }
        }

        return null;
    }

    /// <summary>What the values were read as, with what the note adds.</summary>
    /// <exception cref="InvalidInputException">The note is damaged.</exception>
    public static EnvironmentSpec Apply(JsonObject note, EnvironmentSpec read, Account account)
    {
        var tree = Tree(read);
        foreach (var (path, pair) in note)
        {
            if (pair is not JsonArray { Count: 2 } sides || !IsWhole(sides[1]) || !path.StartsWith('/'))
            {
                throw Damaged();
            }

            // The values file is untrusted: what it may not say, its comment may not say either.
            if (
                path.StartsWith(Settings, StringComparison.Ordinal)
                && !(SettingsCatalog.ByKey.TryGetValue(path[Settings.Length..], out var setting) && !setting.View.IsSecret)
            )
            {
                account.Note(
                    new Dropped(
                        path[Settings.Length..],
                        "The note at the top of the file holds settings only, and neither secrets nor unknown names."
                    )
                );
                continue;
            }

            var names = path[1..]
                .Split('/')
                .Select(n => n.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))
                .ToList();
            var parent = names.SkipLast(1).Aggregate((JsonNode?)tree, (node, name) => (node as JsonObject)?[name]) as JsonObject;
            if (parent is null || !JsonNode.DeepEquals(parent[names[^1]], sides[0]))
            {
                continue; // changed by hand since
            }

            parent.Remove(names[^1]);
            if (sides[1] is { } meant)
            {
                parent[names[^1]] = meant.DeepClone();
            }
        }

        try
        {
            var spec = tree.Deserialize<EnvironmentSpec>(PortalJson.Options)!;
            return Enum.IsDefined(spec.Edition) && Enum.IsDefined(spec.Network.Exposure) ? spec : throw Damaged();
        }
        catch (JsonException)
        {
            throw Damaged();
        }
    }

    private static void Compare(JsonNode? said, JsonNode? meant, string path, JsonObject differences)
    {
        if (said is JsonObject before && meant is JsonObject after)
        {
            foreach (var name in before.Select(p => p.Key).Union(after.Select(p => p.Key)).Order(StringComparer.Ordinal))
            {
                Compare(before[name], after[name], Pointer(path, name), differences);
            }
        }
        else if (!JsonNode.DeepEquals(said, meant))
        {
            differences[path] = new JsonArray(said?.DeepClone(), meant?.DeepClone());
        }
    }

    // RFC 6901: labels have slashes in their names.
    private static string Pointer(string above, string name) =>
        $"{above}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";

    private static JsonObject Tree(EnvironmentSpec spec) => JsonSerializer.SerializeToNode(spec, PortalJson.Options)!.AsObject();

    // A spec has no nulls inside; a hostile note could put one where code expects a value.
    private static bool IsWhole(JsonNode? node, bool isTop = true) =>
        node switch
        {
            null => isTop,
            JsonObject map => map.All(p => IsWhole(p.Value, false)),
            JsonArray list => list.All(i => IsWhole(i, false)),
            _ => true,
        };

    private static InvalidInputException Damaged() =>
        new(
            "text",
            $"The line that begins with '{Mark.Trim()}' is not as the portal wrote it. Leave that line out: the rest is read without it."
        );
}
