using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>The ReplicaSets of a Deployment as its history.</summary>
internal sealed class Revisions(Workload work)
{
    private const string RevisionKey = "deployment.kubernetes.io/revision";
    private const string HashLabel = "pod-template-hash";

    public static int Number(JsonObject item) =>
        int.TryParse(item.Text("metadata", "annotations", RevisionKey), out var number) ? number : 0;

    public static bool SameTemplate(JsonObject set, JsonObject deployment)
    {
        if (set.Dig("spec", "template")?.DeepClone() is not JsonObject template)
        {
            return false;
        }

        (template.Dig("metadata", "labels") as JsonObject)?.Remove(HashLabel);
        return JsonNode.DeepEquals(template, deployment.Dig("spec", "template"));
    }

    /// <summary>Makes the newest revision, or gives an old one that is wanted again the newest number.</summary>
    public void EnsureNew(Rollout rollout, int size)
    {
        var newest = rollout.Old.Select(old => Number(old.Set)).DefaultIfEmpty(0).Max();
        if (rollout.New is null)
        {
            Create(rollout.Deployment, newest + 1, size);
        }
        else if (Number(rollout.New.Set) <= newest)
        {
            Annotate(ResourceTypes.ReplicaSets, rollout.New.Set, newest + 1);
        }

        var revision = rollout.New is { } current ? Math.Max(Number(current.Set), newest + 1) : newest + 1;
        Annotate(
            ResourceTypes.Deployments,
            rollout.Deployment,
            rollout.New is { } known && Number(known.Set) > newest ? Number(known.Set) : revision
        );
    }

    public void CleanUp(Rollout rollout)
    {
        var limit = rollout.Deployment.Int("spec", "revisionHistoryLimit") ?? 10;
        var empty = rollout.Old.Where(old => old.Wanted == 0 && old.Pods == 0).ToList();
        foreach (var old in empty.Take(Math.Max(0, empty.Count - limit)))
        {
            try
            {
                work.Store.Delete(ResourceTypes.ReplicaSets, old.Set.Namespace(), old.Set.Name());
            }
            catch (KubeStatusException)
            {
                // Gone already.
            }
        }
    }

    private void Create(JsonObject deployment, int revision, int size)
    {
        var template = (JsonObject)(deployment.Dig("spec", "template")?.DeepClone() ?? new JsonObject());
        var hash = Workload.Hash(template);
        var name = $"{deployment.Name()}-{hash}";
        if (work.Store.Peek(ResourceTypes.ReplicaSets, deployment.Namespace(), name) is not null)
        {
            // The hash of another deployment's or an orphan's set: as kube, go on to another name.
            name =
                $"{deployment.Name()}-{hash = Workload.Hash(new JsonObject { ["template"] = template.DeepClone(), ["collision"] = revision })}";
        }

        template.Ensure("metadata", "labels")[HashLabel] = hash;
        var selector = (JsonObject)(deployment.Dig("spec", "selector")?.DeepClone() ?? new JsonObject());
        selector.Ensure("matchLabels")[HashLabel] = hash;
        var annotations = (JsonObject)(deployment.Dig("metadata", "annotations")?.DeepClone() ?? new JsonObject());
        annotations.Remove("kubectl.kubernetes.io/last-applied-configuration");
        annotations[RevisionKey] = $"{revision}";
        annotations["deployment.kubernetes.io/desired-replicas"] = $"{Workload.Replicas(deployment)}";
        var set = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = deployment.Namespace(),
                ["labels"] = template.Dig("metadata", "labels")?.DeepClone(),
                ["annotations"] = annotations,
                ["ownerReferences"] = Owners.Reference(deployment),
            },
            ["spec"] = new JsonObject
            {
                ["replicas"] = size,
                ["minReadySeconds"] = deployment.Int("spec", "minReadySeconds") ?? 0,
                ["selector"] = selector,
                ["template"] = template,
            },
        };
        work.Store.Create(ResourceTypes.ReplicaSets, set);
        work.Record(
            deployment,
            "deployment-controller",
            NodeEvent.Normal("ScalingReplicaSet", $"Scaled up replica set {name} from 0 to {size}")
        );
    }

    private void Annotate(ResourceType type, JsonObject item, int revision) =>
        work.Store.Mutate(
            type,
            item.Namespace(),
            item.Name(),
            found =>
            {
                if (Number(found) == revision)
                {
                    return false;
                }

                found.Ensure("metadata", "annotations")[RevisionKey] = $"{revision}";
                return true;
            }
        );
}
