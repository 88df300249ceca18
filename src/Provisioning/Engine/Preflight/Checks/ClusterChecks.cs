using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>The API server accepts the portal's credentials, and is new enough.</summary>
internal sealed class ClusterCheck : IPreflightCheck
{
    // The control plane that the tests run against; pod security admission, which namespaces rely on, came with 1.25 and is not enforced
    // before.
    private const int OldestMinor = 20;
    private const int PodSecurityMinor = 25;

    public string Id => "cluster";

    public string Title => "Cluster answers";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => true;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken) =>
        Judge(subject.Cluster.Name, await subject.Cluster.GetAsync("/version", cancellationToken));

    /// <summary>Judges the version that the cluster reported.</summary>
    internal static Verdict Judge(string cluster, JsonNode? version)
    {
        var text = version?["gitVersion"]?.GetValue<string>() ?? "";
        var minor = new string([.. (version?["minor"]?.GetValue<string>() ?? "").TakeWhile(char.IsAsciiDigit)]);
        if (
            !int.TryParse(minor, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            || version?["major"]?.GetValue<string>() != "1"
        )
        {
            return Verdict.Warn($"{cluster} answers, but reports no version that the portal knows ({text}).", "");
        }

        return number < OldestMinor
                ? Verdict.Fail(
                    $"{cluster} runs Kubernetes {text}; the charts need 1.{OldestMinor} or newer.",
                    "Upgrade the cluster, or choose another.",
                    "cluster-too-old"
                )
            : number < PodSecurityMinor
                ? Verdict.Warn(
                    $"{cluster} runs Kubernetes {text}, which does not enforce pod security by namespace.",
                    $"Upgrade it to 1.{PodSecurityMinor} or newer."
                )
            : Verdict.Pass($"{cluster} runs Kubernetes {text}.");
    }
}

/// <summary>The namespace is free, or this environment's own.</summary>
internal sealed class NamespaceCheck : IPreflightCheck
{
    public string Id => "namespace";

    public string Title => "Namespace is free";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => true;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var ns = subject.Namespace;
        if (await subject.Cluster.GetAsync(Namespaces.Path(ns), cancellationToken) is not { } found)
        {
            return Verdict.Pass($"There is no namespace {ns} yet; it will be created.");
        }

        try
        {
            Namespaces.RequireOwner(found, ns, subject.EnvironmentId.ToString(), subject.Cluster.Name);
        }
        catch (ClusterRejectedException problem)
        {
            return Verdict.Fail(problem.Message, "Choose another name for the environment, or have the namespace removed.", problem.Code);
        }

        return Namespaces.IsTerminating(found)
            ? Verdict.Warn($"Namespace {ns} is still being removed.", "The operation waits for it; if it stays, look for finalizers in it.")
            : Verdict.Pass($"Namespace {ns} is this environment's own.");
    }
}

/// <summary>The portal's identity may do all that the operation will do: asked by SelfSubjectAccessReview.</summary>
internal sealed class PermissionsCheck : IPreflightCheck
{
    private const int AtOnce = 16;

    // What every operation does, whatever the chart is made of. Same as the rules of infra/charts/portal.
    private static readonly (string Group, string Resource, string[] Verbs)[] Always =
    [
        ("", "secrets", ["get", "list", "create", "patch", "update", "delete"]),
        ("", "pods", ["list", "watch"]),
        ("", "pods/log", ["get"]),
        ("", "services/proxy", ["get"]),
        ("", "events", ["list"]),
        ("", "resourcequotas", ["list"]),
        ("apps", "replicasets", ["list", "watch"]),
        ("apps", "deployments", ["list", "watch"]),
    ];

    // What a delivery other than the portal's own needs. Same as the rules of infra/charts/portal under secretDelivery.
    private static readonly (string Group, string Resource, string[] Verbs)[] ByExternalSecrets =
    [
        ("external-secrets.io", "externalsecrets", ["get", "list", "create", "patch", "delete"]),
    ];

    private static readonly (string Group, string Resource, string[] Verbs)[] ByCsi =
    [
        ("secrets-store.csi.x-k8s.io", "secretproviderclasses", ["list", "create", "patch", "delete"]),
        ("", "serviceaccounts", ["create", "patch", "delete"]),
        ("apps", "deployments", ["create", "patch", "delete"]),
    ];

    public string Id => "permissions";

