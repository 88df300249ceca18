using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Garbage;

/// <summary>
/// Gives each namespace its default service account and CA bundle, and empties a namespace that is being deleted
/// before it is removed.
/// </summary>
internal sealed class NamespaceController(ObjectStore store, Access.Identity identity) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = store.Subscribe();
        foreach (var item in store.PeekAll(ResourceTypes.Namespaces).Items)
        {
            Reconcile(item.Name());
        }

        try
        {
            await foreach (var change in changes.ReadAllAsync(stoppingToken))
            {
                if (change.Type == ResourceTypes.Namespaces && change.Kind is not WatchKind.Deleted)
                {
                    Reconcile(change.Name);
                }
                else if (change.Kind is WatchKind.Deleted && change.Type.Namespaced)
                {
                    Reconcile(change.Namespace);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Shutting down.
        }
    }

    private void Reconcile(string ns)
    {
        if (store.Peek(ResourceTypes.Namespaces, "", ns) is not { } item)
        {
            return;
        }

        if (!item.IsDeleting())
        {
            Ensure(ResourceTypes.ServiceAccounts, ns, "default", []);
            Ensure(
                ResourceTypes.ConfigMaps,
                ns,
                "kube-root-ca.crt",
                new JsonObject { ["data"] = new JsonObject { ["ca.crt"] = identity.AuthorityPem } }
            );
            return;
        }

        var left = Empty(ns);
        if (left == 0)
        {
            store.Mutate(
                ResourceTypes.Namespaces,
                "",
                ns,
                current =>
                {
                    if (!current.IsDeleting() || current["spec"].Child("finalizers") is not JsonArray { Count: > 0 } finalizers)
                    {
                        return false;
                    }

                    finalizers.Clear();
                    return true;
                }
            );
        }
    }

    /// <summary>Deletes everything in the namespace; what waits for finalizers or the kubelet is still counted.</summary>
    private int Empty(string ns)
    {
        var left = 0;
        foreach (var type in ResourceTypes.All.Where(t => t.Namespaced))
        {
            foreach (var item in store.PeekAll(type, ns).Items)
            {
                try
                {
                    var gone = !item.IsDeleting() && store.Delete(type, ns, item.Name(), new DeleteChoice(Uid: item.Uid())).Gone;
                    left += gone ? 0 : 1;
                }
                catch (KubeStatusException e) when (e.Code is 404 or 409)
                {
                    // The collector was faster.
                }
            }
        }

        return left;
    }

    private void Ensure(ResourceType type, string ns, string name, JsonObject content)
    {
        if (store.Peek(type, ns, name) is not null)
        {
            return;
        }

        content["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns };
        try
        {
            store.Create(type, content);
        }
        catch (KubeStatusException e) when (e.Code is 403 or 404 or 409)
        {
            // The namespace went away again, or somebody else was faster.
        }
    }
}
