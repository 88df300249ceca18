using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Storage;

/// <summary>The catalogue of everything that the sandbox serves.</summary>
internal static class ResourceTypes
{
    private const string Apps = "apps";
    private const string Rbac = "rbac.authorization.k8s.io";
    private const string Networking = "networking.k8s.io";
    private const string Admission = "admissionregistration.k8s.io";
    private static readonly string[] _all = ["all"];

    public static readonly ResourceType Namespaces = new("", "v1", "namespaces", "namespace", "Namespace", false, ["ns"], HasStatus: true);
    public static readonly ResourceType Nodes = new("", "v1", "nodes", "node", "Node", false, ["no"], HasStatus: true);
    public static readonly ResourceType PersistentVolumes = new(
        "",
        "v1",
        "persistentvolumes",
        "persistentvolume",
        "PersistentVolume",
        false,
        ["pv"],
        HasStatus: true
    );
    public static readonly ResourceType Pods = new(
        "",
        "v1",
        "pods",
        "pod",
        "Pod",
        true,
        ["po"],
        HasStatus: true,
        Generations: true,
        Categories: _all
    );
    public static readonly ResourceType Services = new(
        "",
        "v1",
        "services",
        "service",
        "Service",
        true,
        ["svc"],
        HasStatus: true,
        Categories: _all
    );
    public static readonly ResourceType Secrets = new("", "v1", "secrets", "secret", "Secret", true, []);
    public static readonly ResourceType ConfigMaps = new("", "v1", "configmaps", "configmap", "ConfigMap", true, ["cm"]);
    public static readonly ResourceType ServiceAccounts = new(
        "",
        "v1",
        "serviceaccounts",
        "serviceaccount",
        "ServiceAccount",
        true,
        ["sa"]
    );
    public static readonly ResourceType Endpoints = new("", "v1", "endpoints", "endpoints", "Endpoints", true, ["ep"]);
    public static readonly ResourceType Events = new("", "v1", "events", "event", "Event", true, ["ev"]);
    public static readonly ResourceType ResourceQuotas = new(
        "",
        "v1",
        "resourcequotas",
        "resourcequota",
        "ResourceQuota",
        true,
        ["quota"],
        HasStatus: true
    );
    public static readonly ResourceType LimitRanges = new("", "v1", "limitranges", "limitrange", "LimitRange", true, ["limits"]);
    public static readonly ResourceType PersistentVolumeClaims = new(
        "",
        "v1",
        "persistentvolumeclaims",
        "persistentvolumeclaim",
        "PersistentVolumeClaim",
        true,
        ["pvc"],
        HasStatus: true
    );
    public static readonly ResourceType ReplicationControllers = new(
        "",
        "v1",
        "replicationcontrollers",
        "replicationcontroller",
        "ReplicationController",
        true,
        ["rc"],
        HasStatus: true,
        HasScale: true,
        Generations: true,
        Categories: _all
    );
    public static readonly ResourceType PodTemplates = new("", "v1", "podtemplates", "podtemplate", "PodTemplate", true, []);

    public static readonly ResourceType Deployments = new(
        Apps,
        "v1",
        "deployments",
        "deployment",
        "Deployment",
        true,
        ["deploy"],
        HasStatus: true,
        HasScale: true,
        Generations: true,
        Categories: _all
    );
    public static readonly ResourceType ReplicaSets = new(
        Apps,
        "v1",
        "replicasets",
        "replicaset",
        "ReplicaSet",
        true,
        ["rs"],
        HasStatus: true,
        HasScale: true,
        Generations: true,
        Categories: _all
    );
    public static readonly ResourceType StatefulSets = new(
        Apps,
        "v1",
        "statefulsets",
        "statefulset",
        "StatefulSet",
        true,
        ["sts"],
        HasStatus: true,
        HasScale: true,
        Generations: true,
        Categories: _all
    );
    public static readonly ResourceType DaemonSets = new(
        Apps,
        "v1",
        "daemonsets",
        "daemonset",
        "DaemonSet",
        true,
        ["ds"],
        HasStatus: true,
        Generations: true,
        Categories: _all
    );
    public static readonly ResourceType ControllerRevisions = new(
        Apps,
        "v1",
        "controllerrevisions",
        "controllerrevision",
        "ControllerRevision",
        true,
        []
    );

