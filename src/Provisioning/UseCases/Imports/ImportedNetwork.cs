using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// How callers reach the gateway, out of <c>service</c> and <c>ingress</c>. Nothing that keeps callers out is lost: what clouds say by
/// annotations becomes fields of the spec, and an annotation of an unknown meaning stays one, which an approver reads or a rule refuses.
/// </summary>
internal sealed class ImportedNetwork(Account account, ScalarReader scalars)
{
    private const string Itself = "written by the portal itself";

    // https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/,
    // https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/,
    // https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters
    private static readonly Dictionary<string, Func<string, bool?>> Internal = new(StringComparer.OrdinalIgnoreCase)
    {
        ["service.beta.kubernetes.io/azure-load-balancer-internal"] = v => Word(v, "true", "false"),
        ["service.beta.kubernetes.io/aws-load-balancer-internal"] = v => Word(v, "false", "") is null, // any other value, such as true and 0.0.0.0/0, means internal
        ["service.beta.kubernetes.io/aws-load-balancer-scheme"] = v => Word(v, "internal", "internet-facing"),
        ["networking.gke.io/load-balancer-type"] = v => Word(v, "internal", "external"),
        ["cloud.google.com/load-balancer-type"] = v => Word(v, "internal", "external"),
    };

    private static readonly string[] RangeSuffixes = ["azure-allowed-ip-ranges", "load-balancer-source-ranges", "inbound-cidrs"];

    public NetworkSpec Read(ValueNode root)
    {
        var (service, ingress) = (root["service"], root["ingress"]);
        var hasIngress = scalars.Flag(ingress?["enabled"], "network.exposure") == true;
        var network = hasIngress ? Ingress(ingress!) : Closed(ingress);
        return service is null ? network : Service(service, network, hasIngress);
    }

    private NetworkSpec Service(ValueNode service, NetworkSpec network, bool hasIngress)
    {
        var type = scalars.Text(service["type"], "network.exposure");
        if (type == "NodePort")
        {
            account.Correct(
                service["type"],
                "NodePort",
                "ClusterIP",
                "A NodePort opens the gateway on every node. Inside the cluster it is not needed; for callers outside, choose a load balancer or an ingress."
            );
        }
        else if (type == "LoadBalancer" && hasIngress)
        {
            account.Drop(service["type"], "There is an ingress, and a gateway has one entry point. Callers come through the ingress.");
        }
        else if (type is not (null or "ClusterIP" or "LoadBalancer"))
        {
            account.Drop(service["type"], "It is ClusterIP or LoadBalancer.");
        }

        var port = scalars.Number(service["port"], "network.port");
        if (scalars.Number(service["containerPort"], "settings.PORT") is { } container && container != 8787)
        {
            account.Correct(service["containerPort"], $"{container}", "8787", "Every image listens on 8787.");
        }

        network = network with { Port = port is 8787 ? null : port };
        var isBalanced = type == "LoadBalancer" && !hasIngress;
        if (isBalanced)
        {
            network = network with { Exposure = Exposure.LoadBalancer };
        }

        return Annotations(service, network, isBalanced);
    }

