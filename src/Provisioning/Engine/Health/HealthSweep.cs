using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.Engine.Health;

/// <summary>
/// Looks at every environment: one list per kind for a whole cluster, then one request to each gateway. A cluster that does not answer
/// makes its environments Unknown, never Unhealthy.
/// </summary>
public sealed partial class HealthSweep(
    UnitOfWork work,
    ClusterConnections clusters,
    HealthInspector inspector,
    GatewayProbe probe,
    ClusterPinning pinning,
    AuditTrail audit,
    LiveUpdates live,
    TimeProvider time,
    ILogger<HealthSweep> logger
)
{
    private const int ProbesAtOnce = 16;
    internal const int LongestReason = 1900;

    /// <summary>How often an unchanged verdict is written to the history again.</summary>
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMinutes(5);

    /// <summary>Nodes and versions change slowly, and the list of nodes of a large cluster is long.</summary>
    private static readonly TimeSpan FactsEvery = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<Guid, DateTime> sampledAt = new();
    private readonly ConcurrentDictionary<Guid, DateTime> factsAt = new();

    /// <summary>Sweeps all clusters.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var found = await work.ReadAsync(db => db.Clusters.Where(c => c.IsEnabled).ToListAsync(cancellationToken), cancellationToken);
        await Task.WhenAll(found.Select(c => ClusterAsync(c, cancellationToken)));
    }

    private async Task ClusterAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        // An environment that an operation works on is left to that operation, which sees more. One whose first install failed is looked
        // at, too: what was applied is still there, and its pods say why.
        var environments = await work.ReadAsync(
            db =>
                db.Environments.Where(e =>
                        e.ClusterId == cluster.Id
                        && (e.AppliedRevision > 0 || e.State == EnvironmentState.Failed)
                        && e.State != EnvironmentState.Deleted
                        && e.State != EnvironmentState.Deleting
                        && !db.Operations.Any(o => o.EnvironmentId == e.Id && (o.State == OperationState.Running || o.WaitingFor != ""))
                    )
                    .ToListAsync(cancellationToken),
            cancellationToken
        );
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(TimeSpan.FromSeconds(30));
            var connection = await clusters.OpenAsync(cluster, limit.Token);
            await pinning.LearnAsync(cluster, connection, limit.Token);
            var observed = await inspector.ObserveClusterAsync(connection, limit.Token);
            await SeenAsync(cluster, "", cancellationToken);
            await pinning.FitsAsync(cluster, cancellationToken);
            await FactsAsync(cluster, connection, limit.Token);
            await Parallel.ForEachAsync(
                environments,
                new ParallelOptions { MaxDegreeOfParallelism = ProbesAtOnce, CancellationToken = cancellationToken },
                async (e, ct) =>
                    await EnvironmentAsync(
                        connection,
                        e,
                        observed.GetValueOrDefault(e.Id) ?? EnvironmentObservation.Missing(e.Namespace, Now),
                        ct
                    )
            );
        }
        catch (Exception e) when (e is ClusterException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            var why = e is ClusterException ? e.Message : "it did not answer within 30 s";
            LogUnreachable(logger, cluster.Name, why);
            await SeenAsync(cluster, why, cancellationToken);
            await pinning.JudgeAsync(cluster, environments, e as ClusterException, cancellationToken);
            foreach (var environment in environments)
            {
                await RecordAsync(
                    environment,
                    null,
                    HealthStatus.Unknown,
                    $"Cluster {cluster.Name} could not be queried: {why}",
                    null,
                    cancellationToken
                );
            }
        }
    }

    private async Task EnvironmentAsync(
        ClusterConnection connection,
        GatewayEnvironment environment,
        EnvironmentObservation observation,
        CancellationToken cancellationToken
    )
    {
        var answer = observation.GatewayService is not { } service
            ? null
            : await probe.ProbeAsync(
                connection,
                environment.Namespace,
                service.Name,
                service.Ports is [var port, ..] ? port.Port : 8787,
                GatewayProbe.PathOf(environment.Edition),
                cancellationToken
            );
        var gaveUp = environment.State == EnvironmentState.Failed;
        var (status, reason) = HealthVerdict.Judge(observation, answer, gaveUp);
        if (status is HealthStatus.Unhealthy or HealthStatus.Degraded or HealthStatus.Progressing)
        {
            observation = await HealthInspector.ExplainAsync(connection, observation, cancellationToken);
            (status, reason) = HealthVerdict.Judge(observation, answer, gaveUp);
        }

        await RecordAsync(environment, observation, status, reason, answer is { Ok: true } ? answer.LatencyMs : null, cancellationToken);
    }

    private async Task RecordAsync(
        GatewayEnvironment seen,
        EnvironmentObservation? observation,
        HealthStatus status,
        string reason,
        int? latency,
        CancellationToken cancellationToken
    )
    {
        reason = StoredText.Fit(reason, LongestReason);
        var now = Now;
        var changed = seen.Health != status;
        var topology = observation is null ? seen.TopologyJson : PortalJson.Write(observation);
        if (!changed && seen.HealthReason == reason && sampledAt.TryGetValue(seen.Id, out var last) && now - last < SampleEvery)
        {
            await work.WriteAsync(
                db =>
                    db.Environments.Where(e => e.Id == seen.Id)
                        .ExecuteUpdateAsync(
                            s => s.SetProperty(e => e.HealthCheckedAt, now).SetProperty(e => e.TopologyJson, topology),
                            cancellationToken
                        ),
                cancellationToken
            );
            return;
        }

        var written = await work.WriteAsync(
            async db =>
            {
                // Not through the entity: its concurrency token belongs to decisions, which must not fail because of a sweep.
                var rows = await db
                    .Environments.Where(e =>
                        e.Id == seen.Id
                        && e.State != EnvironmentState.Deleted
                        && !db.Operations.Any(o => o.EnvironmentId == e.Id && (o.State == OperationState.Running || o.WaitingFor != ""))
                    )
                    .ExecuteUpdateAsync(
                        s =>
                            s.SetProperty(e => e.Health, status)
                                .SetProperty(e => e.HealthReason, reason)
                                .SetProperty(e => e.HealthCheckedAt, now)
                                .SetProperty(e => e.HealthSince, e => changed ? now : e.HealthSince)
                                .SetProperty(e => e.TopologyJson, topology),
                        cancellationToken
                    );
                if (rows == 0)
                {
                    return false;
                }

                db.HealthSamples.Add(
                    new HealthSample
                    {
                        EnvironmentId = seen.Id,
                        At = now,
                        Status = status,
                        Reason = reason,
                        LatencyMs = latency,
                    }
                );
                await FindingAsync(db, seen, status, reason, now, cancellationToken);
                if (changed && status is HealthStatus.Healthy or HealthStatus.Unhealthy or HealthStatus.Degraded)
                {
                    await audit.AppendAsync(
                        db,
                        new Caller(AuditTrail.System, "", $"health-{now:yyyyMMddTHHmmss}"),
                        new AuditEntry("health.changed", "environment", seen.Id.ToString(), seen.Name)
                        {
                            EnvironmentId = seen.Id,
                            TeamId = seen.TeamId,
                            Before = new { health = seen.Health },
                            After = new { health = status },
                            Reason = reason,
                        },
                        cancellationToken
                    );
                }

                return true;
            },
            cancellationToken
        );
        if (written)
        {
            sampledAt[seen.Id] = now;
            live.Publish(seen.Id);
        }
    }

    private static async Task FindingAsync(
        PortalDbContext db,
        GatewayEnvironment seen,
        HealthStatus status,
        string reason,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var open = await db
            .Findings.AsTracking()
            .FirstOrDefaultAsync(f => f.EnvironmentId == seen.Id && f.Kind == "health" && f.ResolvedAt == null, cancellationToken);
        if (status is HealthStatus.Healthy or HealthStatus.Progressing or HealthStatus.Suspended)
        {
            open?.ResolvedAt = now;
            return;
        }

        if (open is not null)
        {
            open.Message = reason;
            return;
        }

        db.Findings.Add(
            new Finding
            {
                EnvironmentId = seen.Id,
                Kind = "health",
                Severity = status == HealthStatus.Unhealthy ? Severity.Error : Severity.Warning,
                Message = reason,
                Since = now,
            }
        );
    }

    private Task<int> SeenAsync(Cluster cluster, string error, CancellationToken cancellationToken) =>
        work.WriteAsync(
            db =>
                db.Clusters.Where(c => c.Id == cluster.Id)
                    .ExecuteUpdateAsync(
                        s =>
                            s.SetProperty(c => c.LastError, StoredText.Fit(error, LongestReason))
                                .SetProperty(c => c.LastSeenAt, c => error.Length == 0 ? Now : c.LastSeenAt),
                        cancellationToken
                    ),
            cancellationToken
        );

    private async Task FactsAsync(Cluster cluster, ClusterConnection connection, CancellationToken cancellationToken)
    {
        if (factsAt.TryGetValue(cluster.Id, out var last) && Now - last < FactsEvery)
        {
            return;
        }

        factsAt[cluster.Id] = Now;
        var nodes = await NodeZones.ReadAsync(connection, cancellationToken);
        var (zones, rooms) = nodes is null ? (cluster.Zones, cluster.NodesJson) : (nodes.Zones, PortalJson.Write(nodes.Rooms));
        var version = StoredText.Fit(await ClusterVersions.ReadAsync(connection, cancellationToken) ?? cluster.ServerVersion, 100);
        if ((zones, rooms, version) != (cluster.Zones, cluster.NodesJson, cluster.ServerVersion))
        {
            await work.WriteAsync(
                db =>
                    db.Clusters.Where(c => c.Id == cluster.Id)
                        .ExecuteUpdateAsync(
                            s =>
                                s.SetProperty(c => c.Zones, zones)
                                    .SetProperty(c => c.NodesJson, rooms)
                                    .SetProperty(c => c.ServerVersion, version),
                            cancellationToken
                        ),
                cancellationToken
            );
        }
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    [LoggerMessage(1101, LogLevel.Warning, "Health sweep: cluster {Cluster} could not be queried: {Reason}")]
    private static partial void LogUnreachable(ILogger logger, string cluster, string reason);
}
