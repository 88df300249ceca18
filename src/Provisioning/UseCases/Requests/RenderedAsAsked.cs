using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using static Portkey.Portal.Provisioning.UseCases.Requests.RenderedParts;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>
/// What a rendered manifest starts that its spec did not ask for, and what it lacks of what the spec asked for. Pure; each answer is a
/// sentence for people that names the object.
/// </summary>
internal static partial class RenderedAsAsked
{
    private static readonly string[] Caches = ["redis", "valkey", "keydb", "dragonfly"];

    /// <summary>What is wrong; empty for nothing.</summary>
    /// <exception cref="ClusterException">The text is not YAML manifests.</exception>
    public static IReadOnlyList<string> Differences(RenderInput input, string manifest)
    {
        var objects = Objects(manifest);
        var workloads = Workloads(objects);
        List<string> wrong = [.. workloads.SelectMany(NotSet)];
        var gateways = Gateways(input, workloads);
        if (gateways.Count == 0)
        {
            return [.. wrong, "No workload runs the gateway."];
        }

        wrong.AddRange(Unasked(input, workloads.Except(gateways)));
        wrong.AddRange(Unfindable(input, objects, gateways));
        wrong.AddRange(Network(input, objects, gateways));
        wrong.AddRange(Variables(input, objects, gateways));
        if (PullSecret.Of(input.Release, input.Spec, input.Secrets) is { Name: var pull })
        {
            wrong.AddRange(
                gateways
                    .Where(g => !(g.Pod["imagePullSecrets"] as JsonArray ?? []).Any(s => Text((s as JsonObject)?["name"]) == pull))
                    .Select(g => $"{g} does not name the pull secret {pull}.")
            );
        }

        if (input.Spec.DataService && !workloads.Any(IsDataService))
        {
            wrong.Add("The spec asks for the data service, but there is none.");
        }

        if (
            input.Spec.Autoscaling is not null
            && !OfKind(objects, "HorizontalPodAutoscaler")
                .Any(h => gateways.Any(g => g.Name == Text(At(h, "spec", "scaleTargetRef", "name"))))
        )
        {
            wrong.Add("The spec asks for autoscaling, and there is no HorizontalPodAutoscaler for the gateway.");
        }

        return wrong;
    }

    // What Go prints for a missing value: fmt's verbs and text/template.
    private static IEnumerable<string> NotSet(RenderedWorkload workload) =>
        from container in workload.AllContainers
        from entry in (container["env"] as JsonArray ?? []).OfType<JsonObject>()
        where Nothing().IsMatch(Text(entry["value"]))
        select $"{workload}, container {Text(container["name"])}: {Text(entry["name"])} is the text '{Text(entry["value"])}', which a template writes for a value that is not set.";

    private static List<RenderedWorkload> Gateways(RenderInput input, IReadOnlyList<RenderedWorkload> workloads)
    {
        var asked =
            input.Spec.ImageRepository
            ?? (input.Spec.Edition == Edition.Oss ? "docker.io/portkeyai/gateway" : "docker.io/portkeyai/gateway_enterprise");
        List<RenderedWorkload> found = [.. workloads.Where(w => w.Repositories.Contains(asked, StringComparer.Ordinal))];
        found =
            found.Count > 0
                ? found
                :
                [
                    .. workloads.Where(w =>
                        w.Repositories.Any(r => r[(r.LastIndexOf('/') + 1)..].StartsWith("gateway", StringComparison.Ordinal))
                    ),
                ];
        return found.Count == 0 && workloads is [var only] ? [only] : found;
    }

    // An open-source spec names no stores: what its chart brings with it is the chart's own.
    private static IEnumerable<string> Unasked(RenderInput input, IEnumerable<RenderedWorkload> others) =>
        input.Spec.Edition == Edition.Oss
            ? []
            : others
                .Where(w =>
                    !(IsDataService(w) && input.Spec.DataService)
                    && !(IsCache(w) && SpecValidator.Value(input.Spec)("CACHE_STORE") == "redis")
                )
                .Select(w =>
                    $"{w} (image {string.Join(", ", w.Repositories)}) is started, but the spec does not ask for it.{(IsCache(w) ? " CACHE_STORE names your own cache." : "")}"
                );

