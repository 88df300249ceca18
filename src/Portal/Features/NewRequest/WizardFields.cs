using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>Where the wizard asks for something, and by which words.</summary>
/// <param name="Path">Field of the API, such as <c>spec.network.host</c>.</param>
/// <param name="Step">Step that asks for it; "yaml" where only the YAML view has it, empty where nothing has.</param>
/// <param name="Element">Id of the element that is filled in.</param>
/// <param name="Label">What the form calls it.</param>
internal sealed record WizardField(string Path, string Step, string Element, string Label);

/// <summary>The one place that knows on which step, at which element and under which label each field of the API is found.</summary>
internal static class WizardFields
{
    private const string Setting = "spec.settings.";
    private const string Secret = "spec.secrets.";
    private const string Shared = "spec.sharedSecrets.";

    /// <summary>All that have an element of their own, in the order of the form.</summary>
    public static IReadOnlyList<WizardField> All { get; } =
        [
            new("spec.edition", "where", "field-edition", "Edition"),
            new("team", "where", "field-team", "Team"),
            new("name", "where", "field-name", "Name"),
            new("cluster", "where", "field-cluster", "Cluster"),
            new("chartVersion", "where", "field-chart", "Chart version"),
            new("profile", "size", "field-profile", "Profile"),
            new("spec.replicas", "size", "field-replicas", "Pods"),
            new("spec.autoscaling", "size", "field-autoscaling", "Autoscaling"),
            new("spec.autoscaling.min", "size", "field-scale-min", "Minimum pods"),
            new("spec.autoscaling.max", "size", "field-scale-max", "Maximum pods"),
            new("spec.autoscaling.targetCpu", "size", "field-scale-cpu", "CPU target, %"),
            new("spec.autoscaling.targetMemory", "size", "field-scale-memory", "Memory target, %"),
            new("spec.imageRepository", "size", "field-image", "Image repository"),
            new("spec.imageTag", "size", "field-tag", "Image tag"),
            new("spec.graceSeconds", "size", "field-grace", "Grace period (seconds)"),
            new("spec.revisionHistoryLimit", "size", "field-history", "Old ReplicaSets to keep"),
            new("spec.serviceAccount.name", "size", "field-account", "Service account"),
            new("spec.serviceAccount.annotations", "size", "field-account-annotations", "Annotations of the service account"),
            new("spec.network.exposure", "network", "field-exposure", "Who can reach it"),
            new("spec.network.host", "network", "field-host", "Host name"),
            new("spec.network.tlsSecret", "network", "field-tls", "TLS secret"),
            new("spec.network.mcpHost", "network", "field-mcp-host", "MCP host name"),
            new("spec.network.internalLoadBalancer", "network", "field-internal-lb", "Load balancer inside the virtual network"),
            new("spec.network.allowedRanges", "network", "field-ranges", "Allowed address ranges"),
            new("spec.network.controlPlaneInbound", "network", "field-inbound", "How Portkey's control plane reaches it"),
            new("spec.network.controlPlaneRanges", "network", "field-inbound-ranges", "Source ranges"),
            new("spec.network.egress", "network", "field-egress", "Egress: allowed addresses"),
            new("spec.network.openEgressReason", "network", "field-open-reason", "Reason for unrestricted egress"),
            new("spec.network.port", "network", "field-port", "Port"),
            new("spec.network.serviceAnnotations", "network", "field-service-annotations", "Annotations of the Service"),
            new("spec.network.ingressAnnotations", "network", "field-ingress-annotations", "Annotations of the ingress"),
            new("spec.caBundle.pem", "network", "field-ca", "Certificates (PEM)"),
            new("spec.caBundle.configMap", "network", "field-ca-map", "ConfigMap (instead of certificates)"),
            new("spec.caBundle.key", "network", "field-ca-key", "Key in the ConfigMap"),
            new("spec.ttlHours", "network", "field-ttl", "Expires after (hours)"),
            new("reason", "review", "field-reason", "Reason"),
        ];

    // Where a problem is about a whole of which the form has parts only.
    private static readonly Dictionary<string, WizardField> Wholes = new(StringComparer.Ordinal)
    {
        ["spec.serviceAccount"] = new("spec.serviceAccount", "size", "field-account", "Service account"),
        ["spec.caBundle"] = new("spec.caBundle", "network", "field-ca", "Company certificates"),
        ["spec.network"] = new("spec.network", "network", "field-exposure", "Network"),
        ["spec.settings"] = new("spec.settings", "settings", "field-variables", "Settings"),
        ["spec.secrets"] = new("spec.secrets", "secrets", "field-secret-name", "Secrets"),
        ["spec.sharedSecrets"] = new("spec.sharedSecrets", "secrets", "field-secret-name", "Secrets from shared credentials"),
    };

    private static readonly Dictionary<string, WizardField> ByPath = All.ToDictionary(f => f.Path, StringComparer.Ordinal);

    /// <summary>The form's field of this very path, for markup that asks for it. One without a row of its own has an id and a label all
    /// the same; what is wrong with it leads to the YAML view.</summary>
    public static WizardField Named(string path) =>
        ByPath.TryGetValue(path, out var field) ? field : Of(path) with { Element = $"field-{path.Replace('.', '-')}" };

    /// <summary>Where a field of the API, or an entry of one, is asked for.</summary>
    public static WizardField Of(string path)
    {
        if (path.StartsWith(Setting, StringComparison.Ordinal))
        {
            return OfSetting(path, path[Setting.Length..]);
        }

        if (path.StartsWith(Secret, StringComparison.Ordinal))
        {
            return OfSecret(path, path[Secret.Length..]);
        }

        if (path.StartsWith(Shared, StringComparison.Ordinal))
        {
            var key = path[Shared.Length..];
            return new WizardField(path, "secrets", $"source-{key}", SettingsCatalog.TitleOf(key));
        }

        for (var whole = path; whole.Length > 0; whole = Up(whole))
        {
            if (ByPath.TryGetValue(whole, out var field))
            {
                return field;
            }

            // Below the network, a name that is not in the form is in the YAML view.
            if (Wholes.TryGetValue(whole, out var part) && (whole == path || path[whole.Length] == '['))
            {
                return part;
            }
        }

        return path.StartsWith("spec.", StringComparison.Ordinal)
            ? new WizardField(path, "yaml", "spec-yaml", TitleOfPart(path["spec.".Length..]))
            : new WizardField(path, "", "", "");
    }

    private static WizardField OfSetting(string path, string key) =>
        SettingsCatalog.ByKey.ContainsKey(key)
            ? new WizardField(path, "settings", $"field-setting-{key}", SettingsCatalog.TitleOf(key))
            : new WizardField(path, "settings", "field-variables", key);

    // The value of a secret is on the last page; a name that cannot be is where names are given.
    private static WizardField OfSecret(string path, string key) =>
        SettingsCatalog.ByKey.ContainsKey(key)
            ? new WizardField(path, "review", $"field-secret-{key}", SettingsCatalog.TitleOf(key))
            : new WizardField(path, "secrets", $"further-{key}", key);

    private static string TitleOfPart(string path) =>
        SpecChanges
            .PartsOf(new())
            .FirstOrDefault(p => path == p.Path || (path.StartsWith(p.Path, StringComparison.Ordinal) && path[p.Path.Length] is '.' or '['))
            ?.What
        ?? path;

    private static string Up(string path) => path.LastIndexOfAny(['.', '[']) is > 0 and var at ? path[..at] : "";
}
