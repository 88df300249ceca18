using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Namespaces that no environment may be in: those of Kubernetes and its distributions, the portal's own, and what the operator
/// names.</summary>
public sealed class ReservedNamespaces
{
    private const string OfServiceAccount = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    /// <summary>Where Jobs of preflight run.</summary>
    internal const string Preflight = "portkey-portal-preflight";

    private static readonly string[] OfTheSystem = ["default", "kube", "kube-*", "openshift", "openshift-*", Preflight];

    private readonly string[] patterns;

    /// <summary>Makes it from the configuration and the file that tells a pod its namespace.</summary>
    public ReservedNamespaces(IOptions<ProvisioningOptions> options)
        : this(OwnOr(options.Value.OwnNamespace), options.Value.ReservedNamespaces) { }

    internal ReservedNamespaces(string own, IEnumerable<string> more) =>
        patterns = [.. OfTheSystem, .. new[] { own }.Where(o => o.Length > 0), .. more];

    /// <summary>Those of the system alone.</summary>
    internal static ReservedNamespaces System { get; } = new("", []);

    /// <summary>Whether a namespace is one of them.</summary>
    public bool Holds(string ns) =>
        patterns.Any(p =>
            p.EndsWith('*') ? ns.StartsWith(p[..^1], StringComparison.OrdinalIgnoreCase) : ns.Equals(p, StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>Why a namespace cannot be used, for people.</summary>
    public static string WhyNot(string ns) =>
        $"Namespace {ns} is the system's, the portal's or the operator's own, and never an environment's.";

    /// <summary>The last check, right before a cluster is written to.</summary>
    /// <exception cref="ClusterRejectedException">It is one of them.</exception>
    internal void Refuse(string ns)
    {
        if (Holds(ns))
        {
            throw new ClusterRejectedException("namespace-reserved", $"{WhyNot(ns)} The portal does not touch it.");
        }
    }

    // A file that cannot be read is not the same as a missing one: then the process does not start.
    private static string OwnOr(string configured) =>
        configured.Length > 0 ? configured
        : File.Exists(OfServiceAccount) ? File.ReadAllText(OfServiceAccount).Trim()
        : "";
}
