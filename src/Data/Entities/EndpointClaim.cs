namespace Portkey.Portal.Data;

/// <summary>An entry point that one environment of a cluster has to itself: requested, approved or running.</summary>
public sealed class EndpointClaim
{
    /// <summary>Cluster.</summary>
    public required Guid ClusterId { get; init; }

    /// <summary>Kind of entry point.</summary>
    public required EndpointKind Kind { get; init; }

    /// <summary>Which one, in its canonical form: <c>gateway.example.com</c>, <c>10.0.0.4:443/TCP</c>,
    /// <c>30080/TCP</c>.</summary>
    public required string Value { get; init; }

    /// <summary>Environment that has it; not there yet while its create waits.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>Request that brought it.</summary>
    public required Guid ChangeRequestId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }
}

/// <summary>Kinds of entry points of a cluster that cannot be shared.</summary>
public enum EndpointKind
{
    /// <summary>Host name, or a wildcard of them, that an ingress controller tells callers apart by.</summary>
    Host,

    /// <summary>Address and port of a load balancer.</summary>
    Address,

    /// <summary>Port that every node listens on.</summary>
    NodePort,
}
