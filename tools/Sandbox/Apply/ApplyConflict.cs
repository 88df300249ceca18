using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Apply;

/// <summary>EnumNames the 409 of server-side apply: which field belongs to whom.</summary>
internal static class ApplyConflict
{
    public static KubeStatusException Of(
        ResourceType type,
        string name,
        List<(FieldManager Manager, string ApiVersion, FieldSet Fields)> conflicts
    )
    {
        var causes = new JsonArray();
        var text = new StringBuilder();
        var count = 0;
        foreach (var (manager, apiVersion, fields) in conflicts)
        {
            var who =
                $"conflict with \"{manager.Name}\""
                + (manager.Subresource.Length > 0 ? $" with subresource \"{manager.Subresource}\"" : "")
                + (manager.Applies ? "" : $" using {apiVersion}");
            var paths = fields.Paths().Select(Spell).ToList();
            count += paths.Count;
            foreach (var path in paths)
            {
                causes.Add(
                    new JsonObject
                    {
                        ["reason"] = "FieldManagerConflict",
                        ["message"] = who,
                        ["field"] = path,
                    }
                );
            }

            text.Append(text.Length > 0 ? "\n" : "")
                .Append(paths.Count == 1 ? $"{who}: {paths[0]}" : $"{who}:\n- {string.Join("\n- ", paths)}");
        }

        var message = count == 1 ? $"Apply failed with 1 conflict: {text}" : $"Apply failed with {count} conflicts: {text}";
        var details = KubeStatusException.Describe(type, name, causes);
        return new KubeStatusException(409, "Conflict", message, details);
    }

    private static string Spell(string[] path)
    {
        var text = new StringBuilder();
        foreach (var step in path)
        {
            text.Append(
                step[0] switch
                {
                    'f' => "." + step[2..],
                    'k' => "["
                        + string.Join(
                            ',',
                            (JsonNode.Parse(step[2..]) as JsonObject ?? []).Select(p => $"{p.Key}={p.Value?.ToJsonString()}")
                        )
                        + "]",
                    _ => "[=" + step[2..] + "]",
                }
            );
        }

        return text.ToString();
    }
}
