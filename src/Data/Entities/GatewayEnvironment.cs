namespace Portkey.Portal.Data;

/// <summary>One gateway deployment that a team owns, in one namespace of one cluster.</summary>
public sealed class GatewayEnvironment : ILeased
{
    /// <summary>Key; assigned when the create request is made.</summary>
    public required Guid Id { get; init; }

    /// <summary>DNS label; unique within its cluster's live environments together with the team.</summary>
    public required string Name { get; init; }

    /// <summary>Owner.</summary>
    public required Guid TeamId { get; init; }

    /// <summary>Navigation.</summary>
    public Team? Team { get; init; }

    /// <summary>Place.</summary>
    public required Guid ClusterId { get; init; }

    /// <summary>Navigation.</summary>
    public Cluster? Cluster { get; init; }

    /// <summary>Namespace, unique within the cluster's live environments.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name of the Helm release.</summary>
    public required string ReleaseName { get; init; }

    /// <summary>Gateway edition.</summary>
    public required Edition Edition { get; init; }

    /// <summary>Profile of the approved revision.</summary>
    public required string Profile { get; set; }

    /// <summary>State.</summary>
    public EnvironmentState State { get; private set; } = EnvironmentState.Creating;

    /// <summary>Number of the newest approved revision.</summary>
    public int ApprovedRevision { get; set; }

    /// <summary>Number of the revision that is applied and was seen to work; 0 before the first.</summary>
    public int AppliedRevision { get; set; }

    /// <summary>Verdict of the last health check.</summary>
    public HealthStatus Health { get; set; } = HealthStatus.Unknown;

    /// <summary>One sentence that explains the verdict.</summary>
    public string HealthReason { get; set; } = "";

    /// <summary>UTC time since which the verdict holds.</summary>
    public DateTime? HealthSince { get; set; }

    /// <summary>UTC time of the last check.</summary>
    public DateTime? HealthCheckedAt { get; set; }

    /// <summary>URL that answers, as last found; empty before.</summary>
    public string Endpoint { get; set; } = "";

    /// <summary>Last seen pods and objects for the topology picture, JSON without secrets; empty before.</summary>
    public string TopologyJson { get; set; } = "";

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Person who asked for it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>UTC time after which the team wants it gone; null for no end.</summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>Worker that acts on it; the epoch is its fence.</summary>
    public Lease Lease { get; init; } = new();

    /// <summary>Concurrency token.</summary>
    public Guid Version { get; set; } = Guid.NewGuid();

    /// <summary>Moves to another state; refuses what cannot follow.</summary>
    /// <exception cref="InvalidTransitionException">The move is not one that can happen.</exception>
    public void MoveTo(EnvironmentState next)
    {
        var allowed = (State, next) switch
        {
            (EnvironmentState.Deleted, _) => false,
            (EnvironmentState.Deleting, EnvironmentState.Ready or EnvironmentState.Creating or EnvironmentState.Changing) => false,
            (_, EnvironmentState.Creating) => State == EnvironmentState.Failed && AppliedRevision == 0,
            _ => true,
        };
        if (!allowed)
        {
            throw new InvalidTransitionException($"environment {Name}", State.ToString(), next.ToString());
        }

        State = next;
        Version = Guid.NewGuid();
    }
}

/// <summary>A guarded entity was asked to make a move that cannot happen.</summary>
public sealed class InvalidTransitionException(string what, string from, string to)
    : InvalidOperationException($"{what} cannot go from {from} to {to}");
