using System.Globalization;
using System.Text;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>What a download is to be.</summary>
public enum ExportFormat
{
    /// <summary>The values file alone.</summary>
    Values,

    /// <summary>Flux: a source and a HelmRelease (https://fluxcd.io/flux/components/helm/helmreleases/).</summary>
    Flux,

    /// <summary>Argo CD: an Application (https://argo-cd.readthedocs.io/en/stable/user-guide/helm/).</summary>
    ArgoCd,
}

/// <summary>Who puts the secrets into the cluster.</summary>
public enum SecretsBy
{
    /// <summary>External Secrets Operator: an ExternalSecret (https://external-secrets.io).</summary>
    ExternalSecrets,

    /// <summary>Secrets Store CSI driver with Azure Key Vault: a SecretProviderClass
    /// (https://azure.github.io/secrets-store-csi-driver-provider-azure/).</summary>
    CsiDriver,
}

/// <summary>A request as text for GitOps. Secrets appear as references to the vault, never as values. Pure and deterministic.</summary>
internal static class GitOpsExport
{
    private const string Store = "portkey-vault";

    public static string Text(ChangeRequest request, string release, ExportFormat format, SecretsBy secretsBy)
    {
        var chart = request.Content.ChartVersion!;
        var note = SpecNote.Write(Common.PortalJson.Read<EnvironmentSpec>(request.Content.SpecJson), request.Content.ValuesYaml);
        if (format == ExportFormat.Values)
        {
            return $"# {chart.Name} {chart.Version} ({chart.Digest}), environment {request.EnvironmentName}, request {request.Id}\n{note}{request.Content.ValuesYaml}";
        }

        var pins = SecretPins.Of(request.Secrets);
        var parts = new List<string>
        {
            $"# Environment {request.EnvironmentName}, request {request.Id}, digest {request.Content.Digest}\n{note}apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {request.Namespace}\n  labels:\n    pod-security.kubernetes.io/enforce: restricted\n",
        };
        parts.AddRange(Secrets(request, release, pins, secretsBy));
        parts.Add(format == ExportFormat.Flux ? Flux(request, chart, release) : ArgoCd(request, chart, release));
        parts.Add(Manifests.GuardrailsOf(request.Content.ManifestYaml).Trim());
        return string.Join("\n---\n", parts.Where(p => p.Length > 0).Select(p => p.Trim('\n')))
                .Replace("\n---\n---\n", "\n---\n", StringComparison.Ordinal) + "\n";
    }

    private static IEnumerable<string> Secrets(
        ChangeRequest request,
        string release,
        IReadOnlyDictionary<string, SecretPin> pins,
        SecretsBy by
    )
    {
        var environment = SecretPins.OfEnvironment(pins);
        var spec = Common.PortalJson.Read<EnvironmentSpec>(request.Content.SpecJson);
        if (environment.Count > 0)
        {
            var name = SecretPins.ClusterSecretName(release, pins);
            yield return by == SecretsBy.ExternalSecrets
                ? External(request.Namespace, name, environment, "")
                : Csi(request.Namespace, name, environment, "Opaque");
        }

        if (PullSecret.Of(release, spec, pins) is { } pull)
        {
            var one = new Dictionary<string, SecretPin>(StringComparer.Ordinal)
            {
                [SettingKeys.RegistryPassword] = pins[SettingKeys.RegistryPassword],
            };
            var template =
                $"    template:\n      type: kubernetes.io/dockerconfigjson\n      data:\n        .dockerconfigjson: |\n          {ExternalSecretObjects.DockerConfig(pull)}\n";
            yield return by == SecretsBy.ExternalSecrets
                ? External(request.Namespace, pull.Name, one, template)
                : $"# The CSI driver cannot make a Docker configuration from a password: write Secret {pull.Name} of type kubernetes.io/dockerconfigjson for {pull.Server} yourself.";
        }
    }

    private static string External(string ns, string name, IReadOnlyDictionary<string, SecretPin> pins, string template)
    {
        var text = new StringBuilder(
            $"apiVersion: {ExternalSecretObjects.ApiVersion}\nkind: ExternalSecret\nmetadata:\n  name: {name}\n  namespace: {ns}\nspec:\n  refreshInterval: \"0\" # versions are pinned\n"
        );
        text.Append(
            CultureInfo.InvariantCulture,
            $"  secretStoreRef: {{kind: ClusterSecretStore, name: {Store}}} # name yours\n  target:\n    name: {name}\n    immutable: true\n{template}  data:\n"
        );
        foreach (var (key, pin) in pins.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"    - secretKey: {key}\n      remoteRef: {{key: {NameOf(pin)}, version: \"{pin.VaultVersion}\"}}{VaultOf(pin)}\n"
            );
        }