    private NetworkSpec Annotations(ValueNode service, NetworkSpec network, bool isBalanced)
    {
        const string NoBalancer = "It is about a load balancer, and there is none.";
        var (ranges, others, isInternal, link) = (new List<string>(), new Dictionary<string, string>(StringComparer.Ordinal), false, false);
        foreach (var (key, leaf) in service["annotations"]?.Entries ?? [])
        {
            var value = scalars.Text(leaf, $"network.serviceAnnotations.{key}") ?? "";
            var hidden = Internal.TryGetValue(key, out var means) ? means(value) : null;
            var isRange = Array.Exists(RangeSuffixes, s => key.EndsWith(s, StringComparison.OrdinalIgnoreCase));
            if ((hidden is not null || isRange) && !isBalanced)
            {
                account.Drop(leaf, NoBalancer);
            }
            else if (hidden is { } says)
            {
                isInternal |= says;
                account.Keep(Again(leaf), "network.internalLoadBalancer");
            }
            else if (isRange)
            {
                ranges.AddRange(value.Split([',', ' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
                account.Keep(Again(leaf), "network.allowedRanges");
            }
            else if (key == "service.beta.kubernetes.io/azure-load-balancer-health-probe-request-path" && value is "/v1/health" or "/")
            {
                account.Keep(Again(leaf), Itself);
            }
            else if (key == "service.beta.kubernetes.io/azure-pls-create" && value == "true" && isBalanced)
            {
                link = true;
                account.Keep(Again(leaf), "network.controlPlaneInbound");
            }
            else if (!string.IsNullOrEmpty(value))
            {
                others[key] = value;
            }
        }

        if (service["loadBalancerSourceRanges"] is { Kind: ValueKind.List, IsLeaf: false } source)
        {
            if (isBalanced)
            {
                ranges.AddRange(source.Items.Select(i => scalars.Text(i, "network.allowedRanges")).OfType<string>());
            }
            else
            {
                account.Drop(source, NoBalancer);
            }
        }

        return network with
        {
            InternalLoadBalancer = isInternal,
            AllowedRanges = [.. ranges.Distinct(StringComparer.Ordinal)],
            ServiceAnnotations = others.Count > 0 ? others : null,
            ControlPlaneInbound = link ? ControlPlaneInbound.PrivateLink : ControlPlaneInbound.None,
        };
    }

    // The reader of texts named the place of any annotation; these go to another.
    private ValueNode Again(ValueNode leaf)
    {
        account.Forget(leaf);
        return leaf;
    }

    private NetworkSpec Ingress(ValueNode ingress)
    {
        var first = ingress["hosts"] is { Kind: ValueKind.List, Items: [var one, ..] } ? one : null;
        var host =
            scalars.Text(ingress["hostname"], "network.host")
            ?? scalars.Text(ingress["host"], "network.host")
            ?? scalars.Text(first is { Kind: ValueKind.Scalar } ? first : first?["host"], "network.host");
        foreach (var path in first?["paths"]?.Leaves() ?? [])
        {
            if (path.Text is "/" or "Prefix")
            {
                account.Keep(path, "network.host");
            }
        }

        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        var className =
            scalars.Text(ingress["ingressClassName"], "network.ingressClass") ?? scalars.Text(ingress["className"], "network.ingressClass");
        foreach (var (key, leaf) in ingress["annotations"]?.Entries ?? [])
        {
            if (key == "kubernetes.io/ingress.class")
            {
                className ??= scalars.Text(leaf, "network.ingressClass");
            }
            else if (scalars.Text(leaf, $"network.ingressAnnotations.{key}") is { } value)
            {
                annotations[key] = value;
            }
        }

        var tls = ingress["tls"] is { Kind: ValueKind.List, Items: [{ Kind: ValueKind.Map } some, ..] } ? some : null;
        var own = scalars.Flag(ingress["hostBased"], "network.mcpHost") == true;
        var mcp = own ? scalars.Text(ingress["mcpHostname"], "network.mcpHost") : null;
        foreach (var named in tls?["hosts"]?.Leaves() ?? [])
        {
            if (named.Text == host || named.Text == mcp)
            {
                account.Keep(named, "network.tlsSecret");
            }
        }

        foreach (var (key, usual) in new[] { ("mcpPath", "/mcp"), ("gatewayPath", "/") })
        {
            if (ingress[key] is { } path && path.Text == usual)
            {
                account.Keep(path, "network.host");
            }
        }

        return new NetworkSpec
        {
            Exposure = Exposure.Ingress,
            Host = host,
            IngressClass = className,
            TlsSecret = scalars.Text(tls?["secretName"], "network.tlsSecret"),
            McpHost = mcp,
            IngressAnnotations = annotations.Count > 0 ? annotations : null,
        };
    }

    private NetworkSpec Closed(ValueNode? ingress)
    {
        foreach (var leaf in ingress?.Leaves() ?? [])
        {
            if (!account.Has(leaf))
            {
                account.Drop(leaf, "The ingress is switched off.");
            }
        }

        return new NetworkSpec();
    }

    private static bool? Word(string value, string yes, string no) =>
        value.Equals(yes, StringComparison.OrdinalIgnoreCase) ? true
        : value.Equals(no, StringComparison.OrdinalIgnoreCase) ? false
        : null;
}
