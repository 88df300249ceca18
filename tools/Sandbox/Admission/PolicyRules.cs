using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Admission;

/// <summary>Rules for ingresses, network policies, autoscalers and disruption budgets.</summary>
internal static class PolicyRules
{
    public static void Check(ResourceType type, JsonObject item, FieldErrors errors)
    {
        var spec = item.Spec() ?? [];
        switch (type.Kind)
        {
            case "Ingress":
                Ingress(spec, errors);
                break;
            case "HorizontalPodAutoscaler":
                Autoscaler(spec, errors);
                break;
            case "PodDisruptionBudget":
                if (spec["minAvailable"] is not null && spec["maxUnavailable"] is not null)
                {
                    errors.Invalid("spec", "", "minAvailable and maxUnavailable cannot be both set");
                }

                break;
            case "NetworkPolicy":
                foreach (var (policy, i) in spec["policyTypes"].Texts().Select((p, i) => (p, i)))
                {
                    if (policy is not ("Ingress" or "Egress"))
                    {
                        errors.Unsupported($"spec.policyTypes[{i}]", policy, "Egress", "Ingress");
                    }
                }

                NetworkPeers(spec, errors);
                break;
        }
    }

    private static void NetworkPeers(JsonObject spec, FieldErrors errors)
    {
        foreach (var (list, peers) in new[] { ("ingress", "from"), ("egress", "to") })
        {
            foreach (var (rule, i) in spec[list].Objects().Select((r, i) => (r, i)))
            {
                foreach (var (peer, j) in rule[peers].Objects().Select((p, j) => (p, j)))
                {
                    var field = $"spec.{list}[{i}].{peers}[{j}]";
                    if (peer.Count == 0)
                    {
                        errors.Required(field, "must specify a peer");
                    }

                    if (peer["ipBlock"] is { } block && !System.Net.IPNetwork.TryParse(block.Text("cidr"), out _))
                    {
                        errors.Invalid(
                            field + ".ipBlock.cidr",
                            block.Child("cidr"),
                            "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"
                        );
                    }
                }
            }
        }
    }

    private static void Ingress(JsonObject spec, FieldErrors errors)
    {
        if (spec["defaultBackend"] is null && spec["rules"] is not JsonArray { Count: > 0 })
        {
            errors.Invalid("spec", "", "either `defaultBackend` or `rules` must be specified");
        }

        foreach (var (rule, i) in spec["rules"].Objects().Select((r, i) => (r, i)))
        {
            var host = rule.Text("host") ?? "";
            if (host.Length > 0 && !Names.IsSubdomain(host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host))
            {
                errors.Invalid($"spec.rules[{i}].host", host, Names.SubdomainRule);
            }

            foreach (var (path, j) in rule["http"].Child("paths").Objects().Select((p, j) => (p, j)))
            {
                var field = $"spec.rules[{i}].http.paths[{j}]";
                if (path.Text("pathType") is not { } kind)
                {
                    errors.Required(field + ".pathType", "pathType must be specified");
                }
                else if (kind is not ("Exact" or "Prefix" or "ImplementationSpecific"))
                {
                    errors.Unsupported(field + ".pathType", kind, "Exact", "ImplementationSpecific", "Prefix");
                }
                else if (kind is not "ImplementationSpecific" && path.Text("path") is not ['/', ..])
                {
                    errors.Invalid(field + ".path", path["path"], "must be an absolute path");
                }

                if (path["backend"].Child("service") is null && path["backend"].Child("resource") is null)
                {
                    errors.Required(field + ".backend", "a service or resource backend is required");
                }
                else if (path["backend"].At("service") is { } service && string.IsNullOrEmpty(service.Text("name")))
                {
                    errors.Required(field + ".backend.service.name");
                }
            }
        }
    }

    private static void Autoscaler(JsonObject spec, FieldErrors errors)
    {
        foreach (var key in (ReadOnlySpan<string>)["kind", "name"])
        {
            if (string.IsNullOrEmpty(spec["scaleTargetRef"].Text(key)))
            {
                errors.Required("spec.scaleTargetRef." + key);
            }
        }

        if (spec.Number("maxReplicas") is not { } most || most < 1)
        {
            errors.Invalid("spec.maxReplicas", spec["maxReplicas"], "must be greater than 0");
        }
        else if (spec.Number("minReplicas") > most)
        {
            errors.Invalid("spec.maxReplicas", spec["maxReplicas"], "must be greater than or equal to `minReplicas`");
        }

        if (spec.Number("minReplicas") is < 1)
        {
            errors.Invalid("spec.minReplicas", spec["minReplicas"], "must be greater than or equal to 1");
        }
    }
}
