using System.Globalization;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Storage;

/// <summary>
/// Every object of the cluster, in memory, with the rules that hold for all kinds: uid, resource versions,
/// generations, finalizers, a change feed. Objects handed out by <see cref="Get"/> and <see cref="List"/> are copies;
/// those of <see cref="Peek"/> and <see cref="PeekAll"/> are shared snapshots for reading only.
/// </summary>
internal sealed partial class ObjectStore
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceType, SortedDictionary<string, JsonObject>> _tables = [];

    private long _version = 1;

    /// <summary>The resource version of the newest change.</summary>
    public long ResourceVersion
    {
        get
        {
            lock (_gate)
            {
                return _version;
            }
        }
    }

    public JsonObject? Get(ResourceType type, string ns, string name) => Peek(type, ns, name) is { } item ? Copy(item) : null;

    public JsonObject? Peek(ResourceType type, string ns, string name)
    {
        lock (_gate)
        {
            return Table(type).GetValueOrDefault(KeyOf(type, ns, name));
        }
    }

    /// <summary>Copies of all objects of a type, in one namespace where one is given, that match the selectors.</summary>
    public (IReadOnlyList<JsonObject> Items, long ResourceVersion) List(
        ResourceType type,
        string? ns = null,
        LabelSelector? labels = null,
        FieldSelector? fields = null
    )
    {
        var (items, version) = PeekAll(type, ns, labels, fields);
        return (items.ConvertAll(Copy), version);
    }

    /// <summary>As <see cref="List"/>, without the copies: for reading only.</summary>
    public (List<JsonObject> Items, long ResourceVersion) PeekAll(
        ResourceType type,
        string? ns = null,
        LabelSelector? labels = null,
        FieldSelector? fields = null
    )
    {
        lock (_gate)
        {
            List<JsonObject> found = [];
            foreach (var item in Table(type).Values)
            {
                if (
                    (string.IsNullOrEmpty(ns) || item.Namespace() == ns)
                    && (labels?.Matches(item) ?? true)
                    && (fields?.Matches(item) ?? true)
                )
                {
                    found.Add(item);
                }
            }

            return (found, _version);
        }
    }

    /// <summary>Stores a new object and gives it its identity. The argument is left alone; the stored object is returned as a
    /// copy.</summary>
    public JsonObject Create(ResourceType type, JsonObject item, bool dryRun = false)
    {
        var stored = Copy(item);
        stored["apiVersion"] = type.ApiVersion;
        stored["kind"] = type.Kind;
        var metadata = stored.Meta();
        if (string.IsNullOrEmpty(stored.Name()) && metadata.Text("generateName") is { Length: > 0 } prefix)
        {
            metadata["name"] = prefix[..Math.Min(prefix.Length, 58)] + NameSuffix();
        }

        if (!type.Namespaced)
        {
            metadata.Remove("namespace");
        }

        metadata["uid"] = Guid.NewGuid().ToString("D");
        metadata["creationTimestamp"] = ObjectMeta.StampNow();
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        metadata.Remove("selfLink");
        if (type.Generations)
        {
            metadata["generation"] = 1;
        }
        else
        {
            metadata.Remove("generation");
        }

        lock (_gate)
        {
            RefuseInDyingNamespace(type, stored);
            var key = KeyOf(type, stored.Namespace(), stored.Name());
            if (Table(type).ContainsKey(key))
            {
                throw KubeStatusException.AlreadyExists(type, stored.Name());
            }

            if (dryRun)
            {
                metadata.Remove("resourceVersion");
                return stored;
            }

            Commit(WatchKind.Added, type, key, stored, null);
            return Copy(stored);
        }
    }

    /// <summary>
    /// Replaces an object. With an expected version, or one in the object, a change in between is a 409.
    /// Removing the last finalizer of a deleted object removes it. The new state is returned as a copy.
    /// </summary>
    public JsonObject Update(ResourceType type, JsonObject item, string? expectedVersion = null, bool dryRun = false)
    {
        var next = Copy(item);
        next["apiVersion"] = type.ApiVersion;
        next["kind"] = type.Kind;
        var key = KeyOf(type, next.Namespace(), next.Name());
        lock (_gate)
        {
            if (!Table(type).TryGetValue(key, out var current))
            {
                throw KubeStatusException.NotFound(type, next.Name());
            }

            expectedVersion ??= next["metadata"].Text("resourceVersion");
            if (!string.IsNullOrEmpty(expectedVersion) && expectedVersion != current["metadata"].Text("resourceVersion"))
            {
                throw KubeStatusException.Conflict(type, next.Name());
            }

            KeepIdentity(type, current, next);
            if (JsonNode.DeepEquals(current, next))
            {
                return Copy(current);
            }

            if (dryRun)
            {
                return next;
            }

            if (next.IsDeleting() && !HasFinalizers(next) && !AwaitsKubelet(type, next))
            {
                Commit(WatchKind.Deleted, type, key, next, current);
            }
            else
            {
                Commit(WatchKind.Modified, type, key, next, current);
            }

            return Copy(next);
        }
    }

    /// <summary>
    /// Changes an object in place, repeating until nobody else wrote in between. The function returns false to leave
    /// the object as it is. Returns the new state, or nothing where the object is gone.
    /// </summary>
    public JsonObject? Mutate(ResourceType type, string ns, string name, Func<JsonObject, bool> change)
    {
        while (true)
        {
            if (Get(type, ns, name) is not { } item)
            {
                return null;
            }

            var version = item["metadata"].Text("resourceVersion");
            if (!change(item))
            {
                return item;
            }

            try
            {
                return Update(type, item, version);
            }
            catch (KubeStatusException e) when (e.Code == 409)
            {
                // Somebody was faster: the next round sees their change.
            }
            catch (KubeStatusException e) when (e.Code == 404)
            {
                return null;
            }
        }
    }

    private void RefuseInDyingNamespace(ResourceType type, JsonObject item)
    {
        if (!type.Namespaced)
        {
            return;
        }

        var ns = item.Namespace();
        if (!Table(ResourceTypes.Namespaces).TryGetValue(KeyOf(ResourceTypes.Namespaces, "", ns), out var home))
        {
            throw KubeStatusException.NotFound(ResourceTypes.Namespaces, ns);
        }

        if (home.IsDeleting())
        {
            var cause = new JsonObject
            {
                ["reason"] = "NamespaceTerminating",
                ["message"] = $"namespace {ns} is being terminated",
                ["field"] = "metadata.namespace",
            };
            throw KubeStatusException.Forbidden(
                type,
                item.Name(),
                $"unable to create new content in namespace {ns} because it is being terminated",
                [cause]
            );
        }
    }

    private static void KeepIdentity(ResourceType type, JsonObject current, JsonObject next)
    {
        var (before, after) = (current.Meta(), next.Meta());
        if (after.Text("uid") is { Length: > 0 } uid && uid != before.Text("uid"))
        {
            throw KubeStatusException.Conflict(
                type,
                next.Name(),
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {before.Text("uid")}"
            );
        }

        foreach (
            var key in (ReadOnlySpan<string>)
                [
                    "uid",
                    "creationTimestamp",
                    "deletionTimestamp",
                    "deletionGracePeriodSeconds",
                    "generation",
                    "resourceVersion",
                    "generateName",
                ]
        )
        {
            if (before[key] is { } kept)
            {
                after[key] = kept.DeepClone();
            }
            else
            {
                after.Remove(key);
            }
        }

        if (type.Generations && !SameSpec(current, next))
        {
            after["generation"] = current.Generation() + 1;
        }
    }

    private static bool SameSpec(JsonObject a, JsonObject b)
    {
        static IEnumerable<KeyValuePair<string, JsonNode?>> AccessRequest(JsonObject o) =>
            o.Where(p => p.Key is not ("metadata" or "status" or "apiVersion" or "kind"));
        return AccessRequest(a).Count() == AccessRequest(b).Count() && AccessRequest(a).All(p => JsonNode.DeepEquals(p.Value, b[p.Key]));
    }

    private static string KeyOf(ResourceType type, string ns, string name) => type.Namespaced ? ns + "/" + name : name;

    private static JsonObject Copy(JsonObject item) => (JsonObject)item.DeepClone();

    private static string NameSuffix()
    {
        // The alphabet that Kubernetes uses: no vowels, nothing that looks like something else.
        return string.Create(
            5,
            0,
            (span, _) => System.Security.Cryptography.RandomNumberGenerator.GetItems("bcdfghjklmnpqrstvwxz2456789", span)
        );
    }

    // In the order of first use; under the lock.
    private SortedDictionary<string, JsonObject> Table(ResourceType type)
    {
        if (!_tables.TryGetValue(type, out var table))
        {
            _tables[type] = table = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        }

        return table;
    }

    // With a definition go the objects of its kind.
    private void FollowDefinition(WatchKind kind, JsonObject definition)
    {
        if (kind is not WatchKind.Deleted)
        {
            ResourceTypes.Learn(definition);
        }
        else if (ResourceTypes.Forget(definition) is { } gone)
        {
            _tables.Remove(gone);
        }
    }

    private void Commit(WatchKind kind, ResourceType type, string key, JsonObject item, JsonObject? previous)
    {
        _version++;
        item.Meta()["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture);
        if (kind is WatchKind.Deleted)
        {
            Table(type).Remove(key);
        }
        else
        {
            Table(type)[key] = item;
        }

        if (type == ResourceTypes.CustomResourceDefinitions)
        {
            FollowDefinition(kind, item);
        }

        Publish(new WatchEvent(kind, type, item, previous, _version));
    }
}
