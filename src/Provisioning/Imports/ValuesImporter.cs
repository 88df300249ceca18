using System.Globalization;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Health;
using Portkey.Portal.Provisioning.Secrets;
using Tree = System.Collections.Generic.Dictionary<string, object?>;

namespace Portkey.Portal.Provisioning.Imports;

/// <summary>Turns a values file of Portkey's chart, in any of its layouts and with the mistakes of Portkey's guide, into a spec. Pure.</summary>
internal sealed class ValuesImporter
{
    // How the portal names the objects that it feeds to the container itself.
    private static readonly string[] OwnSources = [$"{HealthInspector.Release}-settings-", $"{HealthInspector.Release}-env-"];

    private readonly List<Correction> corrections;
    private readonly List<Dropped> dropped = [];
    private readonly ImportedSettings settings;
    private readonly bool isOwn;

    private ValuesImporter(List<Correction> corrections, bool isOwn)
    {
        (this.corrections, this.isOwn) = (corrections, isOwn);
        settings = new ImportedSettings(corrections, dropped, isOwn);
    }

    public static Imported Read(string text)
    {
        var found = new List<Correction>();
        var tree = ImportYaml.Read(text, found);
        var note = SpecNote.Find(text);
        var importer = new ValuesImporter(found, note is not null);
        var read = importer.Convert(tree);
        return note is null ? read : read with { Spec = SpecNote.Apply(note, read.Spec, importer.dropped) };
    }

