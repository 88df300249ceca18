using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Fills in what a writer left out, with the values that an API server uses.</summary>
internal static class Defaults
{
    public static void Apply(ResourceType type, JsonObject item)
    {
        switch (type.Kind)
        {
            case "Deployment":
                Deployment(Spec(item));
                break;
            case "ReplicaSet":
                Spec(item).Or("replicas", 1);
                PodDefaults.Template(item.Spec());
                break;
            case "StatefulSet":
                StatefulSet(Spec(item));
                break;
            case "DaemonSet":
                var daemon = Spec(item);
                daemon.Or("revisionHistoryLimit", 10).OrObject("updateStrategy").Or("type", "RollingUpdate");
                PodDefaults.Template(daemon);
                break;
            case "Job":
                Spec(item)
                    .Or("parallelism", 1)
                    .Or("completions", 1)
                    .Or("backoffLimit", 6)
                    .Or("completionMode", "NonIndexed")
                    .Or("suspend", false);
                PodDefaults.Template(item.Spec());
                break;
            case "CronJob":
                Spec(item)
                    .Or("concurrencyPolicy", "Allow")
                    .Or("suspend", false)
                    .Or("successfulJobsHistoryLimit", 3)
                    .Or("failedJobsHistoryLimit", 1);
                PodDefaults.Template(item["spec"].At("jobTemplate", "spec") as JsonObject);
                break;
            case "Pod":
                PodDefaults.Pod(Spec(item));
                break;
            case "Service":
                Service(Spec(item));
                break;
            case "Secret":
                item.Or("type", "Opaque");
                break;
            case "HorizontalPodAutoscaler":
                Spec(item).Or("minReplicas", 1);
                break;
            case "NetworkPolicy":
                NetworkPolicy(Spec(item));
                break;
            case "PersistentVolumeClaim":
                Spec(item).Or("volumeMode", "Filesystem").Or("storageClassName", "standard");
                break;
            case "StorageClass":
                item.Or("reclaimPolicy", "Delete").Or("volumeBindingMode", "Immediate");
                break;
            case "RoleBinding" or "ClusterRoleBinding":
                foreach (var subject in item["subjects"].Objects())
                {
                    subject.Or("apiGroup", subject.Text("kind") == "ServiceAccount" ? "" : "rbac.authorization.k8s.io");
                }

                break;
        }
    }

    private static void Deployment(JsonObject spec)
    {
        spec.Or("replicas", 1).Or("revisionHistoryLimit", 10).Or("progressDeadlineSeconds", 600);
        var strategy = spec.OrObject("strategy").Or("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.OrObject("rollingUpdate").Or("maxUnavailable", "25%").Or("maxSurge", "25%");
        }

        PodDefaults.Template(spec);
    }

    private static void StatefulSet(JsonObject spec)
    {
        spec.Or("replicas", 1).Or("revisionHistoryLimit", 10).Or("podManagementPolicy", "OrderedReady");
        var strategy = spec.OrObject("updateStrategy").Or("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
        {
            strategy.OrObject("rollingUpdate").Or("partition", 0);
        }

        spec.OrObject("persistentVolumeClaimRetentionPolicy").Or("whenDeleted", "Retain").Or("whenScaled", "Retain");
        foreach (var claim in spec["volumeClaimTemplates"].Objects())
        {
            claim.Or("apiVersion", "v1").Or("kind", "PersistentVolumeClaim");
            claim.OrObject("spec").Or("volumeMode", "Filesystem");
        }

        PodDefaults.Template(spec);
    }

    private static void Service(JsonObject spec)
    {
        spec.Or("type", "ClusterIP").Or("sessionAffinity", "None");
        if (spec.Text("type") != "ExternalName")
        {
            spec.Or("internalTrafficPolicy", "Cluster").Or("ipFamilyPolicy", "SingleStack");
            if (spec["ipFamilies"] is null)
            {
                spec["ipFamilies"] = new JsonArray("IPv4");
            }
        }

        if (spec.Text("type") is "NodePort" or "LoadBalancer")
        {
            spec.Or("externalTrafficPolicy", "Cluster");
            if (spec.Text("type") == "LoadBalancer")
            {
                spec.Or("allocateLoadBalancerNodePorts", true);
            }
        }

        foreach (var port in spec["ports"].Objects())
        {
            port.Or("protocol", "TCP");
            if (port["targetPort"] is null && port["port"] is { } number)
            {
                port["targetPort"] = number.DeepClone();
            }
        }
    }

    private static void NetworkPolicy(JsonObject spec)
    {
        if (spec["policyTypes"] is null)
        {
            spec["policyTypes"] = spec["egress"] is JsonArray { Count: > 0 }
                ? new JsonArray("Ingress", "Egress")
                : new JsonArray("Ingress");
        }

        foreach (var port in spec["ingress"].Objects().Concat(spec["egress"].Objects()).SelectMany(r => r["ports"].Objects()))
        {
            port.Or("protocol", "TCP");
        }
    }

    private static JsonObject Spec(JsonObject item) => item.OrObject("spec");
}
