namespace Portkey.Portal.Data;

/// <summary>One line of history. Append-only and chained; triggers refuse update and delete.</summary>
public sealed class AuditEvent
{
    /// <summary>Order over all chains, given by the database.</summary>
    public long Id { get; init; }

    /// <summary><c>portal</c>, or <c>env:{id}</c>.</summary>
    public required string Chain { get; init; }

    /// <summary>1, 2, 3 … within the chain.</summary>
    public required long Index { get; init; }

    /// <summary>UTC, to the millisecond.</summary>
    public required DateTime At { get; init; }

    /// <summary>Person id, or <c>system</c>.</summary>
    public required string Actor { get; init; }

    /// <summary>What was done, such as <c>request.approved</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Kind of the thing it was done to, such as <c>request</c>.</summary>
    public required string TargetKind { get; init; }

    /// <summary>Its id.</summary>
    public required string TargetId { get; init; }

    /// <summary>Its name.</summary>
    public required string TargetName { get; init; }

    /// <summary>Environment, where there is one.</summary>
    public Guid? EnvironmentId { get; init; }

    /// <summary>Team, where there is one.</summary>
    public Guid? TeamId { get; init; }

    /// <summary>State before, JSON without secrets; empty for none.</summary>
    public required string BeforeJson { get; init; }

    /// <summary>State after, JSON without secrets; empty for none.</summary>
    public required string AfterJson { get; init; }

    /// <summary>Why, in the actor's words.</summary>
    public required string Reason { get; init; }

    /// <summary>ContentDigest of the request concerned; empty for none.</summary>
    public required string RequestDigest { get; init; }

    /// <summary>Correlation id of the call or operation.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>Address that the call came from; empty for the system.</summary>
    public required string SourceAddress { get; init; }

    /// <summary>Hash of the event before it in the chain; empty for the first.</summary>
    public required string PreviousHash { get; init; }

    /// <summary>HMAC-SHA-256 over all of the above, hex; set once, before the row is written.</summary>
    public string Hash { get; set; } = "";
}

/// <summary>Newest link of a chain; its concurrency check keeps two writers from forking it.</summary>
public sealed class AuditChainHead
{
    /// <summary>Chain.</summary>
    public required string Chain { get; init; }

    /// <summary>Index of the newest event.</summary>
    public required long Index { get; set; }

    /// <summary>Its hash.</summary>
    public required string Hash { get; set; }
}

/// <summary>What the database knows of the seals in one folder, so that an emptied or restored folder shows.</summary>
public sealed class AuditSealStream
{
    /// <summary>Id of the seals that follow one another.</summary>
    public required string Stream { get; init; }

    /// <summary>Machine that began it.</summary>
    public required string Host { get; init; }

    /// <summary>Folder there.</summary>
    public required string Folder { get; init; }

    /// <summary>Number of the newest seal; 0 for none yet.</summary>
    public required long Number { get; set; }

    /// <summary>Its signature.</summary>
    public required string Mac { get; set; }

    /// <summary>UTC time of the newest seal.</summary>
    public required DateTime At { get; set; }
}
