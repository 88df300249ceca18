using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Schema;

namespace Portkey.Portal.Sandbox.Apply;

/// <summary>Merges an applied configuration into an object, and takes fields out of one.</summary>
internal static class StructuredMerge
{
    /// <summary>The live value with the applied one over it. Neither is changed.</summary>
    public static JsonNode? Merge(FieldType type, JsonNode? live, JsonNode? applied)
    {
        if (FieldSets.IsWhole(type, applied) || live is null || live.GetValueKind() != applied!.GetValueKind())
        {
            return applied?.DeepClone();
        }

        if (live is JsonObject was && applied is JsonObject access)
        {
            var merged = (JsonObject)was.DeepClone();
            foreach (var (key, value) in access)
            {
                merged[key] = Merge(type.Member(key), was[key], value);
            }

            return merged;
        }

        return MergeLists(type, (JsonArray)live, (JsonArray)applied);
    }

    /// <summary>Removes what the set names from the value, in place; items and maps that end up empty stay unless named.</summary>
    public static void Remove(FieldType type, JsonNode? value, FieldSet set)
    {
        if (value is JsonObject item && !FieldSets.IsWhole(type, value))
        {
            foreach (var (step, below) in set.Children)
            {
                var key = step[2..];
                if (!step.StartsWith("f:", StringComparison.Ordinal) || !item.ContainsKey(key))
                {
                    continue;
                }

                if (below.Member)
                {
                    item.Remove(key);
                }
                else
                {
                    var had = IsEmpty(item[key]);
                    Remove(type.Member(key), item[key], below);
                    if (!had && IsEmpty(item[key]))
                    {
                        item.Remove(key);
                    }
                }
            }
        }
        else if (value is JsonArray list && type.Keys.Length > 0)
        {
            for (var i = list.Count - 1; i >= 0; i--)
            {
                if (set.Child(ListKeys.StepOf(type, list[i])) is not { } below)
                {
                    continue;
                }

                if (below.Member)
                {
                    list.RemoveAt(i);
                }
                else
                {
                    Remove(type.Element, list[i], below);
                }
            }
        }
    }

    private static bool IsEmpty(JsonNode? node) => node is JsonObject { Count: 0 } or JsonArray { Count: 0 };

    private static JsonArray MergeLists(FieldType type, JsonArray live, JsonArray applied)
    {
        var was = ListKeys.Index(type, live, refuseTwice: false, "");
        var access = ListKeys.Index(type, applied, refuseTwice: true, "");

        // The applied order wins for its items; others keep their place before the next item they share.
        var merged = new JsonArray();
        var done = new HashSet<string>(StringComparer.Ordinal);
        var rest = new Queue<string>(was.Keys);
        foreach (var (step, value) in access)
        {
            if (was.ContainsKey(step))
            {
                while (rest.TryPeek(out var next) && next != step && !access.ContainsKey(next))
                {
                    merged.Add(was[rest.Dequeue()]?.DeepClone());
                }

                if (rest.TryPeek(out var head) && head == step)
                {
                    rest.Dequeue();
                }
            }

            done.Add(step);
            merged.Add(type.IsSet ? value?.DeepClone() : Merge(type.Element, was.GetValueOrDefault(step), value));
        }

        foreach (var step in rest.Where(s => !done.Contains(s)))
        {
            merged.Add(was[step]?.DeepClone());
        }

        return merged;
    }
}
