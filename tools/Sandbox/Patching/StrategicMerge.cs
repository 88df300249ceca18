using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Schema;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Patching;

/// <summary>
/// Kubernetes' own merge patch: lists with a key are merged item by item, and directives ($patch, $retainKeys,
/// $setElementOrder, $deleteFromPrimitiveList) say what plain data cannot.
/// </summary>
internal static class StrategicMerge
{
    private const string Directive = "$patch";
    private const string Retain = "$retainKeys";
    private const string Order = "$setElementOrder/";
    private const string DeleteFrom = "$deleteFromPrimitiveList/";

    public static JsonObject Apply(FieldType type, JsonObject target, JsonObject patch)
    {
        switch (patch.Text(Directive))
        {
            case "replace":
                var whole = (JsonObject)patch.DeepClone();
                whole.Remove(Directive);
                return whole;
            case "delete":
                return [];
        }

        var result = (JsonObject)target.DeepClone();
        if (patch[Retain] is JsonArray retain)
        {
            var keep = retain.Texts().ToHashSet(StringComparer.Ordinal);
            foreach (var key in result.Select(p => p.Key).Where(k => !keep.Contains(k)).ToList())
            {
                result.Remove(key);
            }
        }

        foreach (var (key, value) in patch)
        {
            if (key.StartsWith(DeleteFrom, StringComparison.Ordinal))
            {
                var drop = value.Texts().ToHashSet(StringComparer.Ordinal);
                if (result[key[DeleteFrom.Length..]] is JsonArray list)
                {
                    result[key[DeleteFrom.Length..]] = new JsonArray([
                        .. list.Where(v => !drop.Contains(v?.ToString() ?? "")).Select(v => v?.DeepClone()),
                    ]);
                }
            }
            else if (!key.StartsWith('$'))
            {
                ApplyMember(type.Member(key), result, key, value);
            }
        }

        foreach (var (key, value) in patch.Where(p => p.Key.StartsWith(Order, StringComparison.Ordinal)))
        {
            var name = key[Order.Length..];
            if (result[name] is JsonArray list && value is JsonArray order)
            {
                result[name] = Sort(type.Member(name), list, order);
            }
        }

        return result;
    }

    private static void ApplyMember(FieldType type, JsonObject result, string key, JsonNode? value)
    {
        if (value is null)
        {
            result.Remove(key);
        }
        else if (value is JsonObject change)
        {
            result[key] = Apply(type, result[key] as JsonObject ?? [], change);
        }
        else if (value is JsonArray items && type.Keys.Length > 0)
        {
            result[key] = ApplyList(type, result[key] as JsonArray ?? [], items);
        }
        else
        {
            result[key] = value.DeepClone();
        }
    }

    private static JsonArray ApplyList(FieldType type, JsonArray current, JsonArray patch)
    {
        var result = (JsonArray)current.DeepClone();
        if (type.IsSet)
        {
            foreach (var value in patch.Where(v => !result.Any(r => JsonNode.DeepEquals(r, v))).ToList())
            {
                result.Add(value?.DeepClone());
            }

            return result;
        }

        // The strategic merge key is the first of the list's keys.
        var key = type.Keys[0];
        if (patch.Objects().Any(p => p.Text(Directive) == "replace" && p[key] is null))
        {
            return new JsonArray([.. patch.Objects().Where(p => p[Directive] is null).Select(p => p.DeepClone())]);
        }

        foreach (var item in patch)
        {
            if (item is not JsonObject change || change[key] is not { } id)
            {
                throw KubeStatusException.BadRequest($"map: {item?.ToJsonString()} does not contain declared merge key: {key}");
            }

            var index = IndexOf(result, key, id);
            if (change.Text(Directive) == "delete")
            {
                for (; index >= 0; index = IndexOf(result, key, id))
                {
                    result.RemoveAt(index);
                }
            }
            else if (index >= 0)
            {
                result[index] = Apply(type.Element, (JsonObject)result[index]!, change);
            }
            else
            {
                result.Add(Apply(type.Element, [], change));
            }
        }

        return result;
    }

    private static int IndexOf(JsonArray list, string key, JsonNode id)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (list[i].Child(key) is { } other && other.ToJsonString() == id.ToJsonString())
            {
                return i;
            }
        }

        return -1;
    }

    private static JsonArray Sort(FieldType type, JsonArray list, JsonArray order)
    {
        string Id(JsonNode? node) => (type.IsAssociative ? node.Child(type.Keys[0]) : node)?.ToJsonString() ?? "";
        var places = order
            .Select((node, place) => (Id: Id(node), place))
            .DistinctBy(p => p.Id)
            .ToDictionary(p => p.Id, p => p.place, StringComparer.Ordinal);

        // Items that the order does not name keep their place behind the named item before them.
        var last = -1;
        var ranked = new List<(int Rank, JsonNode? Node)>();
        foreach (var node in list)
        {
            last = places.TryGetValue(Id(node), out var place) ? place : last;
            ranked.Add((places.TryGetValue(Id(node), out var own) ? own : last, node));
        }

        return new JsonArray([.. ranked.OrderBy(r => r.Rank).Select(r => r.Node?.DeepClone())]);
    }
}
