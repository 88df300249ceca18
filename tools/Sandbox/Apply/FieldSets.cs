using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Schema;

namespace Portkey.Portal.Sandbox.Apply;

/// <summary>Which fields an object states, and in which fields two objects differ.</summary>
internal static class FieldSets
{
    /// <summary>Every field that the value states: leaves, atomic values, items of merged lists, and empty ones.</summary>
    public static FieldSet Of(FieldType type, JsonNode? value)
    {
        var set = new FieldSet();
        Collect(type, value, set, "");
        set.Member = false;
        return set;
    }

    /// <summary>The fields that are new or different in the second object, and those that it lacks.</summary>
    public static (FieldSet Changed, FieldSet Removed) Compare(FieldType type, JsonNode? before, JsonNode? after)
    {
        var (changed, removed) = (new FieldSet(), new FieldSet());
        Compare(type, before, after, changed, removed);
        changed.Member = removed.Member = false;
        return (changed, removed);
    }

    internal static bool IsWhole(FieldType type, JsonNode? value) =>
        value switch
        {
            JsonObject => type.Atomic,
            JsonArray => type.Keys.Length == 0,
            _ => true,
        };

    private static void Collect(FieldType type, JsonNode? value, FieldSet set, string path)
    {
        if (IsWhole(type, value))
        {
            set.Member = true;
            return;
        }

        if (value is JsonObject { Count: 0 } or JsonArray { Count: 0 })
        {
            set.Member = true;
        }
        else if (value is JsonObject item)
        {
            foreach (var (key, child) in item)
            {
                Collect(type.Member(key), child, set.At("f:" + key), path + "." + key);
            }
        }
        else if (value is JsonArray list)
        {
            foreach (var (step, child) in ListKeys.Index(type, list, refuseTwice: true, path))
            {
                var node = set.At(step);
                node.Member = true;
                if (!type.IsSet)
                {
                    Collect(type.Element, child, node, path);
                }
            }
        }
    }

    private static void Compare(FieldType type, JsonNode? before, JsonNode? after, FieldSet changed, FieldSet removed)
    {
        if (IsWhole(type, before) || IsWhole(type, after) || before!.GetValueKind() != after!.GetValueKind())
        {
            if (!SameValue(before, after))
            {
                // A whole structure may stand against nothing here: then all of it is new, or gone.
                if (before is not null && IsWhole(type, before) is false)
                {
                    AddAll(type, before, removed);
                }

                if (after is not null && IsWhole(type, after) is false)
                {
                    AddAll(type, after, changed);
                }
                else
                {
                    changed.Member = true;
                }
            }

            return;
        }

        if (before is JsonObject was && after is JsonObject now)
        {
            foreach (var (key, value) in now)
            {
                Step(type.Member(key), "f:" + key, was.ContainsKey(key), was[key], true, value, changed, removed);
            }

            foreach (var (key, value) in was.Where(p => !now.ContainsKey(p.Key)))
            {
                Step(type.Member(key), "f:" + key, true, value, false, null, changed, removed);
            }
        }
        else if (before is JsonArray old && after is JsonArray next)
        {
            var (a, b) = (ListKeys.Index(type, old, false, ""), ListKeys.Index(type, next, false, ""));
            foreach (var step in b.Keys.Union(a.Keys).ToList())
            {
                var (had, has) = (a.TryGetValue(step, out var x), b.TryGetValue(step, out var y));
                Step(type.Element, step, had, x, has, y, changed, removed);
            }
        }
    }

    private static void Step(
        FieldType type,
        string step,
        bool had,
        JsonNode? before,
        bool has,
        JsonNode? after,
        FieldSet changed,
        FieldSet removed
    )
    {
        var item = !step.StartsWith("f:", StringComparison.Ordinal);
        if (had && has)
        {
            Compare(type, before, after, changed.At(step), removed.At(step));
        }
        else
        {
            var (set, value) = has ? (changed.At(step), after) : (removed.At(step), before);
            set.Member |= item;
            AddAll(type, value, set);
        }
    }

    private static void AddAll(FieldType type, JsonNode? value, FieldSet into)
    {
        var all = Of(type, value);
        into.Member |= IsWhole(type, value) || value is JsonObject { Count: 0 } or JsonArray { Count: 0 };
        foreach (var path in all.Paths())
        {
            into.Add(path);
        }
    }

    private static bool SameValue(JsonNode? a, JsonNode? b) =>
        JsonNode.DeepEquals(a, b)
        || (a is JsonValue && b is JsonValue && a.GetValueKind() == b.GetValueKind() && a.ToJsonString() == b.ToJsonString());
}