    public string Title => "Portal may do it";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => true;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var askeds = OfEvery(subject.Namespace).ToList();
        var byDelivery =
            subject.Pins.Count == 0
                ? []
                : subject.Delivery.Mode switch
                {
                    SecretDeliveryMode.ExternalSecrets => ByExternalSecrets,
                    SecretDeliveryMode.SecretsStoreCsi => ByCsi,
                    _ => [],
                };
        askeds.AddRange(byDelivery.SelectMany(a => a.Verbs.Select(v => new AccessRequest(subject.Namespace, a.Group, a.Resource, v))));
        if (byDelivery == ByExternalSecrets)
        {
            askeds.Add(
                subject.Delivery.StoreKind == "SecretStore"
                    ? new(subject.Namespace, "external-secrets.io", "secretstores", "get")
                    : new(null, "external-secrets.io", "clustersecretstores", "get")
            );
        }

        foreach (
            var (apiVersion, kind) in subject
                .Objects.Select(o => (o["apiVersion"]?.GetValue<string>() ?? "", o["kind"]?.GetValue<string>() ?? ""))
                .Distinct()
        )
        {
            var info = await subject.Cluster.Discovery.FindAsync(subject.Cluster, apiVersion, kind, cancellationToken);
            var group = apiVersion.Contains('/', StringComparison.Ordinal)
                ? apiVersion[..apiVersion.IndexOf('/', StringComparison.Ordinal)]
                : "";
            askeds.AddRange(
                new[] { "create", "patch", "delete" }.Select(v => new AccessRequest(
                    info.Namespaced ? subject.Namespace : null,
                    group,
                    info.Plural,
                    v
                ))
            );
        }

        return await RunAsync(subject.Cluster, askeds, cancellationToken, byDelivery.Length > 0);
    }

    /// <summary>What every operation in that namespace does.</summary>
    internal static IEnumerable<AccessRequest> OfEvery(string ns) =>
        [
            new(null, "", "namespaces", "create"),
            new(null, "", "namespaces", "patch"),
            new(null, "", "namespaces", "delete"),
            .. Always.SelectMany(a => a.Verbs.Select(v => new AccessRequest(ns, a.Group, a.Resource, v))),
        ];

    /// <summary>Asks for each, and names those that are not given.</summary>
    internal static async Task<Verdict> RunAsync(
        ClusterConnection cluster,
        IEnumerable<AccessRequest> askeds,
        CancellationToken cancellationToken,
        bool byDelivery = false
    )
    {
        using var room = new SemaphoreSlim(AtOnce);
        var answers = await Task.WhenAll(askeds.Distinct().Select(w => MayAsync(cluster, w, room, cancellationToken)));
        var missing = answers
            .Where(a => !a.May)
            .Select(a => a.AccessRequest)
            .GroupBy(w => w.Where)
            .Select(g => $"{string.Join(", ", g.Select(w => w.Verb))} {g.Key}")
            .ToList();
        return missing.Count == 0
            ? Verdict.Pass($"{answers.Length} permissions were asked for, and all are given.")
            : Verdict.Fail(
                $"The portal's service account may not: {string.Join("; ", missing)}.",
                byDelivery
                    ? "Give it the rules of infra/charts/portal with secretDelivery for this delivery on, and for kinds that the chart adds, its extraRules."
                    : "Give it the rules of infra/charts/portal, and for kinds that the chart adds, its extraRules.",
                "cluster-forbidden"
            );
    }

    private static async Task<(AccessRequest AccessRequest, bool May)> MayAsync(
        ClusterConnection cluster,
        AccessRequest asked,
        SemaphoreSlim room,
        CancellationToken cancellationToken
    )
    {
        var slash = asked.Resource.IndexOf('/', StringComparison.Ordinal);
        var attributes = new JsonObject
        {
            ["group"] = asked.Group,
            ["resource"] = slash < 0 ? asked.Resource : asked.Resource[..slash],
            ["verb"] = asked.Verb,
        };
        if (asked.Namespace is { } ns)
        {
            attributes["namespace"] = ns;
        }

        if (slash >= 0)
        {
            attributes["subresource"] = asked.Resource[(slash + 1)..];
        }

        var body = new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SelfSubjectAccessReview",
            ["spec"] = new JsonObject { ["resourceAttributes"] = attributes },
        };
        await room.WaitAsync(cancellationToken);
        try
        {
            var answer = await cluster.SendAsync(
                HttpMethod.Post,
                "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                body,
                "application/json",
                cancellationToken
            );
            return (asked, answer["status"]?["allowed"]?.GetValue<bool>() == true);
        }
        finally
        {
            room.Release();
        }
    }

    internal sealed record AccessRequest(string? Namespace, string Group, string Resource, string Verb)
    {
        public string Where => $"{(Group.Length > 0 ? $"{Resource}.{Group}" : Resource)}{(Namespace is null ? "" : $" in {Namespace}")}";
    }
}

