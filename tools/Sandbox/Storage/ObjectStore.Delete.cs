using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Storage;

/// <summary>Deleting: finalizers, grace for running pods, namespaces that terminate.</summary>
internal sealed partial class ObjectStore
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    /// <summary>
    /// Deletes an object, or marks it where finalizers, its namespace's content or a running pod's grace stand
    /// before that. A pod on a node stays, marked, until the kubelet deletes it with <see cref="DeleteChoice.Now"/>.
    /// </summary>
    /// <returns>The last or the marked state, and whether the object is gone.</returns>
    public (JsonObject Object, bool Gone) Delete(ResourceType type, string ns, string name, DeleteChoice? choice = null)
    {
        choice ??= DeleteChoice.Default;
        lock (_gate)
        {
            var key = KeyOf(type, ns, name);
            if (!Table(type).TryGetValue(key, out var current))
            {
                throw KubeStatusException.NotFound(type, name);
            }

            CheckPreconditions(type, name, choice, current);
            var next = Copy(current);
            AddPropagationFinalizer(next, choice.Propagation);
            var grace = GraceOf(type, next, choice);
            if (grace > 0 || HasFinalizers(next))
            {
                Mark(type, next, grace);
                if (!choice.DryRun && !JsonNode.DeepEquals(current, next))
                {
                    Commit(WatchKind.Modified, type, key, next, current);
                }

                return (Copy(next), false);
            }

            if (!choice.DryRun)
            {
                Commit(WatchKind.Deleted, type, key, next, current);
            }

            return (Copy(next), true);
        }
    }

    private static void CheckPreconditions(ResourceType type, string name, DeleteChoice choice, JsonObject current)
    {
        if (choice.Uid is { } uid && uid != current.Uid())
        {
            throw KubeStatusException.Conflict(
                type,
                name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid()}"
            );
        }

        if (choice.ResourceVersion is { } version && version != current["metadata"].Text("resourceVersion"))
        {
            throw KubeStatusException.Conflict(
                type,
                name,
                $"Precondition failed: ResourceVersion in precondition: {version}, ResourceVersion in object meta: {current["metadata"].Text("resourceVersion")}"
            );
        }
    }

    private static void AddPropagationFinalizer(JsonObject item, Propagation propagation)
    {
        var finalizer = propagation switch
        {
            Propagation.Foreground => ForegroundFinalizer,
            Propagation.Orphan => OrphanFinalizer,
            _ => null,
        };
        if (finalizer is null || item["metadata"].Child("finalizers").Texts().Contains(finalizer, StringComparer.Ordinal))
        {
            return;
        }

        if (item.Meta()["finalizers"] is not JsonArray finalizers)
        {
            item.Meta()["finalizers"] = finalizers = [];
        }

        finalizers.Add(finalizer);
    }

    private static void Mark(ResourceType type, JsonObject item, long grace)
    {
        var metadata = item.Meta();
        if (!item.IsDeleting())
        {
            metadata["deletionTimestamp"] = ObjectMeta.Stamp(TimeProvider.System.GetUtcNow().AddSeconds(grace));
            metadata["deletionGracePeriodSeconds"] = grace;
            if (type.Generations)
            {
                metadata["generation"] = item.Generation() + 1;
            }
        }
        else if (grace < (metadata.Number("deletionGracePeriodSeconds") ?? 0))
        {
            metadata["deletionGracePeriodSeconds"] = grace;
        }

        if (type == ResourceTypes.Namespaces)
        {
            (item["status"] as JsonObject ?? (JsonObject)(item["status"] = new JsonObject()))["phase"] = "Terminating";
        }
    }

    private static long GraceOf(ResourceType type, JsonObject item, DeleteChoice choice)
    {
        if (
            type != ResourceTypes.Pods
            || item["spec"].Text("nodeName") is null or ""
            || item["status"].Text("phase") is "Succeeded" or "Failed"
        )
        {
            return 0;
        }

        var asked =
            choice.GracePeriodSeconds
            ?? item["metadata"].Number("deletionGracePeriodSeconds")
            ?? item["spec"].Number("terminationGracePeriodSeconds")
            ?? 30;
        return Math.Max(0, asked);
    }

    private static bool AwaitsKubelet(ResourceType type, JsonObject item) =>
        type == ResourceTypes.Pods && item.IsDeleting() && GraceOf(type, item, DeleteChoice.Default) > 0;

    private static bool HasFinalizers(JsonObject item) =>
        item["metadata"].Child("finalizers") is JsonArray { Count: > 0 }
        || (item.Text("kind") == "Namespace" && item["spec"].Child("finalizers") is JsonArray { Count: > 0 });
}
