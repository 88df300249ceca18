using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>StatefulSet → numbered pods, in order: up from 0, down and updated from the highest.</summary>
internal sealed class StatefulSetController(Workload work) : IController
{
    private const string Component = "statefulset-controller";
    private const string RevisionLabel = "controller-revision-hash";

    public IEnumerable<ObjectName> Affected(WatchEvent change) =>
        change.Type == ResourceTypes.StatefulSets ? [new ObjectName(change.Namespace, change.Name)]
        : change.Type == ResourceTypes.Pods ? Owners.OfKind(change.Object, "StatefulSet")
        : [];

    public TimeSpan? Reconcile(ObjectName name)
    {
        if (work.Store.Peek(ResourceTypes.StatefulSets, name.Namespace, name.Name) is not { } set || set.IsDeleting())
        {
            return null;
        }

        var revision = $"{set.Name()}-{Workload.Hash(set.Dig("spec", "template"))}";
        TimeSpan? again = null;
        try
        {
            Step(set, revision);
        }
        catch (KubeStatusException)
        {
            again = TimeSpan.FromSeconds(5); // refused by admission; the event is written
        }

        WriteStatus(set, revision, ref again);
        return again;
    }

    private void Step(JsonObject set, string revision)
    {
        var pods = Owners.Owned(work.Store, ResourceTypes.Pods, set);
        var parallel = set.Text("spec", "podManagementPolicy") == "Parallel";
        var wanted = Workload.Replicas(set);
        for (var ordinal = 0; ordinal < wanted; ordinal++)
        {
            var pod = pods.Find(item => item.Name() == $"{set.Name()}-{ordinal}");
            if (pod is null)
            {
                Create(set, ordinal, revision);
            }
            else if (PodState.IsFinished(pod) && !pod.IsDeleting())
            {
                work.DeletePod(set, Component, pod);
            }

            if (!parallel && (pod is null || pod.IsDeleting() || !PodState.IsReady(pod)) && !Outdated(pod, revision))
            {
                return; // the next one waits for this one
            }
        }

        var surplus = pods.Where(pod => Ordinal(pod) >= wanted).OrderByDescending(Ordinal).ToList();
        if (surplus.Count > 0)
        {
            surplus
                .Where(pod => !pod.IsDeleting())
                .Take(
                    parallel ? int.MaxValue
                    : surplus[0].IsDeleting() ? 0
                    : 1
                )
                .ToList()
                .ForEach(pod => work.DeletePod(set, Component, pod));
            return;
        }

        Update(set, pods, revision);
    }

    private void Update(JsonObject set, List<JsonObject> pods, string revision)
    {
        if (set.Text("spec", "updateStrategy", "type") == "OnDelete")
        {
            return;
        }

        var partition = set.Int("spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
        foreach (var pod in pods.Where(pod => Ordinal(pod) >= partition).OrderByDescending(Ordinal))
        {
            if (pod.IsDeleting())
            {
                return;
            }

            if (Outdated(pod, revision))
            {
                work.DeletePod(set, Component, pod);
                return;
            }

            if (!PodState.IsReady(pod))
            {
                return;
            }
        }
    }

    private void Create(JsonObject set, int ordinal, string revision)
    {
        var name = $"{set.Name()}-{ordinal}";
        foreach (var template in set.Items("spec", "volumeClaimTemplates"))
        {
            Claim(set, template, name);
        }

        work.CreatePod(
            set,
            Component,
            name,
            set.Dig("spec", "template") as JsonObject ?? [],
            pod =>
            {
                var labels = pod.Ensure("metadata", "labels");
                labels[RevisionLabel] = revision;
                labels["statefulset.kubernetes.io/pod-name"] = name;
                labels["apps.kubernetes.io/pod-index"] = $"{ordinal}";
                var spec = pod.Ensure("spec");
                spec["hostname"] = name;
                spec["subdomain"] = set.Text("spec", "serviceName") ?? "";
                var volumes = spec["volumes"] as JsonArray ?? [];
                foreach (var template in set.Items("spec", "volumeClaimTemplates").Select(item => item.Name()))
                {
                    volumes.Add(
                        new JsonObject
                        {
                            ["name"] = template,
                            ["persistentVolumeClaim"] = new JsonObject { ["claimName"] = $"{template}-{name}" },
                        }
                    );
                }

                if (volumes.Parent is null && volumes.Count > 0)
                {
                    spec["volumes"] = volumes;
                }
            }
        );
    }

    private void Claim(JsonObject set, JsonObject template, string pod)
    {
        var claim = $"{template.Name()}-{pod}";
        if (work.Store.Peek(ResourceTypes.PersistentVolumeClaims, set.Namespace(), claim) is null)
        {
            work.Store.Create(
                ResourceTypes.PersistentVolumeClaims,
                new JsonObject
                {
                    ["metadata"] = new JsonObject
                    {
                        ["name"] = claim,
                        ["namespace"] = set.Namespace(),
                        ["labels"] = set.Dig("spec", "selector", "matchLabels")?.DeepClone(),
                    },
                    ["spec"] = template.Dig("spec")?.DeepClone(),
                }
            );
        }
    }

    private void WriteStatus(JsonObject set, string revision, ref TimeSpan? again)
    {
        var pods = Owners.Owned(work.Store, ResourceTypes.Pods, set).FindAll(PodState.IsActive);
        var available = 0;
        foreach (var pod in pods)
        {
            available += PodState.IsAvailable(pod, set.Int("spec", "minReadySeconds") ?? 0, work.Now, ref again) ? 1 : 0;
        }

        var updated = pods.Count(pod => !Outdated(pod, revision));
        work.WriteStatus(
            ResourceTypes.StatefulSets,
            set,
            status =>
            {
                status["observedGeneration"] = set.Generation();
                status["replicas"] = pods.Count;
                status["readyReplicas"] = pods.Count(PodState.IsReady);
                status["availableReplicas"] = available;
                status["updatedReplicas"] = updated;
                status["updateRevision"] = revision;
                status["collisionCount"] = 0;

                // The current revision follows when every pod has the new one.
                if (updated == pods.Count || status.Text("currentRevision") is null)
                {
                    status["currentRevision"] = revision;
                }

                status["currentReplicas"] = pods.Count(pod => pod.Label(RevisionLabel) == status.Text("currentRevision"));
            }
        );
    }

    private static bool Outdated(JsonObject? pod, string revision) => pod is not null && pod.Label(RevisionLabel) != revision;

    private static int Ordinal(JsonObject pod) =>
        int.TryParse(pod.Name()[(pod.Name().LastIndexOf('-') + 1)..], out var ordinal) ? ordinal : 0;
}