    // The rollout, health and the endpoint are looked up by this label in every environment.
    private static IEnumerable<string> Unfindable(RenderInput input, IReadOnlyList<JsonObject> objects, List<RenderedWorkload> gateways) =>
        from found in objects
            .Where(o => gateways.Any(g => g.Kind == Text(o["kind"]) && g.Name == Text(At(o, "metadata", "name"))))
            .Select(o => (Of: $"{Text(o["kind"])} {Text(At(o, "metadata", "name"))}", Labels: At(o, "metadata", "labels")))
            .Concat(gateways.Select(g => (Of: $"The pod template of {g}", Labels: (JsonNode?)g.Labels)))
            .Concat(
                ServicesOf(objects, gateways)
                    .Select(s => (Of: $"Service {Text(At(s, "metadata", "name"))}", Labels: At(s, "metadata", "labels")))
            )
        where Text((found.Labels as JsonObject)?[ClusterLabels.Instance]) != input.Release
        select $"{found.Of} has no label {ClusterLabels.Instance}: {input.Release}, by which the portal finds what belongs to a release.";

    private static List<JsonObject> ServicesOf(IReadOnlyList<JsonObject> objects, List<RenderedWorkload> gateways) =>
        [.. OfKind(objects, "Service").Where(s => gateways.Any(g => Selects(At(s, "spec", "selector") as JsonObject, g.Labels)))];

    private static bool IsCache(RenderedWorkload workload) => Named(workload, Caches);

    private static bool IsDataService(RenderedWorkload workload) => Named(workload, "data-service", "dataservice");

    private static bool Named(RenderedWorkload workload, params string[] words) =>
        workload.Repositories.Any(r => words.Any(w => r[(r.LastIndexOf('/') + 1)..].Contains(w, StringComparison.OrdinalIgnoreCase)));

    private static IEnumerable<string> Network(RenderInput input, IReadOnlyList<JsonObject> objects, List<RenderedWorkload> gateways)
    {
        var network = input.Spec.Network;
        var services = ServicesOf(objects, gateways);
        if (services.Count == 0)
        {
            yield return "No Service leads to the gateway's pods.";
            yield break;
        }

        if (network.Exposure == Exposure.LoadBalancer && !services.Any(s => Text(At(s, "spec", "type")) == "LoadBalancer"))
        {
            yield return "The spec asks for a load balancer, and no Service of the gateway is of type LoadBalancer.";
        }

        if (network.Exposure != Exposure.LoadBalancer)
        {
            foreach (var open in services.Where(s => Text(At(s, "spec", "type")) is "LoadBalancer" or "NodePort"))
            {
                yield return $"Service {Text(At(open, "metadata", "name"))} is of type {Text(At(open, "spec", "type"))}, but the spec asks for none that can be reached from outside.";
            }
        }

        var port = (network.Port ?? 8787).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (
            input.Facts.Accepts("service.port")
            && !services.Any(s => (At(s, "spec", "ports") as JsonArray ?? []).Any(p => Text((p as JsonObject)?["port"]) == port))
        )
        {
            yield return $"No Service of the gateway has port {port}.";
        }

        if (
            network.Exposure == Exposure.Ingress
            && !OfKind(objects, "Ingress")
                .Any(i => (At(i, "spec", "rules") as JsonArray ?? []).Any(r => Text((r as JsonObject)?["host"]) == network.Host))
        )
        {
            yield return $"The spec asks for an Ingress, and there is none for {network.Host}.";
        }
    }

