using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;
using static Portkey.Portal.Sandbox.Tables.Cells;

namespace Portkey.Portal.Sandbox.Tables;

/// <summary>The columns of each kind, as kubectl users know them.</summary>
internal static class Columns
{
    private static readonly Column _name = new("Name", i => i.Name());
    private static readonly Column _age = new("Age", i => Age(i["metadata"].Text("creationTimestamp")));

    private static readonly Dictionary<ResourceType, Column[]> _columns = new()
    {
        [ResourceTypes.Namespaces] = [_name, new("Status", i => i["status"].Text("phase") ?? "Active"), _age],
        [ResourceTypes.Nodes] =
        [
            _name,
            new("Status", NodeStatus),
            new("Roles", _ => "<none>"),
            _age,
            new("Version", i => i["status"].At("nodeInfo").Text("kubeletVersion")),
            new(
                "Internal-IP",
                i =>
                    i["status"].Child("addresses").Objects().FirstOrDefault(a => a.Text("type") == "InternalIP").Text("address")
                    ?? "<none>",
                1
            ),
            new("OS-Image", i => i["status"].At("nodeInfo").Text("osImage"), 1),
        ],
        [ResourceTypes.Pods] =
        [
            _name,
            new("Ready", PodCells.Ready),
            new("Status", PodCells.Status),
            new("Restarts", PodCells.Restarts),
            _age,
            new("IP", i => i["status"].Text("podIP") ?? "<none>", 1),
            new("Node", i => i["spec"].Text("nodeName") ?? "<none>", 1),
            new("Nominated Node", _ => "<none>", 1),
            new("Readiness Gates", _ => "<none>", 1),
        ],
        [ResourceTypes.Services] =
        [
            _name,
            new("Type", i => i["spec"].Text("type")),
            new("Cluster-IP", i => i["spec"].Text("clusterIP") is { Length: > 0 } ip ? ip : "<none>"),
            new("External-IP", ExternalAddress),
            new("Port(s)", Ports),
            _age,
            new("Selector", i => Pairs(i["spec"].Child("selector")), 1),
        ],
        [ResourceTypes.Secrets] = [_name, new("Type", i => i.Text("type")), new("Data", i => Count(i["data"]), Type: "integer"), _age],
        [ResourceTypes.ConfigMaps] = [_name, new("Data", i => Count(i["data"]) + Count(i["binaryData"]), Type: "integer"), _age],
        [ResourceTypes.ServiceAccounts] = [_name, new("Secrets", i => Count(i["secrets"]), Type: "integer"), _age],
        [ResourceTypes.Events] =
        [
            new("Last Seen", i => Age(i.Text("lastTimestamp") ?? i.Text("eventTime") ?? i["metadata"].Text("creationTimestamp"))),
            new("Type", i => i.Text("type")),
            new("Reason", i => i.Text("reason")),
            new("Object", i => $"{i["involvedObject"].Text("kind")?.ToLowerInvariant()}/{i["involvedObject"].Text("name")}"),
            new("Message", i => i.Text("message")?.Trim()),
            new("Count", i => i.Number("count") ?? 1, 1, "integer"),
            new("Name", i => i.Name(), 1),
        ],
        [ResourceTypes.Endpoints] = [_name, new("Endpoints", EndpointCells.Of), _age],
        [ResourceTypes.PersistentVolumeClaims] =
        [
            _name,
            new("Status", i => i["status"].Text("phase")),
            new("Volume", i => i["spec"].Text("volumeName")),
            new("Capacity", i => i["status"].At("capacity").Text("storage")),
            new("Access Modes", i => string.Join(',', i["spec"].Child("accessModes").Texts())),
            new("StorageClass", i => i["spec"].Text("storageClassName")),
            _age,
        ],
        [ResourceTypes.ResourceQuotas] = [_name, new("Request", i => Quota(i, false)), new("Limit", i => Quota(i, true)), _age],
        [ResourceTypes.LimitRanges] = [_name, new("Created At", i => i["metadata"].Text("creationTimestamp"))],
        [ResourceTypes.Deployments] =
        [
            _name,
            new("Ready", i => $"{i["status"].Number("readyReplicas") ?? 0}/{i["spec"].Number("replicas") ?? 0}"),
            new("Up-to-date", i => i["status"].Number("updatedReplicas") ?? 0, Type: "integer"),
            new("Available", i => i["status"].Number("availableReplicas") ?? 0, Type: "integer"),
            _age,
            new("Containers", ContainerNames, 1),
            new("Images", Images, 1),
            new("Selector", Selector, 1),
        ],
        [ResourceTypes.ReplicaSets] =
        [
            _name,
            new("Desired", i => i["spec"].Number("replicas") ?? 0, Type: "integer"),
            new("Current", i => i["status"].Number("replicas") ?? 0, Type: "integer"),
            new("Ready", i => i["status"].Number("readyReplicas") ?? 0, Type: "integer"),
            _age,
            new("Containers", ContainerNames, 1),
            new("Images", Images, 1),
            new("Selector", Selector, 1),
        ],
        [ResourceTypes.StatefulSets] =
        [
            _name,
            new("Ready", i => $"{i["status"].Number("readyReplicas") ?? 0}/{i["spec"].Number("replicas") ?? 0}"),
            _age,
            new("Containers", ContainerNames, 1),
            new("Images", Images, 1),
        ],
        [ResourceTypes.DaemonSets] =
        [
            _name,
            new("Desired", i => i["status"].Number("desiredNumberScheduled") ?? 0, Type: "integer"),
            new("Current", i => i["status"].Number("currentNumberScheduled") ?? 0, Type: "integer"),
            new("Ready", i => i["status"].Number("numberReady") ?? 0, Type: "integer"),
            new("Up-to-date", i => i["status"].Number("updatedNumberScheduled") ?? 0, Type: "integer"),
            new("Available", i => i["status"].Number("numberAvailable") ?? 0, Type: "integer"),
            new("Node Selector", i => Pairs(i["spec"].At("template", "spec", "nodeSelector"))),
            _age,
        ],
        [ResourceTypes.Jobs] =
        [
            _name,
            new("Status", JobStatus),
            new("Completions", i => $"{i["status"].Number("succeeded") ?? 0}/{i["spec"].Number("completions") ?? 1}"),
            new("Duration", i => Duration(i["status"].Text("startTime"), i["status"].Text("completionTime"))),
            _age,
        ],
        [ResourceTypes.CronJobs] =
        [
            _name,
            new("Schedule", i => i["spec"].Text("schedule")),
            new("Timezone", i => i["spec"].Text("timeZone") ?? "<none>"),
            new("Suspend", i => i["spec"].Flag("suspend") == true ? "True" : "False"),
            new("Active", i => Count(i["status"].Child("active")), Type: "integer"),
            new("Last Schedule", i => Age(i["status"].Text("lastScheduleTime"))),
            _age,
        ],
        [ResourceTypes.HorizontalPodAutoscalers] =
        [
            _name,
            new("Reference", i => $"{i["spec"].At("scaleTargetRef").Text("kind")}/{i["spec"].At("scaleTargetRef").Text("name")}"),
            new("Targets", MetricCells.Targets),
            new("MinPods", i => (i["spec"].Number("minReplicas") ?? 1).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            new("MaxPods", i => i["spec"].Number("maxReplicas"), Type: "integer"),
            new("Replicas", i => i["status"].Number("currentReplicas") ?? 0, Type: "integer"),
            _age,
        ],
        [ResourceTypes.Ingresses] =
        [
            _name,
            new("Class", i => i["spec"].Text("ingressClassName") ?? "<none>"),
            new("Hosts", Hosts),
            new("Address", Addresses),
            new("Ports", i => i["spec"].Child("tls") is JsonArray { Count: > 0 } ? "80, 443" : "80"),
            _age,
        ],
        [ResourceTypes.IngressClasses] =
        [
            _name,
            new("Controller", i => i["spec"].Text("controller")),
            new("Parameters", _ => "<none>"),
            _age,
        ],
        [ResourceTypes.NetworkPolicies] = [_name, new("Pod-Selector", i => Pairs(i["spec"].At("podSelector", "matchLabels"))), _age],
        [ResourceTypes.PodDisruptionBudgets] =
        [
            _name,
            new("Min Available", i => i["spec"].Child("minAvailable")?.ToString() ?? "N/A"),
            new("Max Unavailable", i => i["spec"].Child("maxUnavailable")?.ToString() ?? "N/A"),
            new("Allowed Disruptions", i => i["status"].Number("disruptionsAllowed") ?? 0, Type: "integer"),
            _age,
        ],
        [ResourceTypes.RoleBindings] = [_name, new("Role", i => $"{i["roleRef"].Text("kind")}/{i["roleRef"].Text("name")}"), _age],
        [ResourceTypes.ClusterRoleBindings] = [_name, new("Role", i => $"{i["roleRef"].Text("kind")}/{i["roleRef"].Text("name")}"), _age],
        [ResourceTypes.Roles] = [_name, new("Created At", i => i["metadata"].Text("creationTimestamp"))],
        [ResourceTypes.ClusterRoles] = [_name, new("Created At", i => i["metadata"].Text("creationTimestamp"))],
        [ResourceTypes.Leases] = [_name, new("Holder", i => i["spec"].Text("holderIdentity")), _age],
        [ResourceTypes.EndpointSlices] =
        [
            _name,
            new("AddressType", i => i.Text("addressType")),
            new("Ports", i => string.Join(',', i["ports"].Objects().Select(p => p["port"]?.ToString()))),
            new("Endpoints", i => string.Join(',', i["endpoints"].Objects().SelectMany(e => e["addresses"].Texts()).Take(3))),
            _age,
        ],
        [ResourceTypes.StorageClasses] =
        [
            _name,
            new("Provisioner", i => i.Text("provisioner")),
            new("ReclaimPolicy", i => i.Text("reclaimPolicy")),
            new("VolumeBindingMode", i => i.Text("volumeBindingMode")),
            new("AllowVolumeExpansion", i => i.Flag("allowVolumeExpansion") ?? false, Type: "boolean"),
            _age,
        ],
    };

    private static readonly Column[] _others = [_name, _age];

    public static Column[] Of(ResourceType type) => _columns.GetValueOrDefault(type) ?? _others;
}
