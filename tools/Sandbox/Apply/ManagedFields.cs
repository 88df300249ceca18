using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Schema;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Apply;

/// <summary>Who writes: the name, whether by applying or by updating, and on which subresource.</summary>
internal sealed record FieldManager(string Name, bool Applies, string Subresource = "");

/// <summary>One manager's part of an object.</summary>
internal sealed record ManagedEntry(FieldManager Manager, string ApiVersion, string Time, FieldSet Fields);

/// <summary>Reads and writes metadata.managedFields, and keeps it true when an object is updated.</summary>
internal static class ManagedFields
{
    private const int MostUpdaters = 10;

    private static readonly string[] _untrackedMeta =
    [
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "generation",
        "managedFields",
        "resourceVersion",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "generateName",
    ];

    public static List<ManagedEntry> Read(JsonObject item)
    {
        List<ManagedEntry> entries = [];
        foreach (var entry in item["metadata"].Child("managedFields").Objects())
        {
            var manager = new FieldManager(
                entry.Text("manager") ?? "",
                entry.Text("operation") == "Apply",
                entry.Text("subresource") ?? ""
            );
            entries.Add(
                new ManagedEntry(manager, entry.Text("apiVersion") ?? "", entry.Text("time") ?? "", FieldSet.FromJson(entry["fieldsV1"]))
            );
        }

        return entries;
    }

    public static void Write(JsonObject item, IEnumerable<ManagedEntry> entries)
    {
        var array = new JsonArray();
        foreach (
            var entry in entries.Where(e => !e.Fields.IsEmpty).OrderBy(e => !e.Manager.Applies).ThenBy(e => e.Time, StringComparer.Ordinal)
        )
        {
            var json = new JsonObject
            {
                ["manager"] = entry.Manager.Name,
                ["operation"] = entry.Manager.Applies ? "Apply" : "Update",
                ["apiVersion"] = entry.ApiVersion,
                ["time"] = entry.Time,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = entry.Fields.ToJson(),
            };
            if (entry.Manager.Subresource.Length > 0)
            {
                json["subresource"] = entry.Manager.Subresource;
            }

            array.Add(json);
        }

        if (array.Count == 0)
        {
            item.Meta().Remove("managedFields");
        }
        else
        {
            item.Meta()["managedFields"] = array;
        }
    }

    /// <summary>The part of an object that can be owned: without its identity, and without its status unless that is written.</summary>
    public static JsonObject Ownable(JsonObject item, bool status)
    {
        var copy = (JsonObject)item.DeepClone();
        copy.Remove("apiVersion");
        copy.Remove("kind");
        if (!status)
        {
            copy.Remove("status");
        }

        if (copy["metadata"] is JsonObject metadata)
        {
            foreach (var key in _untrackedMeta)
            {
                metadata.Remove(key);
            }

            if (metadata.Count == 0)
            {
                copy.Remove("metadata");
            }
        }

        return copy;
    }

    /// <summary>Gives the writer of an update what it changed, and takes that from everybody else.</summary>
    /// <param name="type">The kind.</param>
    /// <param name="before">The state before; nothing when the object is created.</param>
    /// <param name="after">The state after, whose managedFields are rewritten.</param>
    /// <param name="manager">Who writes.</param>
    public static void TrackUpdate(ResourceType type, JsonObject? before, JsonObject after, FieldManager manager)
    {
        // Clients send back what they read; an explicit empty list is how they ask to forget all owners.
        var forget = after["metadata"].Child("managedFields") is JsonArray { Count: 1 } only && only[0] is JsonObject { Count: 0 };
        var entries = forget ? [] : Read(before ?? after);
        var schema = TypeCatalog.Of(type);
        var (changed, removed) = FieldSets.Compare(schema, Ownable(before ?? [], true), Ownable(after, true));
        if (before is not null && changed.IsEmpty && removed.IsEmpty)
        {
            Write(after, entries);
            return;
        }

        var now = ObjectMeta.StampNow();
        var mine = entries.Find(e => e.Manager == manager)?.Fields ?? new FieldSet();
        List<ManagedEntry> next = [];
        foreach (var entry in entries.Where(e => e.Manager != manager))
        {
            var left = entry.Fields.Except(changed).ExceptBelow(removed).Except(removed);
            next.Add(left.SameAs(entry.Fields) ? entry : entry with { Fields = left });
        }

        next.Add(new ManagedEntry(manager, type.ApiVersion, now, mine.Union(changed).ExceptBelow(removed).Except(removed)));
        Write(after, Cap(next));
    }

    /// <summary>Many one-off updaters are folded into one entry, so that the list cannot grow without end.</summary>
    private static List<ManagedEntry> Cap(List<ManagedEntry> entries)
    {
        var updaters = entries
            .Where(e => !e.Manager.Applies && e.Manager.Subresource.Length == 0)
            .OrderBy(e => e.Time, StringComparer.Ordinal)
            .ToList();
        if (updaters.Count <= MostUpdaters)
        {
            return entries;
        }

        var old = updaters[..(updaters.Count - MostUpdaters + 1)];
        var folded = old.Aggregate(new FieldSet(), (set, e) => set.Union(e.Fields));
        return [.. entries.Except(old), old[^1] with { Manager = new FieldManager("ancient-changes", false), Fields = folded }];
    }
}
