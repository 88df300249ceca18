using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>Images, size, place and probes of the pods, out of a values file.</summary>
internal sealed class ImportedWorkload(Account account, ScalarReader scalars)
{
    private const string Itself = "written by the portal itself";

    // How the portal names the objects that it feeds to the container itself.
    private static readonly string[] OwnSources = [$"{HealthInspector.Release}-settings-", $"{HealthInspector.Release}-env-"];
    private static readonly string[] OwnMarks = ["portal.portkey.ai/", KnownClouds.OfClusters.Rules.IdentityPrefix];

    public (Edition Edition, string? Repository, string? Tag) Image(ValueNode root)
    {
        var image = root.At("images", "gatewayImage");
        var repository = scalars.Text(image?["repository"], "imageRepository");
        var edition = repository?.EndsWith("portkeyai/gateway", StringComparison.Ordinal) == true ? Edition.Oss : Edition.Enterprise;
        return (
            edition,
            repository is not null
            && ImageSpecRules.Full(repository) is "docker.io/portkeyai/gateway" or "docker.io/portkeyai/gateway_enterprise"
                ? null
                : repository,
            Tag(image?["tag"], "imageTag")
        );
    }

    public DataServiceImageSpec? DataServiceImage(ValueNode root)
    {
        var image = root.At("images", "dataserviceImage");
        var (repository, tag) = (
            scalars.Text(image?["repository"], "dataServiceImage.repository"),
            Tag(image?["tag"], "dataServiceImage.tag")
        );
        repository = repository is not null && ImageSpecRules.Full(repository) == "docker.io/portkeyai/data-service" ? null : repository;
        return repository is null && tag is null ? null : new DataServiceImageSpec { Repository = repository, Tag = tag };
    }

    public AutoscalingSpec? Autoscaling(ValueNode root)
    {
        var scaling = root["autoscaling"];
        if (scalars.Flag(scaling?["enabled"], "autoscaling") != true)
        {
            foreach (var leaf in scaling?.Leaves().Where(l => !account.Has(l)) ?? [])
            {
                account.Drop(leaf, "Autoscaling is switched off.");
            }

            return null;
        }

        account.Drop(root["replicaCount"], "Autoscaling decides how many pods there are.");
        return new AutoscalingSpec
        {
            Min = scalars.Number(scaling!["minReplicas"], "autoscaling.min") ?? 1,
            Max = scalars.Number(scaling["maxReplicas"], "autoscaling.max") ?? 20,
            TargetCpu = scalars.Number(scaling["targetCPUUtilizationPercentage"], "autoscaling.targetCpu"),
            TargetMemory = scalars.Number(scaling["targetMemoryUtilizationPercentage"], "autoscaling.targetMemory"),
        };
    }

    public ResourcesSpec? Resources(ValueNode root)
    {
        var (requests, limits) = (root.At("resources", "requests"), root.At("resources", "limits"));
        return requests is null && limits is null
            ? null
            : new ResourcesSpec
            {
                CpuRequest = scalars.Text(requests?["cpu"], "resources.cpuRequest"),
                MemoryRequest = scalars.Text(requests?["memory"], "resources.memoryRequest"),
                CpuLimit = scalars.Text(limits?["cpu"], "resources.cpuLimit"),
                MemoryLimit = scalars.Text(limits?["memory"], "resources.memoryLimit"),
            };
    }

    public SchedulingSpec? Scheduling(ValueNode root)
    {
        var selector = (root["nodeSelector"]?.Entries ?? []).ToDictionary(
            s => s.Key,
            s => scalars.Text(s.Value, $"scheduling.nodeSelector.{s.Key}") ?? "",
            StringComparer.Ordinal
        );
        var tolerations = (root["tolerations"]?.Items ?? [])
            .Where(t => t is { Kind: ValueKind.Map, IsLeaf: false })
            .Select(Toleration)
            .ToList();
        var zones = default(int?);
        if (root["topologySpreadConstraints"] is { Kind: ValueKind.List, IsLeaf: false } spread)
        {
            zones =
                spread.Items is [var only] && only["topologyKey"]?.Text == "topology.kubernetes.io/zone"
                    ? scalars.Number(only["minDomains"], "scheduling.zones")
                    : null;
            if (zones is null)
            {
                account.Drop(spread, "The portal spreads pods over zones itself: choose a profile, or scheduling.zones.");
            }
            else
            {
                account.Keep(spread, "scheduling.zones");
            }
        }

        return zones is null && selector.Count + tolerations.Count == 0
            ? null
            : new SchedulingSpec
            {
                Zones = zones,
                NodeSelector = selector,
                Tolerations = tolerations,
            };
    }

    public ProbesSpec? Probes(ValueNode root)
    {
        var (live, ready) = (root["livenessProbe"], root["readinessProbe"]);
        var probes = new ProbesSpec
        {
            LivenessPeriodSeconds = scalars.Number(live?["periodSeconds"], "probes.livenessPeriodSeconds"),
            ReadinessPeriodSeconds = scalars.Number(ready?["periodSeconds"], "probes.readinessPeriodSeconds"),
            TimeoutSeconds = scalars.Number(ready?["timeoutSeconds"], "probes.timeoutSeconds"),
            FailureThreshold = scalars.Number(ready?["failureThreshold"], "probes.failureThreshold"),
        };
        foreach (
            var (key, taken, where) in new[]
            {
                ("timeoutSeconds", probes.TimeoutSeconds, "probes.timeoutSeconds"),
                ("failureThreshold", probes.FailureThreshold, "probes.failureThreshold"),
            }
        )
        {
            if (live?[key] is { IsEmpty: false } leaf && scalars.Number(leaf, where) is { } number && number != taken)
            {
                account.Drop(leaf, "One number holds for both probes; that of readinessProbe was taken.");
            }
        }

        return probes == new ProbesSpec() ? null : probes;
    }

