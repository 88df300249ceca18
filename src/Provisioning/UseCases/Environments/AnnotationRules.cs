using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>
/// Rules for annotations of the Service, the ingress and the service account. Who gets in is decided by a field of the spec, which an
/// approver reads; an annotation never overrides it. Cloud providers compare some names without regard to case, so these rules do. Pure.
/// </summary>
internal static class AnnotationRules
{
    private const string Internal = "network.internalLoadBalancer decides whether the load balancer is internal, for every cloud.";
    private const string Ranges = "network.allowedRanges decides who may call the load balancer.";
    private const string Probe = "The portal writes this one itself: the load balancer asks the gateway's own health path.";

    // https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/,
    // https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/,
    // https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters
    private static readonly Dictionary<string, string> OfService = new(StringComparer.OrdinalIgnoreCase)
    {
        ["service.beta.kubernetes.io/azure-load-balancer-internal"] = Internal,
        ["service.beta.kubernetes.io/aws-load-balancer-internal"] = Internal,
        ["service.beta.kubernetes.io/aws-load-balancer-scheme"] = Internal,
        ["networking.gke.io/load-balancer-type"] = Internal,
        ["cloud.google.com/load-balancer-type"] = Internal,
        ["service.beta.kubernetes.io/azure-allowed-ip-ranges"] = Ranges,
        ["service.beta.kubernetes.io/azure-allowed-service-tags"] = Ranges,
        ["service.beta.kubernetes.io/load-balancer-source-ranges"] = Ranges,
        ["service.beta.kubernetes.io/azure-additional-public-ips"] = "It would open an entry point besides the load balancer. " + Ranges,
        ["service.beta.kubernetes.io/azure-pls-create"] = "Request a private link service with network.controlPlaneInbound: privateLink.",
        ["service.beta.kubernetes.io/azure-load-balancer-health-probe-request-path"] = Probe,
    };

    private static readonly Dictionary<string, string> OfIngress = new(StringComparer.OrdinalIgnoreCase)
    {
        ["kubernetes.io/ingress.class"] = "network.ingressClass sets the class.",
    };

    // By the part after the slash: every fork of the controller has its own prefix.
    // https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/
    private static readonly HashSet<string> SendsElsewhere = new(StringComparer.OrdinalIgnoreCase)
    {
        "auth-url",
        "auth-signin",
        "mirror-target",
        "mirror-host",
        "permanent-redirect",
        "temporal-redirect",
        "app-root",
        "default-backend",
        "upstream-vhost",
        "proxy-ssl-name",
        "router.middlewares",
    };

    private static readonly Dictionary<string, string> OfAccount = new(StringComparer.OrdinalIgnoreCase)
    {
        ["azure.workload.identity/client-id"] = "Give the client id as setting AZURE_WORKLOAD_CLIENT_ID; the portal writes the annotation.",
    };

    public static void Judge(EnvironmentSpec spec, List<FieldProblem> problems, List<FindingView> findings)
    {
        var network = spec.Network;
        Refuse("spec.network.serviceAnnotations", network.ServiceAnnotations, OfService, problems);
        Refuse("spec.network.ingressAnnotations", network.IngressAnnotations, OfIngress, problems);
        Snippets(network.IngressAnnotations, problems);
        if (network.ServiceAnnotations?.Count > 0)
        {
            findings.Add(
                new(
                    Severity.Info,
                    "validation",
                    "spec.network.serviceAnnotations",
                    $"The team annotates the Service, which controllers of the cluster act on: {Names(network.ServiceAnnotations)}."
                )
            );
        }

        if (network.IngressAnnotations?.Count > 0 && network.Exposure != Exposure.Ingress)
        {
            problems.Add(new("spec.network.ingressAnnotations", "This applies to exposure ingress only. Leave it out, or choose ingress."));
        }
        else if (network.IngressAnnotations?.Count > 0)
        {
            findings.Add(
                new(
                    Severity.Info,
                    "validation",
                    "spec.network.ingressAnnotations",
                    $"The team annotates the ingress, which its controller acts on: {Names(network.IngressAnnotations)}."
                )
            );
            findings.AddRange(
                network
                    .IngressAnnotations.Where(a => SendsElsewhere.Contains(a.Key[(a.Key.IndexOf('/') + 1)..]))
                    .OrderBy(a => a.Key, StringComparer.Ordinal)
                    .Select(a => new FindingView(
                        Severity.Warning,
                        "validation",
                        $"spec.network.ingressAnnotations.{a.Key}",
                        $"Requests, or copies of them with their keys, may go to other places than the gateway: {Shorten(a.Value)}."
                    ))
            );
        }

        if (network.Port == 8788 && SpecValidator.Value(spec)("SERVER_MODE") is "all" or "mcp")
        {
            problems.Add(new("spec.network.port", "MCP has port 8788 of the same Service. Choose another port."));
        }

        Account(spec.ServiceAccount, problems, findings);
    }

