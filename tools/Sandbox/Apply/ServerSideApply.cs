using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Schema;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Apply;

/// <summary>
/// Server-side apply: the configuration is merged over the live object, fields that its manager stated before and no
/// longer states go, and a field of another manager is a conflict unless it already has that value.
/// </summary>
internal static class ServerSideApply
{
    /// <summary>The object after applying, with its managedFields.</summary>
    public static JsonObject Run(ResourceType type, JsonObject? live, JsonObject applied, FieldManager manager, bool force)
    {
        var schema = TypeCatalog.Of(type);
        var status = manager.Subresource == "status";
        var access = Ownable(applied, status);
        var entries = live is null ? [] : ReadOrAdopt(type, live);
        var stated = FieldSets.Of(schema, access);
        var before = entries.Find(e => e.Manager == manager)?.Fields ?? new FieldSet();
        var others = entries.Where(e => e.Manager != manager).ToList();

        var merged = (JsonObject)StructuredMerge.Merge(schema, live ?? Skeleton(applied), access)!;
        var gone = before.Except(stated);
        foreach (var other in others)
        {
            gone = WithoutAncestorsOf(gone, other.Fields);
        }

        gone = WithoutAncestorsOf(gone, stated);
        StructuredMerge.Remove(schema, merged, gone);

        var (changed, removed) = FieldSets.Compare(schema, Ownable(live ?? [], true), Ownable(merged, true));
        var remaining = Settle(type, merged.Name(), others, changed, removed, force);
        var mine = entries.Find(e => e.Manager == manager);
        var time = mine is not null && mine.Fields.SameAs(stated) && changed.IsEmpty && removed.IsEmpty ? mine.Time : ObjectMeta.StampNow();
        remaining.Add(new ManagedEntry(manager, type.ApiVersion, time, stated));
        ManagedFields.Write(merged, remaining);
        return merged;
    }

    private static List<ManagedEntry> Settle(
        ResourceType type,
        string name,
        List<ManagedEntry> others,
        FieldSet changed,
        FieldSet removed,
        bool force
    )
    {
        List<(FieldManager Manager, string ApiVersion, FieldSet Fields)> conflicts = [];
        List<ManagedEntry> remaining = [];
        foreach (var other in others)
        {
            var overlap = other.Fields.Intersect(changed);
            if (!overlap.IsEmpty)
            {
                conflicts.Add((other.Manager, other.ApiVersion, overlap));
            }

            var left = other.Fields.Except(overlap).ExceptBelow(removed);
            remaining.Add(left.SameAs(other.Fields) ? other : other with { Fields = left });
        }

        if (conflicts.Count > 0 && !force)
        {
            throw ApplyConflict.Of(type, name, conflicts);
        }

        return remaining;
    }

    /// <summary>An object that was written before anybody was tracked belongs to one made-up manager, as in an API server.</summary>
    private static List<ManagedEntry> ReadOrAdopt(ResourceType type, JsonObject live)
    {
        var entries = ManagedFields.Read(live);
        if (entries.Count == 0)
        {
            var all = FieldSets.Of(TypeCatalog.Of(type), Ownable(live, false));
            entries.Add(new ManagedEntry(new FieldManager("before-first-apply", false), type.ApiVersion, ObjectMeta.StampNow(), all));
        }

        return entries;
    }

    /// <summary>A list item or map may go only when nobody else holds it or something inside it.</summary>
    private static FieldSet WithoutAncestorsOf(FieldSet gone, FieldSet held)
    {
        var result = new FieldSet { Member = gone.Member && held.IsEmpty };
        foreach (var (step, child) in gone.Children)
        {
            var kept = held.Child(step) is { } theirs ? WithoutAncestorsOf(child, theirs) : child;
            if (!kept.IsEmpty)
            {
                foreach (var path in kept.Paths())
                {
                    result.At(step).Add(path);
                }
            }
        }

        return result;
    }

    private static JsonObject Skeleton(JsonObject applied)
    {
        var metadata = new JsonObject();
        foreach (var key in (ReadOnlySpan<string>)["name", "namespace"])
        {
            if (applied["metadata"].Child(key) is { } value)
            {
                metadata[key] = value.DeepClone();
            }
        }

        return new JsonObject
        {
            ["apiVersion"] = applied["apiVersion"]?.DeepClone(),
            ["kind"] = applied["kind"]?.DeepClone(),
            ["metadata"] = metadata,
        };
    }

    private static JsonObject Ownable(JsonObject item, bool status) => ManagedFields.Ownable(item, status);
}