    private static bool Selects(JsonObject? selector, JsonObject? labels) =>
        selector is { Count: > 0 }
        && labels is not null
        && selector.All(s => labels.TryGetPropertyValue(s.Key, out var value) && Text(value) == Text(s.Value));

    // Every variable, as its container sees it: 'env' goes before 'envFrom'.
    private static IEnumerable<string> Variables(RenderInput input, IReadOnlyList<JsonObject> objects, List<RenderedWorkload> gateways)
    {
        var secrets = SecretPins.OfEnvironment(input.Secrets).Keys.ToHashSet(StringComparer.Ordinal);
        var secret = secrets.Count == 0 ? "" : SecretPins.ClusterSecretName(input.Release, input.Secrets);
        var beside = input.Facts.NeedsSettingsBesideIt ? ValuesRenderer.SettingsName(input) : "";
        var settings = input.Facts.TakesSettings
            ? ValuesRenderer.SettingsData(input)
            : new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var gateway in gateways.Take(1))
        {
            var container =
                gateway.Containers.FirstOrDefault(c =>
                    ManifestImages.Repository(Text(c["image"])) is var r
                    && r[(r.LastIndexOf('/') + 1)..].StartsWith("gateway", StringComparison.Ordinal)
                ) ?? (gateway.Containers.Count > 0 ? gateway.Containers[0] : null);
            if (container is null)
            {
                continue;
            }

            var from = Sources(container);
            foreach (
                var key in secrets
                    .Where(k =>
                        !Reaches(
                            container,
                            k,
                            e =>
                                Text(At(e, "valueFrom", "secretKeyRef", "name")) == secret
                                && Text(At(e, "valueFrom", "secretKeyRef", "key")) == k
                        ) && !from.Contains($"Secret/{secret}")
                    )
                    .Order(StringComparer.Ordinal)
            )
            {
                yield return $"{gateway}: its container lacks {key}, which is in Secret {secret}.";
            }

            foreach (
                var (key, value) in settings.Where(s =>
                    !secrets.Contains(s.Key)
                    && input.Facts.AcceptsSetting(s.Key, SettingsCatalog.ByKey.TryGetValue(s.Key, out var known) ? known.View.Since : "")
                )
            )
            {
                var entry = Entries(container).LastOrDefault(e => Text(e["name"]) == key);
                if (
                    entry is null
                        ? !from.Contains($"ConfigMap/{beside}") && !Holds(objects, from, key)
                        : entry["valueFrom"] is null && Text(entry["value"]) != value
                )
                {
                    yield return entry is null
                        ? $"{gateway}: its container lacks {key}."
                        : $"{gateway}: its container has a different {key} from the spec's.";
                }
            }
        }
    }

    private static bool Reaches(JsonObject container, string key, Func<JsonObject, bool> right) =>
        Entries(container).LastOrDefault(e => Text(e["name"]) == key) is { } entry && right(entry);

    private static IEnumerable<JsonObject> Entries(JsonObject container) => (container["env"] as JsonArray ?? []).OfType<JsonObject>();

    private static HashSet<string> Sources(JsonObject container) =>
        (container["envFrom"] as JsonArray ?? [])
            .OfType<JsonObject>()
            .Select(f =>
                f["secretRef"] is { } secret ? $"Secret/{Text(At(secret, "name"))}" : $"ConfigMap/{Text(At(f, "configMapRef", "name"))}"
            )
            .ToHashSet(StringComparer.Ordinal);

    // An object that the chart makes itself.
    private static bool Holds(IReadOnlyList<JsonObject> objects, HashSet<string> from, string key) =>
        objects.Any(o =>
            from.Contains($"{Text(o["kind"])}/{Text(At(o, "metadata", "name"))}")
            && new[] { "data", "stringData" }.Any(d => (o[d] as JsonObject)?.ContainsKey(key) == true)
        );

    [GeneratedRegex(@"<nil>|<no value>|%!\w\(", RegexOptions.CultureInvariant)]
    private static partial Regex Nothing();
}