    /// <summary>Labels or annotations of the pods. What the portal wrote there is written again anyway.</summary>
    public Dictionary<string, string>? Marks(ValueNode root, string name, string where)
    {
        var marks = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, leaf) in root[name]?.Entries ?? [])
        {
            if (Array.Exists(OwnMarks, m => key.StartsWith(m, StringComparison.Ordinal)))
            {
                account.Keep(leaf, Itself);
            }
            else
            {
                marks[key] = scalars.Text(leaf, $"{where}.{key}") ?? "";
            }
        }

        return marks.Count > 0 ? marks : null;
    }

    public EnvFromSpec? EnvFrom(ValueNode root, IEnumerable<string> alsoSecrets)
    {
        // Charts before envFrom take it through extraContainerConfig.
        var (secrets, maps) = (alsoSecrets.ToList(), new List<string>());
        foreach (var entry in (root["envFrom"]?.Items ?? []).Concat(root.At("extraContainerConfig", "envFrom")?.Items ?? []))
        {
            foreach (
                var (kind, names, where) in new[]
                {
                    ("secretRef", secrets, "envFrom.secrets"),
                    ("configMapRef", maps, "envFrom.configMaps"),
                }
            )
            {
                if (entry[kind]?["name"] is not { } leaf)
                {
                    continue;
                }

                if (IsOwnSource(leaf.Text))
                {
                    account.Keep(leaf, Itself);
                }
                else if (scalars.Text(leaf, where) is { } name)
                {
                    names.Add(name);
                }
            }

            if (entry["prefix"] is { IsEmpty: false } prefix)
            {
                account.Drop(prefix, "The portal passes variables on under their own names.");
            }
        }

        return secrets.Count + maps.Count > 0
            ? new EnvFromSpec
            {
                Secrets = [.. secrets.Distinct(StringComparer.Ordinal)],
                ConfigMaps = [.. maps.Distinct(StringComparer.Ordinal)],
            }
            : null;
    }

    public static bool IsOwnSource(string? name) =>
        name is not null && Array.Exists(OwnSources, own => name.StartsWith(own, StringComparison.Ordinal));

    /// <summary>The company's certificates, where a variable names a file of a ConfigMap that is mounted.</summary>
    public CaBundleSpec? CaBundle(ValueNode root, ImportedSettings settings)
    {
        var path = settings.Value("NODE_EXTRA_CA_CERTS") is { Length: > 0 } node ? node : settings.Value("TLS_CA");
        foreach (var mount in path.Length == 0 ? [] : root["volumeMounts"]?.Items ?? [])
        {
            var (folder, file) = (mount["mountPath"]?.Text?.TrimEnd('/') ?? "", mount["subPath"]?.Text);
            var key =
                file is not null && path == folder ? file
                : folder.Length > 0 && path.StartsWith(folder + "/", StringComparison.Ordinal) ? path[(folder.Length + 1)..]
                : null;
            var volume = root["volumes"]?.Items.Find(v => v["name"]?.Text is { } name && name == mount["name"]?.Text);
            if (
                key is null
                || key.Contains('/', StringComparison.Ordinal)
                || volume?.At("configMap", "name")?.Text is not { Length: > 0 } map
                || volume.At("configMap", "items") is not null
            )
            {
                continue;
            }

            account.Keep(mount, "caBundle");
            account.Keep(volume, "caBundle.configMap");
            foreach (var variable in new[] { "NODE_EXTRA_CA_CERTS", "TLS_CA" }.Where(v => settings.Value(v) == path))
            {
                account.Correct(settings.Remove(variable), path, "caBundle", "The portal mounts the ConfigMap and names the file itself.");
            }

            return new CaBundleSpec { ConfigMap = map, Key = key == TrustRules.DefaultKey ? null : key };
        }

        return null;
    }

    private string? Tag(ValueNode? leaf, string where)
    {
        if (scalars.Text(leaf, where) is not { } tag)
        {
            return null;
        }

        if (ImageRules.IsFloatingTag(tag))
        {
            account.Drop(leaf, $"It is {tag}, which may become another image without approval. The chart's own version is used.");
            return null;
        }

        return tag;
    }

    // 'Equal' with an empty value is another taint than 'Exists'.
    private TolerationSpec Toleration(ValueNode entry)
    {
        var (op, value) = (
            scalars.Text(entry["operator"], "scheduling.tolerations"),
            scalars.Text(entry["value"], "scheduling.tolerations")
        );
        return new()
        {
            Key = scalars.Text(entry["key"], "scheduling.tolerations") ?? "",
            Value = value ?? (op == "Exists" || entry["value"] is null || entry["value"]!.Text is null ? null : ""),
            Effect = scalars.Text(entry["effect"], "scheduling.tolerations"),
        };
    }
}