    private static void Account(ServiceAccountSpec? account, List<FieldProblem> problems, List<FindingView> findings)
    {
        if (account is null)
        {
            return;
        }

        if (account.Name is { } name && (name.Length > 253 || !name.Split('.').All(Catalog.SettingPatterns.IsDnsLabel)))
        {
            problems.Add(
                new("spec.serviceAccount.name", "Use the name of a service account: lower-case letters, digits, hyphens and dots.")
            );
        }
        else if (account.Name == "default")
        {
            problems.Add(
                new(
                    "spec.serviceAccount.name",
                    "Every namespace has this one for all of its pods; the gateway gets its own. Choose another name, or leave it out."
                )
            );
        }

        Refuse("spec.serviceAccount.annotations", account.Annotations, OfAccount, problems);
        foreach (var (key, value) in account.Annotations)
        {
            if (
                key == "eks.amazonaws.com/role-arn"
                && !(
                    value.StartsWith("arn:aws", StringComparison.Ordinal)
                    && value.Contains(":iam::", StringComparison.Ordinal)
                    && value.Contains(":role/", StringComparison.Ordinal)
                )
            )
            {
                problems.Add(
                    new($"spec.serviceAccount.annotations.{key}", "Use the ARN of a role, such as arn:aws:iam::123456789012:role/gateway.")
                );
            }
            else if (
                key == "iam.gke.io/gcp-service-account"
                && !(value.Contains('@', StringComparison.Ordinal) && value.EndsWith(".gserviceaccount.com", StringComparison.Ordinal))
            )
            {
                problems.Add(
                    new(
                        $"spec.serviceAccount.annotations.{key}",
                        "Use the address of a Google service account, such as gateway@project.iam.gserviceaccount.com."
                    )
                );
            }
            else
            {
                findings.Add(
                    new(
                        Severity.Warning,
                        "validation",
                        $"spec.serviceAccount.annotations.{key}",
                        key switch
                        {
                            "eks.amazonaws.com/role-arn" => $"The gateway gets the rights of the AWS role {value}.",
                            "iam.gke.io/gcp-service-account" => $"The gateway gets the rights of the Google service account {value}.",
                            _ => $"The service account says {key}: {Shorten(value)}. Controllers of the cluster may give rights for it.",
                        }
                    )
                );
            }
        }
    }

    private static void Refuse(
        string field,
        IReadOnlyDictionary<string, string>? annotations,
        Dictionary<string, string> own,
        List<FieldProblem> problems
    )
    {
        var given = annotations ?? new Dictionary<string, string>();
        WorkloadRules.Marks(field, given.Where(a => !own.ContainsKey(a.Key)).ToDictionary(StringComparer.Ordinal), null, problems);
        problems.AddRange(
            given.Keys.Where(own.ContainsKey).Select(k => new FieldProblem($"{field}.{k}", $"{own[k]} Leave the annotation out."))
        );
    }

    // A snippet configures a controller that all teams share: its author can read everybody's traffic.
    private static void Snippets(IReadOnlyDictionary<string, string>? annotations, List<FieldProblem> problems)
    {
        foreach (
            var key in (annotations ?? new Dictionary<string, string>()).Keys.Where(k =>
                k.EndsWith("-snippet", StringComparison.OrdinalIgnoreCase) || k.EndsWith("-snippets", StringComparison.OrdinalIgnoreCase)
            )
        )
        {
            problems.Add(
                new(
                    $"spec.network.ingressAnnotations.{key}",
                    "Snippets are configuration of an ingress controller that others use, too. Use an annotation for the same purpose, or ask the administrators of the cluster."
                )
            );
        }
    }

    private static string Names(IReadOnlyDictionary<string, string> annotations) =>
        string.Join(", ", annotations.OrderBy(a => a.Key, StringComparer.Ordinal).Take(10).Select(a => $"{a.Key}={Shorten(a.Value)}"))
        + (annotations.Count > 10 ? " and more" : "");

    private static string Shorten(string value) => value.Length <= 80 ? value : value[..80] + "…";
}