    private Imported Convert(Tree root)
    {
        // KEY=value lines by themselves, without any chart around them.
        var lone = root.Where(p => p.Key.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_')).ToList();
        var environment = Take(root, "environment") as Tree ?? [];
        var data = environment.GetValueOrDefault("data") as Tree ?? [];
        settings.Take(data.Concat(lone), data.Count > 0 ? "environment.data." : "");
        foreach (var (key, _) in lone)
        {
            root.Remove(key);
        }

        foreach (var key in environment.Keys.Except(["data", "create", "secret"]))
        {
            dropped.Add(new($"environment.{key}", "The portal writes the Secret itself and names it by its content."));
        }

        var edition = Images(root);
        Credentials(root);
        Identity(root);
        var network = Network(root);
        var spec = new EnvironmentSpec
        {
            Edition = edition,
            Network = network,
            Replicas = Number(Take(root, "replicaCount"), "replicaCount"),
            Autoscaling = Autoscaling(root),
            Resources = Resources(root),
            Scheduling = Scheduling(root),
            Probes = Probes(root),
            Labels = Marks(root, "podLabels"),
            Annotations = Marks(root, "podAnnotations"),
            EnvFrom = EnvFrom(root),
            DataService = (Take(root, "dataservice") as Tree)?.GetValueOrDefault("enabled") is string on && on == "true",
            ImageTag = imageTag,
        };
        Rest(root);
        var (plain, secrets) = settings.Finish(edition);
        return new Imported(
            spec with { Settings = plain, Replicas = spec.Autoscaling is null ? spec.Replicas : null },
            secrets.ToDictionary(s => s.Key, s => new SecretValue(s.Value), StringComparer.Ordinal), corrections, dropped);
    }

    private string? imageTag;

    private Edition Images(Tree root)
    {
        var image = (Take(root, "images") as Tree)?.GetValueOrDefault("gatewayImage") as Tree;
        imageTag = Text(image?.GetValueOrDefault("tag"));
        if (imageTag is { } moving && ImageRules.IsFloatingTag(moving))
        {
            (imageTag, var tag) = (null, moving.Length == 0 ? "empty" : moving);
            dropped.Add(new("images.gatewayImage.tag", $"It is {tag}, which is another image tomorrow without anybody's approval. The chart's own version is used."));
        }

        return Text(image?.GetValueOrDefault("repository"))?.EndsWith("portkeyai/gateway", StringComparison.Ordinal) == true ? Edition.Oss : Edition.Enterprise;
    }

    private void Credentials(Tree root)
    {
        var given = Take(root, "imageCredentials");
        if (Take(root, "imagePullSecrets") is List<object?> { Count: > 0 })
        {
            dropped.Add(new("imagePullSecrets", "The portal writes the Secret for pulling images itself, from REGISTRY_USERNAME and REGISTRY_PASSWORD."));
        }

        if (given is Tree)
        {
            corrections.Add(new("imageCredentials", "a map", "a list", "The chart takes a list here; the one entry was used."));
        }

        var entries = given is Tree one ? [one] : (given as List<object?> ?? []).OfType<Tree>().ToList();
        if (entries.Count == 0)
        {
            return;
        }

        if (entries.Count > 1)
        {
            dropped.Add(new("imageCredentials[1]", "One registry holds the gateway's image; the first entry was used."));
        }

        var registry = Text(entries[0].GetValueOrDefault("registry")) ?? "";
        if (registry.StartsWith("kubernetes.io/", StringComparison.Ordinal))
        {
            corrections.Add(new("imageCredentials.registry", registry, SettingsCatalog.ByKey[SettingKeys.RegistryServer].View.Default, "That is the type of a Kubernetes Secret, not a registry."));
            registry = "";
        }

        settings.Set(SettingKeys.RegistryServer, registry == SettingsCatalog.ByKey[SettingKeys.RegistryServer].View.Default ? "" : registry, "imageCredentials.registry");
        settings.Set(SettingKeys.RegistryUsername, Text(entries[0].GetValueOrDefault("username")), "imageCredentials.username");
        settings.Set(SettingKeys.RegistryPassword, Text(entries[0].GetValueOrDefault("password")), "imageCredentials.password");
    }

    private void Identity(Tree root)
    {
        var account = Take(root, "serviceAccount") as Tree;
        settings.Set(SettingKeys.WorkloadClientId, Text((account?.GetValueOrDefault("annotations") as Tree)?.GetValueOrDefault("azure.workload.identity/client-id")), "serviceAccount.annotations");
    }

    private NetworkSpec Network(Tree root)
    {
        var (service, ingress) = (Take(root, "service") as Tree, Take(root, "ingress") as Tree);
        var type = Text(service?.GetValueOrDefault("type"));
        if (ingress is not null && Text(ingress.GetValueOrDefault("enabled")) == "true")
        {
            var tls = (ingress.GetValueOrDefault("tls") as List<object?>)?.OfType<Tree>().FirstOrDefault();
            return new NetworkSpec
            {
                Exposure = Exposure.Ingress,
                Host = Text(ingress.GetValueOrDefault("hostname")),
                IngressClass = Text(ingress.GetValueOrDefault("ingressClassName")),
                TlsSecret = Text(tls?.GetValueOrDefault("secretName")),
                McpHost = Text(ingress.GetValueOrDefault("hostBased")) == "true" ? Text(ingress.GetValueOrDefault("mcpHostname")) : null,
            };
        }

        if (type == "NodePort")
        {
            corrections.Add(new("service.type", "NodePort", "ClusterIP", "A NodePort opens the gateway on every node. Inside the cluster it needs none; to the outside, choose a load balancer or an ingress."));
        }

        if (service is null || type != "LoadBalancer")
        {
            return new NetworkSpec();
        }

        var annotations = service.GetValueOrDefault("annotations") as Tree;
        var ranges = Text(annotations?.GetValueOrDefault("service.beta.kubernetes.io/azure-allowed-ip-ranges"));
        return new NetworkSpec { Exposure = Exposure.LoadBalancer, InternalLoadBalancer = Text(annotations?.GetValueOrDefault("service.beta.kubernetes.io/azure-load-balancer-internal")) == "true", AllowedRanges = ranges?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [] };
    }

    private AutoscalingSpec? Autoscaling(Tree root) => Take(root, "autoscaling") is Tree scaling && Text(scaling.GetValueOrDefault("enabled")) == "true"
        ? new AutoscalingSpec
        {
            Min = Number(scaling.GetValueOrDefault("minReplicas"), "autoscaling.minReplicas") ?? 1,
            Max = Number(scaling.GetValueOrDefault("maxReplicas"), "autoscaling.maxReplicas") ?? 20,
            TargetCpu = Number(scaling.GetValueOrDefault("targetCPUUtilizationPercentage"), "autoscaling.targetCPUUtilizationPercentage"),
        }
        : null;

    private static ResourcesSpec? Resources(Tree root)
    {
        var resources = Take(root, "resources") as Tree;
        var (requests, limits) = (resources?.GetValueOrDefault("requests") as Tree, resources?.GetValueOrDefault("limits") as Tree);
        return requests is null && limits is null ? null : new ResourcesSpec
        {
            CpuRequest = Text(requests?.GetValueOrDefault("cpu")), MemoryRequest = Text(requests?.GetValueOrDefault("memory")),
            CpuLimit = Text(limits?.GetValueOrDefault("cpu")), MemoryLimit = Text(limits?.GetValueOrDefault("memory")),
        };
    }

    private SchedulingSpec? Scheduling(Tree root)
    {
        var (selector, tolerations) = (Take(root, "nodeSelector") as Tree ?? [], (Take(root, "tolerations") as List<object?> ?? []).OfType<Tree>().ToList());
        var zones = default(int?);
        if (Take(root, "topologySpreadConstraints") is List<object?> { Count: > 0 } spread)
        {
            zones = spread is [Tree only] && Text(only.GetValueOrDefault("topologyKey")) == "topology.kubernetes.io/zone" ? Number(only.GetValueOrDefault("minDomains"), "topologySpreadConstraints[0].minDomains") : null;
            if (zones is null)
            {
                dropped.Add(new("topologySpreadConstraints", "The portal spreads pods over zones itself: choose a profile, or scheduling.zones."));
            }
        }

        return zones is null && selector.Count + tolerations.Count == 0 ? null : new SchedulingSpec
        {
            Zones = zones,
            NodeSelector = selector.ToDictionary(s => s.Key, s => Text(s.Value) ?? "", StringComparer.Ordinal),
            Tolerations = [.. tolerations.Select(Toleration)],
        };
    }

    // 'Equal' with an empty value is another taint than 'Exists'.
    private static TolerationSpec Toleration(Tree entry) => new()
    {
        Key = Text(entry.GetValueOrDefault("key")) ?? "",
        Value = Text(entry.GetValueOrDefault("value")) ?? (Text(entry.GetValueOrDefault("operator")) == "Exists" || entry.GetValueOrDefault("value") is null ? null : ""),
        Effect = Text(entry.GetValueOrDefault("effect")),
    };

    private ProbesSpec? Probes(Tree root)
    {
        var (live, ready) = (Take(root, "livenessProbe") as Tree, Take(root, "readinessProbe") as Tree);
        var probes = new ProbesSpec
        {
            LivenessPeriodSeconds = Number(live?.GetValueOrDefault("periodSeconds"), "livenessProbe.periodSeconds"),
            ReadinessPeriodSeconds = Number(ready?.GetValueOrDefault("periodSeconds"), "readinessProbe.periodSeconds"),
            TimeoutSeconds = Number(ready?.GetValueOrDefault("timeoutSeconds"), "readinessProbe.timeoutSeconds"),
            FailureThreshold = Number(ready?.GetValueOrDefault("failureThreshold"), "readinessProbe.failureThreshold"),
        };
        return probes == new ProbesSpec() ? null : probes;
    }

    // What the portal put there itself comes back by itself.
    private static Dictionary<string, string>? Marks(Tree root, string name) =>
        Take(root, name) is Tree { Count: > 0 } marks && marks.Where(m => !m.Key.StartsWith("portal.portkey.ai/", StringComparison.Ordinal) && !m.Key.StartsWith("azure.workload.identity/", StringComparison.Ordinal)).ToList() is { Count: > 0 } own
            ? own.ToDictionary(m => m.Key, m => Text(m.Value) ?? "", StringComparer.Ordinal)
            : null;

    // Charts before envFrom take it through extraContainerConfig.
    private static EnvFromSpec? EnvFrom(Tree root)
    {
        var extra = root.GetValueOrDefault("extraContainerConfig") as Tree;
        var entries = (Take(root, "envFrom") as List<object?> ?? []).Concat(extra is not null && extra.Remove("envFrom", out var below) && below is List<object?> list ? list : []).OfType<Tree>().ToList();
        List<string> Names(string kind) =>
            [.. entries.Select(e => Text((e.GetValueOrDefault(kind) as Tree)?.GetValueOrDefault("name"))).OfType<string>().Where(n => !Array.Exists(OwnSources, own => n.StartsWith(own, StringComparison.Ordinal)))];
        return new EnvFromSpec { Secrets = Names("secretRef"), ConfigMaps = Names("configMapRef") } is var from && from.Secrets.Count + from.ConfigMaps.Count > 0 ? from : null;
    }

    private void Rest(Tree root)
    {
        foreach (var (key, value) in root.Where(r => r.Value is not (null or "" or List<object?> { Count: 0 } or Tree { Count: 0 })))
        {
            dropped.Add(new(key, isOwn ? "The portal writes this itself." : key switch
            {
                "securityContext" or "podSecurityContext" => "The portal runs every pod under pod security 'restricted'.",
                "strategy" or "autoRestart" or "volumes" or "volumeMounts" or "redis" or "revisionHistoryLimit" or "affinity" => "The portal sets this itself.",
                "useVaultInjection" or "vaultConfig" => "Secrets come from the portal's vault.",
                "minio" or "milvus" => "The portal runs no store inside the environment. Name one that exists.",
                "nameOverride" or "fullnameOverride" => "The portal names its objects itself.",
                _ => value is string text && text.Contains('=', StringComparison.Ordinal) ? "It is no entry of YAML." : "The portal has no setting for it.",
            }));
        }
    }

    private int? Number(object? value, string field)
    {
        if (value is null)
        {
            return null;
        }

        if (Text(value) is { } text && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        dropped.Add(new(field, "It is no whole number."));
        return null;
    }

    private static object? Take(Tree root, string key)
    {
        root.Remove(key, out var value);
        return value;
    }

    private static string? Text(object? value) => value is string { Length: > 0 } text ? text : null;
}
