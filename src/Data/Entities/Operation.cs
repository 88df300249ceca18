namespace Portkey.Portal.Data;

/// <summary>One unit of the provisioner's work on one environment. The table is the queue.</summary>
public sealed class Operation
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>Order in the queue, given by the database.</summary>
    public long Sequence { get; init; }

    /// <summary>Environment.</summary>
    public required Guid EnvironmentId { get; init; }

    /// <summary>Navigation.</summary>
    public GatewayEnvironment? Environment { get; init; }

    /// <summary>Request that it carries out.</summary>
    public required Guid ChangeRequestId { get; init; }

    /// <summary>What it does.</summary>
    public required RequestKind Kind { get; init; }

    /// <summary>Revision to apply; 0 for a removal.</summary>
    public required int Revision { get; init; }

    /// <summary>State.</summary>
    public OperationState State { get; set; } = OperationState.Queued;

    /// <summary>Attempts begun.</summary>
    public int Attempts { get; set; }

    /// <summary>UTC time before which no attempt starts.</summary>
    public required DateTime NotBefore { get; set; }

    /// <summary>Fencing epoch of the attempt under way or last made.</summary>
    public long Epoch { get; set; }

    /// <summary>A person asked to stop it.</summary>
    public bool CancelRequested { get; set; }

    /// <summary>Who asked.</summary>
    public string CancelRequestedBy { get; set; } = "";

    /// <summary>Machine word for what went wrong last; empty when nothing did.</summary>
    public string ErrorCode { get; set; } = "";

    /// <summary>What went wrong last and what to do, redacted.</summary>
    public string ErrorMessage { get; set; } = "";

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>UTC start of the first attempt.</summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>UTC end.</summary>
    public DateTime? EndedAt { get; set; }

    /// <summary>UTC time until which a rotation watches the new version before the old one is disabled; null before that and for other
    /// kinds.</summary>
    public DateTime? SoakUntil { get; set; }

    /// <summary>UTC time, by the database's clock, at which a wait under way has failed; it outlives crashes and workers. Null before the
    /// first wait.</summary>
    public DateTime? WaitUntil { get; set; }

    /// <summary>What it waits for in the cluster without a worker; empty while a worker has it, and before.</summary>
    public string WaitingFor { get; set; } = "";

    /// <summary>Helm's revision when it released its worker; it must still be the same later. 0 for none.</summary>
    public int HelmRevision { get; set; }

    /// <summary>Milliseconds spent inside Helm processes, over all attempts.</summary>
    public long HelmMilliseconds { get; set; }

    /// <summary>Milliseconds spent waiting for pods, over all attempts.</summary>
    public long WaitMilliseconds { get; set; }

    /// <summary>Result of the synthetic streams that it sent while it replaced pods, JSON; empty where it sent none.</summary>
    public string StreamsJson { get; set; } = "";

    /// <summary>Who approved or asked for it.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>Steps.</summary>
    public ICollection<OperationStep> Steps { get; } = [];

    /// <summary>Whether nothing more will happen to it by itself.</summary>
    public bool IsFinished => State is OperationState.Succeeded or OperationState.Failed or OperationState.Cancelled;
}

/// <summary>One step of an operation.</summary>
public sealed class OperationStep
{
    /// <summary>Operation.</summary>
    public required Guid OperationId { get; init; }

    /// <summary>Place, from 0.</summary>
    public required int Order { get; init; }

    /// <summary>Name, such as <c>namespace</c>, <c>secrets</c>, <c>helm</c>.</summary>
    public required string Name { get; init; }

    /// <summary>State.</summary>
    public StepState State { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>UTC.</summary>
    public DateTime? EndedAt { get; set; }
}

/// <summary>One line of an operation's log, redacted before it is stored.</summary>
public sealed class OperationLogLine
{
    /// <summary>Order, given by the database; the cursor of live followers.</summary>
    public long Id { get; init; }

    /// <summary>Operation.</summary>
    public required Guid OperationId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>Step that wrote it; empty between steps.</summary>
    public required string Step { get; init; }

    /// <summary>Severity.</summary>
    public required Severity Severity { get; init; }

    /// <summary>Text.</summary>
    public required string Text { get; init; }
}

/// <summary>When an operation of a cluster or a team last began, so that they take turns.</summary>
public sealed class QueueTurn
{
    /// <summary>Cluster or team.</summary>
    public required Guid Id { get; init; }

    /// <summary>UTC, by the database's clock.</summary>
    public required DateTime At { get; set; }
}
