using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.Audit;

/// <summary>One fact before and after; empty where there was or is none.</summary>
public sealed record FactChange(string Name, string Before, string After)
{
    /// <summary>Whether it is another one now.</summary>
    public bool IsChanged => Before != After;
}

/// <summary>What an event holds of before and after, fact by fact: what changed first.</summary>
internal static class FactChanges
{
    public static IReadOnlyList<FactChange> Of(string before, string after)
    {
        var (old, now) = (Facts(before), Facts(after));
        return
        [
            .. old
                .Keys.Union(now.Keys)
                .Select(k => new FactChange(k, old.GetValueOrDefault(k, ""), now.GetValueOrDefault(k, "")))
                .OrderBy(f => !f.IsChanged),
        ];
    }

    private static Dictionary<string, string> Facts(string json)
    {
        var facts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (json.Length > 0)
        {
            try
            {
                Add(facts, "", PortalJson.Read<JsonNode>(json));
            }
            catch (JsonException)
            {
                facts["Content"] = json; // of an event that somebody changed by hand
            }
        }

        return facts;
    }

    private static void Add(Dictionary<string, string> facts, string name, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject parts:
                foreach (var (key, part) in parts)
                {
                    Add(facts, name.Length == 0 ? Title(key) : $"{name}: {Title(key)}", part);
                }

                break;
            case JsonArray list when list.Any(i => i is JsonObject or JsonArray):
                for (var i = 0; i < list.Count; i++)
                {
                    Add(facts, $"{name} {i + 1}".Trim(), list[i]);
                }

                break;
            case JsonArray list:
                facts[Named(name)] = list.Count == 0 ? "none" : string.Join(", ", list.Select(Text));
                break;
            default:
                facts[Named(name)] = Text(node);
                break;
        }
    }

    private static string Named(string name) => name.Length > 0 ? name : "Content";

    private static string Text(JsonNode? node) =>
        node?.GetValueKind() switch
        {
            null or JsonValueKind.Null => "none",
            JsonValueKind.True => "yes",
            JsonValueKind.False => "no",
            JsonValueKind.String => node.GetValue<string>(),
            _ => node.ToJsonString(),
        };

    // "rotateEveryDays" is for programs; settings, which are upper case, and names with spaces stay as they are.
    private static string Title(string key) =>
        key.Length == 0 || !char.IsAsciiLetterLower(key[0]) || key.Contains(' ', StringComparison.Ordinal) ? key : NameText.Spaced(key);
}