/// <summary>Classes that the rendered objects name are there.</summary>
internal sealed class StorageClassCheck : IPreflightCheck
{
    public string Id => "storage-class";

    public string Title => "Storage class is there";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => Claims(subject).Any();

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var found = await subject.Cluster.GetAsync("/apis/storage.k8s.io/v1/storageclasses", cancellationToken);
        var classes = (found?["items"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var names = classes.Select(c => c["metadata"]?["name"]?.GetValue<string>() ?? "").ToList();
        var hasDefault = classes.Any(c =>
            c["metadata"]?["annotations"]?["storageclass.kubernetes.io/is-default-class"]?.GetValue<string>() == "true"
        );
        var missing = Claims(subject)
            .Where(c => c.Class is null ? !hasDefault : c.Class.Length > 0 && !names.Contains(c.Class))
            .Select(c => c.Class ?? "(the default)")
            .Distinct()
            .ToList();
        return missing.Count == 0
            ? Verdict.Pass("Every claim's storage class is there.")
            : Verdict.Fail(
                $"{subject.Cluster.Name} has no storage class {string.Join(", ", missing)}; it has: {string.Join(", ", names)}.",
                "Have it created, or name one of these."
            );
    }

    private static IEnumerable<(string Name, string? Class)> Claims(PreflightSubject subject) =>
        subject
            .Objects.Where(o => o["kind"]?.GetValue<string>() == "PersistentVolumeClaim")
            .Concat(subject.Objects.SelectMany(o => o["spec"]?["volumeClaimTemplates"] as JsonArray ?? []).OfType<JsonObject>())
            .Select(c => (c["metadata"]?["name"]?.GetValue<string>() ?? "", c["spec"]?["storageClassName"]?.GetValue<string>()));
}

/// <summary>An ingress controller's class is there.</summary>
internal sealed class IngressClassCheck : IPreflightCheck
{
    public string Id => "ingress-class";

    public string Title => "Ingress class is there";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => Wanted(subject).Any();

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var found = await subject.Cluster.GetAsync("/apis/networking.k8s.io/v1/ingressclasses", cancellationToken);
        var names = (found?["items"] as JsonArray ?? []).Select(c => c?["metadata"]?["name"]?.GetValue<string>() ?? "").ToList();
        var missing = Wanted(subject).Where(c => !names.Contains(c)).ToList();
        return missing.Count == 0
            ? Verdict.Pass($"{subject.Cluster.Name} has ingress class {string.Join(", ", Wanted(subject))}.")
            // Controllers may serve a class by its name alone, without an IngressClass object.
            : Verdict.Warn(
                $"{subject.Cluster.Name} has no ingress class {string.Join(", ", missing)}{(names.Count > 0 ? $"; it has: {string.Join(", ", names)}" : "")}.",
                "Choose a class that it has, or install its ingress controller; without one nothing answers at the host name."
            );
    }

    private static IEnumerable<string> Wanted(PreflightSubject subject) =>
        subject
            .Objects.Where(o => o["kind"]?.GetValue<string>() == "Ingress")
            .Select(o => o["spec"]?["ingressClassName"]?.GetValue<string>() ?? "")
            .Where(c => c.Length > 0)
            .Distinct();
}

/// <summary>Objects that the team keeps in the namespace itself: TLS secrets, and sources of further environment variables.</summary>
internal sealed class TeamObjectsCheck : IPreflightCheck
{
    public string Id => "team-objects";

    public string Title => "The team's own objects are there";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => Wanted(subject).Any();

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var missing = new List<string>();
        foreach (var (plural, name) in Wanted(subject).Distinct())
        {
            if (
                await subject.Cluster.GetAsync(
                    $"{Namespaces.Path(subject.Namespace)}/{plural}/{Uri.EscapeDataString(name)}",
                    cancellationToken
                )
                is null
            )
            {
                missing.Add($"{(plural == "secrets" ? "Secret" : "ConfigMap")} {name}");
            }
        }

        return missing.Count == 0
            ? Verdict.Pass("All of them are there.")
            : Verdict.Warn(
                $"Namespace {subject.Namespace} has no {string.Join(", ", missing)}.",
                "Make them once the namespace is there; pods that read from them wait until then."
            );
    }

    private static IEnumerable<(string Plural, string Name)> Wanted(PreflightSubject subject)
    {
        var from = subject.Spec.EnvFrom;
        return (from?.Secrets ?? [])
            .Concat(string.IsNullOrEmpty(subject.Spec.Network.TlsSecret) ? [] : [subject.Spec.Network.TlsSecret])
            .Select(n => ("secrets", n))
            .Concat((from?.ConfigMaps ?? []).Select(n => ("configmaps", n)));
    }
}
