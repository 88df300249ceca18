using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>The chart version that a spec is for.</summary>
/// <param name="Name">Name and version, for people.</param>
/// <param name="Facts">What it takes.</param>
public sealed record SpecChart(string Name, ChartFacts Facts);

/// <summary>Rules that follow from what a chart version takes. Pure.</summary>
internal static class ChartRules
{
    public static void Judge(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        if (candidate.Chart is not { } chart)
        {
            return;
        }

        var (spec, facts) = (candidate.Spec, chart.Facts);
        var given = spec
            .Settings.Where(s => s.Value.Length > 0)
            .Select(s => ("settings", s.Key))
            .Concat(
                candidate.NewSecrets.Keys.Concat(candidate.StoredSecrets).Distinct(StringComparer.Ordinal).Select(k => ("secrets", Key: k))
            );
        foreach (var (part, key) in given)
        {
            var since = SettingsCatalog.ByKey.TryGetValue(key, out var setting) ? setting.View.Since : "";
            if (setting?.SentAs is null or SentAs.Env && !facts.AcceptsSetting(key, since))
            {
                problems.Add(
                    new(
                        $"spec.{part}.{key}",
                        !facts.TakesSettings ? $"Chart {chart.Name} has no place for gateway settings. Leave it out, or choose another chart."
                        : since.Length == 0 ? $"Chart {chart.Name} does not know this setting. Check its spelling, including case, or leave it out."
                        : $"Chart {chart.Name} does not know this setting; charts from {since} on do. Leave it out, or choose another chart version."
                    )
                );
            }
        }

        var secrets = candidate.NewSecrets.Keys.Concat(candidate.StoredSecrets).Any(k => k != SettingKeys.RegistryPassword);
        if (secrets && !facts.TakesExistingSecret && !facts.Accepts("envFrom") && !facts.Accepts("extraContainerConfig"))
        {
            problems.Add(
                new(
                    "chartVersion",
                    $"Chart {chart.Name} cannot use an existing Secret (environment.existingSecret, envFrom or extraContainerConfig), and the portal never writes a secret into Helm's values. Choose another chart."
                )
            );
        }

        if (
            spec.EnvFrom is { } from
            && from.Secrets.Count + from.ConfigMaps.Count > 0
            && !facts.Accepts("envFrom")
            && !facts.Accepts("extraContainerConfig")
        )
        {
            problems.Add(
                new(
                    "spec.envFrom",
                    $"Chart {chart.Name} takes no additional environment variables. Leave it out, or choose another chart version."
                )
            );
        }

        if (spec.DataService && !facts.TakesExistingSecret)
        {
            problems.Add(
                new(
                    "spec.dataService",
                    $"The data service of chart {chart.Name} takes its settings from Helm's values only, which must not hold secrets. Leave it out, or choose a newer chart version."
                )
            );
        }

        foreach (
            var (field, path, isAsked) in new[]
            {
                ("spec.scheduling.nodeSelector", "nodeSelector", spec.Scheduling?.NodeSelector.Count > 0),
                ("spec.scheduling.tolerations", "tolerations", spec.Scheduling?.Tolerations.Count > 0),
                ("spec.labels", "podLabels", spec.Labels?.Count > 0),
                ("spec.annotations", "podAnnotations", spec.Annotations?.Count > 0),
                ("spec.resources", "resources", spec.Resources is not null),
                ("spec.probes", "readinessProbe", spec.Probes is not null),
                ("spec.autoscaling", "autoscaling", spec.Autoscaling is not null),
                ("spec.network.exposure", "ingress", spec.Network.Exposure == Exposure.Ingress),
                ("spec.dataService", "dataservice", spec.DataService),
                ("spec.dataServiceImage", "images.dataserviceImage", spec is { DataService: true, DataServiceImage: not null }),
                ("spec.imageRepository", "images.gatewayImage.repository", spec.ImageRepository is not null),
                ("spec.imageTag", "images.gatewayImage.tag", spec.ImageTag is not null),
                (
                    "spec.autoscaling.targetMemory",
                    "autoscaling.targetMemoryUtilizationPercentage",
                    spec.Autoscaling?.TargetMemory is not null
                ),
                ("spec.revisionHistoryLimit", "revisionHistoryLimit", spec.RevisionHistoryLimit is not null),
                ("spec.network.port", "service.port", spec.Network.Port is not null),
                ("spec.network.serviceAnnotations", "service.annotations", spec.Network.ServiceAnnotations?.Count > 0),
                ("spec.network.ingressAnnotations", "ingress.annotations", spec.Network.IngressAnnotations?.Count > 0),
                ("spec.serviceAccount.name", "serviceAccount.name", spec.ServiceAccount?.Name is not null),
                ("spec.serviceAccount.annotations", "serviceAccount.annotations", spec.ServiceAccount?.Annotations.Count > 0),
                ("spec.caBundle", facts.Accepts("volumes") ? "volumeMounts" : "volumes", spec.CaBundle is not null),
            }
        )
        {
            if (isAsked && !facts.Accepts(path))
            {
                problems.Add(
                    new(
                        field,
                        $"Chart {chart.Name} has no value {path}, so it does not support this. Leave it out, or choose another chart version."
                    )
                );
            }
        }

        if ((spec.Scheduling?.Zones ?? candidate.Profile.Zones) > 1 && !facts.Accepts("topologySpreadConstraints"))
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    "chartVersion",
                    facts.Accepts("affinity")
                        ? $"Chart {chart.Name} has no topologySpreadConstraints: pods prefer different zones, but nothing forces them apart."
                        : $"Chart {chart.Name} supports neither topology spread nor affinity: all of them may end up in one zone."
                )
            );
        }
    }
}
