namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Labels by which the portal recognises its own objects in a cluster.</summary>
public static class ClusterLabels
{
    /// <summary>On the namespace and on everything the portal writes itself: the environment's id.</summary>
    public const string Environment = "portal.portkey.ai/environment";

    /// <summary>On everything the portal writes itself: <see cref="Manager"/>.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";

    /// <summary>Helm's label for the release that an object belongs to.</summary>
    public const string Instance = "app.kubernetes.io/instance";

    /// <summary>On the guardrails: <see cref="Manager"/>.</summary>
    public const string PartOf = "app.kubernetes.io/part-of";

    /// <summary>Field manager of everything the portal applies, and its value of <see cref="ManagedBy"/>.</summary>
    public const string Manager = "portkey-portal";
}
