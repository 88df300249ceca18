namespace Portkey.Portal.Data;

/// <summary>A proposal, with everything that its approval binds to.</summary>
public sealed class ChangeRequest
{
    private List<RequestSecret>? secrets;

    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>What it proposes.</summary>
    public required RequestKind Kind { get; init; }

    /// <summary>Owner team.</summary>
    public required Guid TeamId { get; init; }

    /// <summary>Navigation.</summary>
    public Team? Team { get; init; }

    /// <summary>Environment; for a create, the id that it will get.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>Name of the environment.</summary>
    public required string EnvironmentName { get; init; }

    /// <summary>Cluster.</summary>
    public required Guid ClusterId { get; init; }

    /// <summary>Navigation.</summary>
    public Cluster? Cluster { get; init; }

    /// <summary>Namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Revision that the proposal starts from; 0 for a create.</summary>
    public required int BaseRevision { get; init; }

    /// <summary>What is proposed.</summary>
    public required EnvironmentContent Content { get; init; }

    /// <summary>Versions of secrets that it takes; reading them when they were not loaded with the row throws, since it would look like
    /// none.</summary>
    public required IReadOnlyCollection<RequestSecret> Secrets
    {
        get => secrets ?? throw new InvalidOperationException("The request was read without its secrets.");
        init => secrets = [.. value];
    }

    /// <summary>Findings of validation, JSON array.</summary>
    public required string FindingsJson { get; init; }

    /// <summary>The rule in force when it was made, JSON; never looked up again.</summary>
    public required string PolicyJson { get; init; }

    /// <summary>Why, in the requester's words.</summary>
    public required string Reason { get; init; }

    /// <summary>Who asked.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime RequestedAt { get; init; }

    /// <summary>State.</summary>
    public RequestState State { get; private set; } = RequestState.Pending;

    /// <summary>UTC time of the last change of state.</summary>
    public DateTime? DecidedAt { get; set; }

    /// <summary>Operation that carries it out; null before approval.</summary>
    public Guid? OperationId { get; set; }

    /// <summary>Why it failed, for people; empty otherwise.</summary>
    public string Outcome { get; set; } = "";

    /// <summary>Concurrency token.</summary>
    public Guid Version { get; set; } = Guid.NewGuid();

    /// <summary>Decisions.</summary>
    public ICollection<Approval> Approvals { get; } = [];

    /// <summary>Moves to another state; refuses what cannot follow.</summary>
    /// <exception cref="InvalidTransitionException">The move is not one that can happen.</exception>
    public void MoveTo(RequestState next)
    {
        var allowed = (State, next) switch
        {
            (RequestState.Pending, RequestState.Approved or RequestState.Rejected or RequestState.Cancelled) => true,
            (RequestState.Approved, RequestState.Applied or RequestState.Failed or RequestState.Cancelled) => true,
            // a retry of what was approved
            (RequestState.Failed or RequestState.Cancelled, RequestState.Approved) => OperationId is not null,
            _ => false,
        };
        if (!allowed)
        {
            throw new InvalidTransitionException($"request for {EnvironmentName}", State.ToString(), next.ToString());
        }

        State = next;
        Version = Guid.NewGuid();
    }
}

/// <summary>One person's decision on one request, bound to the digest that they saw.</summary>
public sealed class Approval
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Request.</summary>
    public required Guid ChangeRequestId { get; init; }

    /// <summary>Who.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>What.</summary>
    public required Decision Decision { get; init; }

    /// <summary>Digest decided on.</summary>
    public required string Digest { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }
}

/// <summary>A wizard's half-finished request. Never holds secret values.</summary>
public sealed class Draft
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Whose.</summary>
    public required string PersonId { get; init; }

    /// <summary>Wizard state, JSON.</summary>
    public required string Json { get; set; }

    /// <summary>UTC.</summary>
    public required DateTime UpdatedAt { get; set; }
}

/// <summary>Response stored under an idempotency key, so that a repeated POST gets it again.</summary>
public sealed class IdempotencyRecord
{
    /// <summary>Who sent it.</summary>
    public required string PersonId { get; init; }

    /// <summary>Their key.</summary>
    public required string Key { get; init; }

    /// <summary>Encrypted digest of what was asked, secret values included; another body under the same key is refused.</summary>
    public required string RequestHash { get; init; }

    /// <summary>Id of the result.</summary>
    public required Guid ResultId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }
}

/// <summary>A values file that was read, waiting for the request that uses it. The secrets that it held are in the vault already, under the
/// environment that it will become.</summary>
public sealed class Import
{
    /// <summary>Key, and id of the environment that it will become.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Whose.</summary>
    public required string PersonId { get; init; }

    /// <summary>What was understood, corrected and left out, JSON; no secret values.</summary>
    public required string ViewJson { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>UTC time a request used it; null before. It is used once.</summary>
    public DateTime? UsedAt { get; set; }

    /// <summary>Its secrets, by the setting that each is for.</summary>
    public ICollection<ImportSecret> Secrets { get; init; } = [];
}
