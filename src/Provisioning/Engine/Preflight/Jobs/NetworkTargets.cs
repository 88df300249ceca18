using System.Net;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Jobs;

/// <summary>One address for the Job to try.</summary>
/// <param name="Need">What needs it.</param>
/// <param name="Flags">As the Job's script has them: <c>t</c> for TLS, <c>s</c> for an SRV name of MongoDB, <c>n</c> for an address of the
/// node's own link that is meant.</param>
/// <param name="IsVital">Whether the gateway cannot work without it.</param>
internal sealed record NetworkTarget(EgressNeed Need, string Flags, bool IsVital)
{
    /// <summary>Whether TLS is tried.</summary>
    public bool IsTls => Flags.Contains('t', StringComparison.Ordinal);
}

/// <summary>What a Job is to try, and what it cannot, each with its reason.</summary>
internal sealed record NetworkTargets(IReadOnlyList<NetworkTarget> Tried, IReadOnlyList<string> Left)
{
    /// <summary>So that every answer fits into the 4096 bytes that a kubelet takes of it.</summary>
    private const int Most = 48;

    private static readonly string[] Vital =
    [
        "redis",
        "mongo",
        "clickhouse",
        "log-store",
        "control-plane",
        "identity",
        "vector-store",
        "embeddings",
        "proxy",
    ];
    private static readonly string[] PastProxies = ["proxy", "redis", "mongo"];
    private static readonly string[] OverTls = ["https", "rediss", "wss", "grpcs", "clickhouses", "amqps"];

    /// <summary>Chooses. <paramref name="value"/> gives the text of a setting or secret, of which only the scheme is looked at.</summary>
    public static NetworkTargets Of(EgressOutlook outlook, Func<string, string> value, IReadOnlyList<IPNetwork> allowed)
    {
        var isProxied = value("HTTPS_PROXY").Length > 0 || value("HTTP_PROXY").Length > 0;
        var (tried, left) = (new List<NetworkTarget>(), outlook.Unknown.Select(k => $"{k}").ToList());
        foreach (var need in outlook.Known)
        {
            if (need.Address.Ip is { } ip && IPAddress.IsLoopback(ip) && !allowed.Any(a => a.Contains(ip)))
            {
                left.Add($"{need} (within the pod itself)");
            }
            else if (need.LastPort is not null)
            {
                left.Add($"{need} (ports of a cluster's nodes, which are known only to its clients)");
            }
            else if (!EgressPlan.IsOutside(need.Address.Host))
            {
                left.Add($"{need} (a name of the environment's own namespace)");
            }
            else if (tried.Count == Most)
            {
                left.Add($"{need} (more than {Most} addresses)");
            }
            else
            {
                tried.Add(
                    new(
                        need,
                        Flags(need, value),
                        need.Place != EgressPlace.NodeLink
                            && Vital.Contains(need.Reason)
                            && (!isProxied || PastProxies.Contains(need.Reason))
                    )
                );
            }
        }

        return new(tried, left);
    }

    private static string Flags(EgressNeed need, Func<string, string> value)
    {
        if (need.Place == EgressPlace.NodeLink)
        {
            return "n";
        }

        var text = value(need.Setting);
        var colon = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = colon > 0 ? text[..colon].ToLowerInvariant() : "";
        var isTls = scheme.Length > 0 ? OverTls.Contains(scheme) : need.Address.Port == 443;
        return scheme == "mongodb+srv" ? "st"
            : isTls || (need.Reason == "redis" && value("REDIS_TLS_ENABLED") == "true") ? "t"
            : "";
    }
}