    public static readonly ResourceType Jobs = new(
        "batch",
        "v1",
        "jobs",
        "job",
        "Job",
        true,
        [],
        HasStatus: true,
        Generations: true,
        Categories: _all
    );
    public static readonly ResourceType CronJobs = new(
        "batch",
        "v1",
        "cronjobs",
        "cronjob",
        "CronJob",
        true,
        ["cj"],
        HasStatus: true,
        Generations: true,
        Categories: _all
    );
    public static readonly ResourceType HorizontalPodAutoscalers = new(
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
        "horizontalpodautoscaler",
        "HorizontalPodAutoscaler",
        true,
        ["hpa"],
        HasStatus: true,
        Categories: _all
    );

    public static readonly ResourceType NetworkPolicies = new(
        Networking,
        "v1",
        "networkpolicies",
        "networkpolicy",
        "NetworkPolicy",
        true,
        ["netpol"],
        Generations: true
    );
    public static readonly ResourceType Ingresses = new(
        Networking,
        "v1",
        "ingresses",
        "ingress",
        "Ingress",
        true,
        ["ing"],
        HasStatus: true,
        Generations: true
    );
    public static readonly ResourceType IngressClasses = new(
        Networking,
        "v1",
        "ingressclasses",
        "ingressclass",
        "IngressClass",
        false,
        [],
        Generations: true
    );
    public static readonly ResourceType PodDisruptionBudgets = new(
        "policy",
        "v1",
        "poddisruptionbudgets",
        "poddisruptionbudget",
        "PodDisruptionBudget",
        true,
        ["pdb"],
        HasStatus: true,
        Generations: true
    );

    public static readonly ResourceType Roles = new(Rbac, "v1", "roles", "role", "Role", true, []);
    public static readonly ResourceType RoleBindings = new(Rbac, "v1", "rolebindings", "rolebinding", "RoleBinding", true, []);
    public static readonly ResourceType ClusterRoles = new(Rbac, "v1", "clusterroles", "clusterrole", "ClusterRole", false, []);
    public static readonly ResourceType ClusterRoleBindings = new(
        Rbac,
        "v1",
        "clusterrolebindings",
        "clusterrolebinding",
        "ClusterRoleBinding",
        false,
        []
    );

    public static readonly ResourceType Leases = new("coordination.k8s.io", "v1", "leases", "lease", "Lease", true, []);
    public static readonly ResourceType EndpointSlices = new(
        "discovery.k8s.io",
        "v1",
        "endpointslices",
        "endpointslice",
        "EndpointSlice",
        true,
        [],
        Generations: true
    );
    public static readonly ResourceType EventsV1 = new("events.k8s.io", "v1", "events", "event", "Event", true, ["ev"]);
    public static readonly ResourceType StorageClasses = new(
        "storage.k8s.io",
        "v1",
        "storageclasses",
        "storageclass",
        "StorageClass",
        false,
        ["sc"]
    );
    public static readonly ResourceType PriorityClasses = new(
        "scheduling.k8s.io",
        "v1",
        "priorityclasses",
        "priorityclass",
        "PriorityClass",
        false,
        ["pc"]
    );
    public static readonly ResourceType MutatingWebhooks = new(
        Admission,
        "v1",
        "mutatingwebhookconfigurations",
        "mutatingwebhookconfiguration",
        "MutatingWebhookConfiguration",
        false,
        [],
        Generations: true
    );
    public static readonly ResourceType ValidatingWebhooks = new(
        Admission,
        "v1",
        "validatingwebhookconfigurations",
        "validatingwebhookconfiguration",
        "ValidatingWebhookConfiguration",
        false,
        [],
        Generations: true
    );
    public static readonly ResourceType CustomResourceDefinitions = new(
        "apiextensions.k8s.io",
        "v1",
        "customresourcedefinitions",
        "customresourcedefinition",
        "CustomResourceDefinition",
        false,
        ["crd", "crds"],
        HasStatus: true,
        Generations: true
    );

    public static readonly ResourceType SelfSubjectAccessReviews = new(
        "authorization.k8s.io",
        "v1",
        "selfsubjectaccessreviews",
        "selfsubjectaccessreview",
        "SelfSubjectAccessReview",
        false,
        [],
        Ability: ResourceAbility.CreateOnly
    );
    public static readonly ResourceType SelfSubjectRulesReviews = new(
        "authorization.k8s.io",
        "v1",
        "selfsubjectrulesreviews",
        "selfsubjectrulesreview",
        "SelfSubjectRulesReview",
        false,
        [],
        Ability: ResourceAbility.CreateOnly
    );
    public static readonly ResourceType SubjectAccessReviews = new(
        "authorization.k8s.io",
        "v1",
        "subjectaccessreviews",
        "subjectaccessreview",
        "SubjectAccessReview",
        false,
        [],
        Ability: ResourceAbility.CreateOnly
    );
    public static readonly ResourceType TokenReviews = new(
        "authentication.k8s.io",
        "v1",
        "tokenreviews",
        "tokenreview",
        "TokenReview",
        false,
        [],
        Ability: ResourceAbility.CreateOnly
    );
    public static readonly ResourceType SelfSubjectReviews = new(
        "authentication.k8s.io",
        "v1",
        "selfsubjectreviews",
        "selfsubjectreview",
        "SelfSubjectReview",
        false,
        [],
        Ability: ResourceAbility.CreateOnly
    );

