using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Hosting;

/// <summary>What a cluster has before anybody asks: its namespaces, and three nodes in three zones.</summary>
internal static class Seed
{
    public static void Apply(ObjectStore store)
    {
        foreach (var name in (ReadOnlySpan<string>)["default", "kube-system", "kube-public", "kube-node-lease"])
        {
            Ensure(
                store,
                ResourceTypes.Namespaces,
                new JsonObject
                {
                    ["metadata"] = new JsonObject
                    {
                        ["name"] = name,
                        ["labels"] = new JsonObject { ["kubernetes.io/metadata.name"] = name },
                    },
                    ["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") },
                    ["status"] = new JsonObject { ["phase"] = "Active" },
                }
            );
        }

        for (var i = 1; i <= 3; i++)
        {
            Ensure(store, ResourceTypes.Nodes, Node(i));
        }

        Ensure(
            store,
            ResourceTypes.IngressClasses,
            new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = "sandbox" },
                ["spec"] = new JsonObject { ["controller"] = "portal.portkey.ai/sandbox" },
            }
        );
        Ensure(
            store,
            ResourceTypes.StorageClasses,
            new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = "standard",
                    ["annotations"] = new JsonObject { ["storageclass.kubernetes.io/is-default-class"] = "true" },
                },
                ["provisioner"] = "portal.portkey.ai/sandbox",
                ["reclaimPolicy"] = "Delete",
                ["volumeBindingMode"] = "Immediate",
            }
        );
    }

    internal static JsonObject Node(int number)
    {
        var name = $"sandbox-node-{number}";
        var resources = new JsonObject
        {
            ["cpu"] = "4",
            ["memory"] = "16Gi",
            ["pods"] = "110",
            ["ephemeral-storage"] = "100Gi",
        };
        var now = ObjectMeta.StampNow();
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = new JsonObject
                {
                    ["kubernetes.io/hostname"] = name,
                    ["kubernetes.io/os"] = "linux",
                    ["kubernetes.io/arch"] = "amd64",
                    ["topology.kubernetes.io/region"] = "sandbox",
                    ["topology.kubernetes.io/zone"] = $"sandbox-{(char)('a' + number - 1)}",
                },
            },
            ["spec"] = new JsonObject { ["podCIDR"] = $"10.244.{number}.0/24" },
            ["status"] = new JsonObject
            {
                ["capacity"] = resources.DeepClone(),
                ["allocatable"] = resources,
                ["addresses"] = new JsonArray(
                    new JsonObject { ["type"] = "InternalIP", ["address"] = $"10.10.0.{number}" },
                    new JsonObject { ["type"] = "Hostname", ["address"] = name }
                ),
                ["conditions"] = new JsonArray(
                    new JsonObject
                    {
                        ["type"] = "Ready",
                        ["status"] = "True",
                        ["reason"] = "KubeletReady",
                        ["message"] = "the sandbox plays this node",
                        ["lastHeartbeatTime"] = now,
                        ["lastTransitionTime"] = now,
                    }
                ),
                ["nodeInfo"] = new JsonObject
                {
                    ["kubeletVersion"] = Api.ApiLimits.KubernetesVersion,
                    ["kubeProxyVersion"] = Api.ApiLimits.KubernetesVersion,
                    ["osImage"] = "Portkey Portal sandbox",
                    ["operatingSystem"] = "linux",
                    ["architecture"] = "amd64",
                    ["containerRuntimeVersion"] = "sandbox://1",
                    ["kernelVersion"] = Environment.OSVersion.Version.ToString(),
                    ["machineID"] = name,
                    ["systemUUID"] = name,
                    ["bootID"] = name,
                },
            },
        };
    }

    private static void Ensure(ObjectStore store, ResourceType type, JsonObject item)
    {
        if (store.Peek(type, "", item.Name()) is null)
        {
            store.Create(type, item);
        }
    }
}