        return text.ToString();
    }

    private static string Csi(string ns, string name, IReadOnlyDictionary<string, SecretPin> pins, string type)
    {
        var text = new StringBuilder(
            $"apiVersion: {CsiObjects.ApiVersion}\nkind: SecretProviderClass\nmetadata:\n  name: {name}\n  namespace: {ns}\nspec:\n  provider: azure\n  secretObjects:\n    - secretName: {name}\n      type: {type}\n      data:\n"
        );
        foreach (var key in pins.Keys.Order(StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"        - {{key: {key}, objectName: {key}}}\n");
        }

        text.Append(
            "  parameters:\n    keyvaultName: YOUR-VAULT # name yours\n    tenantId: YOUR-TENANT\n    clientID: YOUR-WORKLOAD-IDENTITY\n    objects: |\n      array:\n"
        );
        foreach (var (key, pin) in pins.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"        - |\n          objectName: {NameOf(pin)}{VaultOf(pin)}\n          objectAlias: {key}\n          objectType: secret\n          objectVersion: \"{pin.VaultVersion}\"\n"
            );
        }

        return text.ToString();
    }

    private static string NameOf(SecretPin pin) => VaultAddresses.NameOf(pin);

    // In a cluster a store or a provider reads one vault, so a team's is noted beside it.
    private static string VaultOf(SecretPin pin) =>
        VaultAddresses.TeamOf(pin) is { Length: > 0 } team ? $" # in the vault of team {team}" : "";

    private static string Flux(ChangeRequest request, ChartVersion chart, string release)
    {
        var (url, name, isOci) = Source(chart);
        var source = $"""
            apiVersion: source.toolkit.fluxcd.io/v1
            kind: {(chart.Source == ChartSource.Directory ? "GitRepository" : "HelmRepository")}
            metadata:
              name: {release}
              namespace: {request.Namespace}
            spec:
              interval: 1h{(isOci ? "\n  type: oci" : "")}{(
                chart.Source == ChartSource.Directory
                    ? "\n  ref: {branch: main} # the portal has the chart from a folder; name the repository that you keep it in"
                    : ""
            )}
              url: {url}
            """;
        return $"""
            {source}
            ---
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata:
              name: {release}
              namespace: {request.Namespace}
              annotations:
                portal.portkey.ai/chart-digest: {chart.Digest}
            spec:
              interval: 15m
              releaseName: {release}
              chart:
                spec:
                  chart: {name}
                  version: "{chart.Version}"
                  sourceRef:
                    kind: {(chart.Source == ChartSource.Directory ? "GitRepository" : "HelmRepository")}
                    name: {release}
              values:
            {Indented(request.Content.ValuesYaml, 4)}
            """;
    }

    private static string ArgoCd(ChangeRequest request, ChartVersion chart, string release)
    {
        var (url, name, _) = Source(chart);
        var place =
            chart.Source == ChartSource.Directory
                ? $"path: {name}\n    targetRevision: main # the portal has the chart from a folder; name the repository that you keep it in"
                : $"chart: {name}\n    targetRevision: \"{chart.Version}\"";
        return $"""
            apiVersion: argoproj.io/v1alpha1
            kind: Application
            metadata:
              name: {request.Namespace}
              namespace: argocd
              annotations:
                portal.portkey.ai/chart-digest: {chart.Digest}
            spec:
              project: default
              source:
                repoURL: {url}
                {place}
                helm:
                  releaseName: {release}
                  valuesObject:
            {Indented(request.Content.ValuesYaml, 8)}
              destination:
                server: https://kubernetes.default.svc
                namespace: {request.Namespace}
              syncPolicy:
                automated: {"{prune: true, selfHeal: true}"}
            """;
    }

    private static (string Url, string Name, bool IsOci) Source(ChartVersion chart) =>
        (chart.Source, Location: ChartLocation.Shown(chart.Source, chart.Location)) switch
        {
            (ChartSource.Oci, var place) when place.LastIndexOf('/') is > 6 and var at => (place[..at], place[(at + 1)..], true),
            (ChartSource.Repository, var place) => (place.Split('#')[0], chart.Name, false),
            _ => ("https://git.example.com/platform/charts.git", $"charts/{chart.Name}", false),
        };

    private static string Indented(string yaml, int by) =>
        string.Join('\n', yaml.TrimEnd('\n').Split('\n').Select(l => l.Length == 0 ? l : new string(' ', by) + l));
}
