using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>What the server does to an object before it is stored: fields that the writer does not decide.</summary>
internal static class Strategies
{
    public static void PrepareCreate(ResourceType type, JsonObject item)
    {
        if (type.HasStatus)
        {
            item.Remove("status");
        }

        item.Meta().Remove("resourceVersion");
        if (type == ResourceTypes.Namespaces)
        {
            PrepareNamespace(item);
        }
        else if (type == ResourceTypes.Secrets)
        {
            FoldStringData(item);
        }
        else if (type == ResourceTypes.CustomResourceDefinitions)
        {
            PrepareDefinition(item);
        }
        else if (type == ResourceTypes.Pods)
        {
            item["status"] = new JsonObject { ["phase"] = "Pending", ["qosClass"] = "BestEffort" };
        }
    }

    /// <summary>A main update cannot change the status, and an update of the status nothing else.</summary>
    public static JsonObject PrepareUpdate(ResourceType type, string subresource, JsonObject current, JsonObject next)
    {
        if (subresource == "status")
        {
            var result = (JsonObject)current.DeepClone();
            result["status"] = next["status"]?.DeepClone();
            if (next["metadata"].Child("managedFields") is { } owners)
            {
                result.Meta()["managedFields"] = owners.DeepClone();
            }

            return result;
        }

        if (subresource == "finalize")
        {
            var result = (JsonObject)current.DeepClone();
            (result.Spec() ?? (JsonObject)(result["spec"] = new JsonObject()))["finalizers"] =
                next["spec"].Child("finalizers")?.DeepClone() ?? new JsonArray();
            return result;
        }

        if (type.HasStatus)
        {
            next["status"] = current["status"]?.DeepClone();
            if (next["status"] is null)
            {
                next.Remove("status");
            }
        }

        if (type == ResourceTypes.Namespaces)
        {
            next["spec"] = current["spec"]?.DeepClone();
            Labels(next)["kubernetes.io/metadata.name"] = next.Name();
        }
        else if (type == ResourceTypes.Secrets)
        {
            FoldStringData(next);
        }
        else if (type == ResourceTypes.Services)
        {
            KeepAddress(current, next);
        }

        return next;
    }

    public static void FoldStringData(JsonObject secret)
    {
        if (secret["stringData"] is not JsonObject plain)
        {
            return;
        }

        if (secret["data"] is not JsonObject data)
        {
            secret["data"] = data = [];
        }

        foreach (var (key, value) in plain)
        {
            data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.GetValue<string>() ?? ""));
        }

        secret.Remove("stringData");
    }

    /// <summary>An address that the cluster gave stays when a writer leaves it out.</summary>
    private static void KeepAddress(JsonObject current, JsonObject next)
    {
        if (next.Spec() is not { } spec || current.Spec() is not { } before || spec.Text("type") == "ExternalName")
        {
            return;
        }

        foreach (var key in (ReadOnlySpan<string>)["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
        {
            if (spec[key] is null or JsonArray { Count: 0 } || spec.Text(key) == "")
            {
                if (before[key] is { } kept)
                {
                    spec[key] = kept.DeepClone();
                }
            }
        }

        if (spec.Text("type") is "NodePort" or "LoadBalancer")
        {
            foreach (var port in spec["ports"].Objects().Where(p => p["nodePort"] is null))
            {
                var same = before["ports"]
                    .Objects()
                    .FirstOrDefault(p => p.Number("port") == port.Number("port") && p.Text("protocol") == (port.Text("protocol") ?? "TCP"));
                if (same?["nodePort"] is { } kept)
                {
                    port["nodePort"] = kept.DeepClone();
                }
            }
        }
    }

    private static void PrepareNamespace(JsonObject item)
    {
        item["spec"] = new JsonObject { ["finalizers"] = new JsonArray("kubernetes") };
        item["status"] = new JsonObject { ["phase"] = "Active" };
        if (item.Name().Length > 0)
        {
            Labels(item)["kubernetes.io/metadata.name"] = item.Name();
        }
    }

    // Served from the moment it is stored.
    private static void PrepareDefinition(JsonObject item) =>
        item["status"] = new JsonObject
        {
            ["acceptedNames"] = item["spec"].At("names")?.DeepClone() ?? new JsonObject(),
            ["conditions"] = new JsonArray([
                .. new[] { "NamesAccepted", "Established" }.Select(t => new JsonObject
                {
                    ["type"] = t,
                    ["status"] = "True",
                    ["reason"] = "InitialNamesAccepted",
                    ["lastTransitionTime"] = ObjectMeta.StampNow(),
                }),
            ]),
            ["storedVersions"] = new JsonArray([
                .. item["spec"]
                    .Child("versions")
                    .Objects()
                    .Where(v => v.Flag("storage") == true)
                    .Select(v => (JsonNode)(v.Text("name") ?? "")),
            ]),
        };

    private static JsonObject Labels(JsonObject item)
    {
        if (item.Meta()["labels"] is not JsonObject labels)
        {
            item.Meta()["labels"] = labels = [];
        }

        return labels;
    }
}