    private static readonly ResourceType[] _builtIn =
    [
        Namespaces,
        Nodes,
        PersistentVolumes,
        Pods,
        Services,
        Secrets,
        ConfigMaps,
        ServiceAccounts,
        Endpoints,
        Events,
        ResourceQuotas,
        LimitRanges,
        PersistentVolumeClaims,
        ReplicationControllers,
        PodTemplates,
        Deployments,
        ReplicaSets,
        StatefulSets,
        DaemonSets,
        ControllerRevisions,
        Jobs,
        CronJobs,
        HorizontalPodAutoscalers,
        NetworkPolicies,
        Ingresses,
        IngressClasses,
        PodDisruptionBudgets,
        Roles,
        RoleBindings,
        ClusterRoles,
        ClusterRoleBindings,
        Leases,
        EndpointSlices,
        EventsV1,
        StorageClasses,
        PriorityClasses,
        MutatingWebhooks,
        ValidatingWebhooks,
        CustomResourceDefinitions,
        SelfSubjectAccessReviews,
        SelfSubjectRulesReviews,
        SubjectAccessReviews,
        TokenReviews,
        SelfSubjectReviews,
    ];

    private static readonly Lock _gate = new();
    private static volatile Known _known = new(_builtIn);

    /// <summary>Every type, in the order in which discovery lists them: those of its own, then those of
    /// CustomResourceDefinitions.</summary>
    public static IReadOnlyList<ResourceType> All => _known.All;

    public static ResourceType? Find(string group, string version, string plural) =>
        _known.ByPath.GetValueOrDefault((group, version, plural));

    public static ResourceType? OfKind(string apiVersion, string kind) => _known.ByKind.GetValueOrDefault((apiVersion, kind));

    /// <summary>Serves the type that a CustomResourceDefinition describes, in the version that it stores. A process that hosts several
    /// sandboxes serves it in all.</summary>
    public static ResourceType? Learn(JsonObject definition)
    {
        var (spec, names) = (definition["spec"], definition["spec"].At("names"));
        var version =
            spec.Child("versions").Objects().FirstOrDefault(v => v.Flag("storage") == true)
            ?? spec.Child("versions").Objects().FirstOrDefault();
        if (
            spec.Text("group") is not { Length: > 0 } group
            || version.Text("name") is not { Length: > 0 } name
            || names.Text("plural") is not { Length: > 0 } plural
            || names.Text("kind") is not { Length: > 0 } kind
        )
        {
            return null;
        }

        lock (_gate)
        {
            if (Find(group, name, plural) is { } known)
            {
                return known;
            }

            var type = new ResourceType(
                group,
                name,
                plural,
                names.Text("singular") ?? kind.ToLowerInvariant(),
                kind,
                spec.Text("scope") != "Cluster",
                [.. names.Child("shortNames").Texts()],
                HasStatus: version.At("subresources").Child("status") is not null,
                Generations: true,
                IsCustom: true
            );
            _known = new Known([.. _known.All, type]);
            return type;
        }
    }

    /// <summary>Stops serving it; returns the type.</summary>
    public static ResourceType? Forget(JsonObject definition)
    {
        lock (_gate)
        {
            var gone = _known.All.FirstOrDefault(t => t.IsCustom && t.GroupResource == definition.Name());
            if (gone is not null)
            {
                _known = new Known([.. _known.All.Where(t => !ReferenceEquals(t, gone))]);
            }

            return gone;
        }
    }

    private sealed record Known(IReadOnlyList<ResourceType> All)
    {
        public Dictionary<(string Group, string Version, string Plural), ResourceType> ByPath { get; } =
            All.ToDictionary(t => (t.Group, t.Version, t.Plural));

        public Dictionary<(string ApiVersion, string Kind), ResourceType> ByKind { get; } = All.ToDictionary(t => (t.ApiVersion, t.Kind));
    }
}
