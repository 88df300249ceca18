using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Which environments are asked for.</summary>
/// <param name="Search">Part of the name; case does not matter.</param>
/// <param name="Team">Team name.</param>
/// <param name="Cluster">Cluster name.</param>
/// <param name="Health">Verdict.</param>
/// <param name="IncludeDeleted">Also those that are gone.</param>
/// <param name="Name">The whole name.</param>
/// <param name="Text">Words that name, team, cluster or profile must have; case does not matter.</param>
/// <param name="Chart">Chart version that it runs, or is about to.</param>
public sealed record EnvironmentFilter(
    string? Search = null,
    string? Team = null,
    string? Cluster = null,
    HealthStatus? Health = null,
    bool IncludeDeleted = false,
    string? Name = null,
    string? Text = null,
    Guid? Chart = null
);

/// <summary>An environment in a list.</summary>
public sealed record EnvironmentRow(
    Guid Id,
    string Name,
    string Team,
    string Cluster,
    Edition Edition,
    string Profile,
    EnvironmentState State,
    HealthStatus Health,
    string HealthReason,
    DateTime? HealthSince,
    int Revision
);

/// <summary>An environment in full.</summary>
public sealed record EnvironmentView(
    Guid Id,
    string Name,
    Guid TeamId,
    string Team,
    string TeamDisplayName,
    string Cluster,
    string Namespace,
    string ReleaseName,
    Edition Edition,
    string Profile,
    EnvironmentState State,
    HealthStatus Health,
    string HealthReason,
    DateTime? HealthSince,
    DateTime? HealthCheckedAt,
    int ApprovedRevision,
    int Revision,
    string Chart,
    string Endpoint,
    int MonthlyCostUsd,
    DateTime CreatedAt,
    string CreatedBy,
    DateTime? ExpiresAt,
    EnvironmentSpec Spec,
    TopologyView Topology,
    IReadOnlyList<FindingView> Findings,
    OperationRow? ActiveOperation,
    OperationRow? LastOperation,
    EnvironmentRights May
)
{
    /// <summary>What it costs, with the assumptions; null where that is unknown.</summary>
    public MonthlyCost? Cost { get; init; }

    /// <summary>What is wrong with it; null where nothing is, and while an operation runs.</summary>
    public TroubleView? Trouble { get; init; }

    /// <summary>Chart versions of its edition that are newer than the one that runs, newest first.</summary>
    public IReadOnlyList<string> Upgrades { get; init; } = [];
}

/// <summary>What the caller may propose for it; the service checks again.</summary>
/// <param name="Propose">May propose changes, store secrets and cancel or retry operations.</param>
/// <param name="WhyNot">Why not; empty when they may.</param>
public sealed record EnvironmentRights(bool Propose, string WhyNot);

/// <summary>Parts for the picture.</summary>
/// <param name="Nodes">Parts.</param>
/// <param name="Links">Arrows between parts, by id.</param>
public sealed record TopologyView(IReadOnlyList<TopologyNode> Nodes, IReadOnlyList<TopologyLink> Links);

/// <summary>One part: clients, entry, gateway, redis, log-store, analytics, control-plane.</summary>
/// <param name="Id">Stable id.</param>
/// <param name="Label">What people read.</param>
/// <param name="Detail">Second line, such as an address or <c>2 of 2 pods</c>.</param>
/// <param name="Health">Verdict.</param>
/// <param name="Pods">Pods with their readiness; empty for parts without pods.</param>
public sealed record TopologyNode(string Id, string Label, string Detail, HealthStatus Health, IReadOnlyList<PodView> Pods);

/// <summary>One arrow.</summary>
public sealed record TopologyLink(string From, string To, string Label);

/// <summary>One pod.</summary>
public sealed record PodView(string Name, bool Ready, string Status, int Restarts, string Node);

/// <summary>One revision.</summary>
public sealed record RevisionView(
    int Number,
    RequestKind Kind,
    string Profile,
    string Chart,
    string CreatedBy,
    DateTime CreatedAt,
    DateTime? AppliedAt,
    string Digest,
    Guid RequestId,
    IReadOnlyDictionary<string, string> SecretVersions,
    EnvironmentSpec Spec,
    int? HelmRevision
);

/// <summary>An operation in a list.</summary>
public sealed record OperationRow(
    Guid Id,
    Guid EnvironmentId,
    string EnvironmentName,
    RequestKind Kind,
    OperationState State,
    int Revision,
    string CurrentStep,
    int StepsDone,
    int StepsTotal,
    DateTime CreatedAt,
    DateTime? StartedAt,
    DateTime? EndedAt,
    string ErrorMessage
);

/// <summary>One bar of the health history.</summary>
/// <param name="From">UTC start.</param>
/// <param name="To">UTC end.</param>
/// <param name="Worst">Worst verdict within; null where nobody looked.</param>
/// <param name="Reason">Reason of the worst.</param>
public sealed record HealthBucket(DateTime From, DateTime To, HealthStatus? Worst, string Reason);

/// <summary>Fleet at a glance, for Home.</summary>
/// <param name="Environments">Up to 500 squares, by team.</param>
/// <param name="Counts">How many of each verdict.</param>
/// <param name="Running">Operations under way.</param>
/// <param name="Recent">Changes and incidents of the last 24 hours, newest first.</param>
public sealed record HomeView(
    IReadOnlyList<EnvironmentRow> Environments,
    IReadOnlyDictionary<HealthStatus, int> Counts,
    IReadOnlyList<OperationRow> Running,
    IReadOnlyList<RecentEvent> Recent
);

/// <summary>A mark on Home's timeline.</summary>
/// <param name="At">UTC.</param>
/// <param name="Action">Word of the audit event, such as <c>request.approved</c>.</param>
/// <param name="Actor">Id of who did it.</param>
/// <param name="ActorName">Their name; empty for the portal itself.</param>
/// <param name="TargetName">What it was about, such as <c>create payments-dev</c>.</param>
/// <param name="EnvironmentId">Environment, if there is one by now; a request for a new one has none.</param>
/// <param name="RequestId">Request, where the event is about one.</param>
public sealed record RecentEvent(
    DateTime At,
    string Action,
    string Actor,
    string ActorName,
    string TargetName,
    Guid? EnvironmentId,
    Guid? RequestId
);
