using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Garbage;

/// <summary>
/// Follows owner references: an object without owners is deleted, an owner deleted in the foreground waits for its dependents,
/// one deleted with orphaning releases them.
/// </summary>
internal sealed class GarbageCollector(ObjectStore store) : BackgroundService
{
    /// <summary>Owner uid to the objects that name it.</summary>
    private readonly Dictionary<string, HashSet<(ResourceType Type, string Namespace, string Name)>> _dependents = new(
        StringComparer.Ordinal
    );

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = store.Subscribe();
        var (_, items) = store.Export();
        foreach (var (type, item) in items)
        {
            Remember(type, item);
        }

        foreach (var (type, item) in items)
        {
            Visit(type, item);
        }

        try
        {
            await foreach (var change in changes.ReadAllAsync(stoppingToken))
            {
                if (change.Kind is WatchKind.Deleted)
                {
                    OwnerGone(change);
                }
                else
                {
                    Remember(change.Type, change.Object);
                    Visit(change.Type, change.Object);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Shutting down.
        }
    }

    private void Remember(ResourceType type, JsonObject item)
    {
        foreach (var owner in Owners(item))
        {
            var uid = owner.Text("uid") ?? "";
            if (!_dependents.TryGetValue(uid, out var set))
            {
                _dependents[uid] = set = [];
            }

            set.Add((type, item.Namespace(), item.Name()));
        }
    }

    private void Visit(ResourceType type, JsonObject item)
    {
        if (item.IsDeleting())
        {
            var finalizers = item["metadata"].Child("finalizers").Texts().ToList();
            if (finalizers.Contains(ObjectStore.OrphanFinalizer, StringComparer.Ordinal))
            {
                SetFree(type, item);
            }
            else if (finalizers.Contains(ObjectStore.ForegroundFinalizer, StringComparer.Ordinal))
            {
                DeleteDependents(type, item);
            }

            return;
        }

        if (Owners(item).Any() && Owners(item).All(owner => !Exists(item, owner)))
        {
            Try(() => store.Delete(type, item.Namespace(), item.Name(), new DeleteChoice(Uid: item.Uid())));
        }
    }

    private void OwnerGone(WatchEvent change)
    {
        var gone = (change.Type, change.Namespace, change.Name);
        if (_dependents.Remove(change.Object.Uid(), out var dependents))
        {
            foreach (var (type, ns, name) in dependents)
            {
                if (store.Peek(type, ns, name) is { } item)
                {
                    Visit(type, item);
                }
            }
        }

        // An owner that waits for its dependents may now be able to go.
        foreach (var owner in Owners(change.Object))
        {
            if (_dependents.TryGetValue(owner.Text("uid") ?? "", out var siblings))
            {
                siblings.Remove(gone);
            }

            if (
                ResourceTypes.OfKind(owner.Text("apiVersion") ?? "", owner.Text("kind") ?? "") is { } type
                && store.Peek(type, type.Namespaced ? change.Namespace : "", owner.Text("name") ?? "") is { } item
                && item.IsDeleting()
            )
            {
                Visit(type, item);
            }
        }
    }

    private void DeleteDependents(ResourceType type, JsonObject owner)
    {
        var blocked = false;
        foreach (var (kind, dependent, reference) in DependentsOf(owner))
        {
            blocked |= reference.Flag("blockOwnerDeletion") == true;
            if (!dependent.IsDeleting())
            {
                Try(() =>
                    store.Delete(
                        kind,
                        dependent.Namespace(),
                        dependent.Name(),
                        new DeleteChoice(Propagation.Foreground, Uid: dependent.Uid())
                    )
                );
            }
        }

        // What was deleted at once blocks no longer.
        if (!blocked || !DependentsOf(owner).Any(d => d.Reference.Flag("blockOwnerDeletion") == true))
        {
            RemoveFinalizer(type, owner, ObjectStore.ForegroundFinalizer);
        }
    }

    private void SetFree(ResourceType type, JsonObject owner)
    {
        foreach (var (kind, dependent, _) in DependentsOf(owner))
        {
            store.Mutate(
                kind,
                dependent.Namespace(),
                dependent.Name(),
                item =>
                {
                    var left = Owners(item).Where(o => o.Text("uid") != owner.Uid()).Select(o => (JsonNode)o.DeepClone()).ToArray();
                    item.Meta()["ownerReferences"] = new JsonArray(left);
                    if (left.Length == 0)
                    {
                        item.Meta().Remove("ownerReferences");
                    }

                    return true;
                }
            );
        }

        _dependents.Remove(owner.Uid());
        RemoveFinalizer(type, owner, ObjectStore.OrphanFinalizer);
    }

    private List<(ResourceType Type, JsonObject Item, JsonObject Reference)> DependentsOf(JsonObject owner)
    {
        List<(ResourceType, JsonObject, JsonObject)> found = [];
        foreach (var (type, ns, name) in _dependents.GetValueOrDefault(owner.Uid()) ?? [])
        {
            if (store.Peek(type, ns, name) is { } item && Owners(item).FirstOrDefault(o => o.Text("uid") == owner.Uid()) is { } reference)
            {
                found.Add((type, item, reference));
            }
        }

        return found;
    }

    private bool Exists(JsonObject dependent, JsonObject owner)
    {
        // A kind that this server does not know cannot be looked up: better to keep too much than to delete wrongly.
        return ResourceTypes.OfKind(owner.Text("apiVersion") ?? "", owner.Text("kind") ?? "") is not { } type
            || (
                store.Peek(type, type.Namespaced ? dependent.Namespace() : "", owner.Text("name") ?? "") is { } item
                && item.Uid() == owner.Text("uid")
            );
    }

    private void RemoveFinalizer(ResourceType type, JsonObject item, string finalizer) =>
        store.Mutate(
            type,
            item.Namespace(),
            item.Name(),
            current =>
            {
                var left = current["metadata"].Child("finalizers").Texts().Where(f => f != finalizer).Select(f => (JsonNode)f).ToArray();
                current.Meta()["finalizers"] = new JsonArray(left);
                if (left.Length == 0)
                {
                    current.Meta().Remove("finalizers");
                }

                return true;
            }
        );

    private static IEnumerable<JsonObject> Owners(JsonObject item) => item["metadata"].Child("ownerReferences").Objects();

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (KubeStatusException e) when (e.Code is 404 or 409)
        {
            // Gone or replaced in the meantime: nothing left to do.
        }
    }
}
