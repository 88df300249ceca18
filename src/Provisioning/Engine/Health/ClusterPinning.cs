using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.Engine.Health;

/// <summary>
/// Pins clusters that nobody registered by hand (the operator's own file, and those from before clusters were pinned) when they are first
/// seen, and makes a finding of one that is not the pinned one.
/// </summary>
public sealed partial class ClusterPinning(
    UnitOfWork work,
    ClusterTrust trust,
    AuditTrail audit,
    TimeProvider time,
    ILogger<ClusterPinning> logger
)
{
    private const string Kind = "cluster";

    /// <summary>Records what the cluster is recognised by, where that is not known yet, or where the operator changed the file.</summary>
    public async Task LearnAsync(Cluster cluster, ClusterConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(connection);
        var pinned = ClusterPins.Of(cluster);
        if (pinned.Uid.Length > 0 && pinned.SameCluster(connection.Pins))
        {
            return;
        }

        var uid = pinned.Uid.Length > 0 ? pinned.Uid : await connection.IdentityAsync(cancellationToken);
        if (uid.Length == 0)
        {
            return; // the UID may not be read, so there is nothing to recognise it by
        }

        var now = connection.Pins with { Uid = uid };
        await work.WriteAsync(
            async db =>
            {
                var row = await db.Clusters.AsTracking().FirstAsync(c => c.Id == cluster.Id, cancellationToken);
                if (row.KubeconfigSource != cluster.KubeconfigSource || ClusterPins.Of(row) != pinned)
                {
                    return;
                }

                if (await db.Clusters.AnyAsync(c => c.Id != row.Id && c.PinnedUid == uid, cancellationToken))
                {
                    LogTwice(logger, row.Name, uid);
                    return;
                }

                trust.Pin(row, now);
                await audit.AppendAsync(
                    db,
                    Self(),
                    new AuditEntry("cluster.pinned", "cluster", row.Id.ToString(), row.Name) { Before = pinned, After = now },
                    cancellationToken
                );
            },
            cancellationToken
        );
    }

    /// <summary>After it answered as itself: findings against it are resolved.</summary>
    public Task FitsAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        return cluster.LastError.Length == 0
            ? Task.CompletedTask
            : work.WriteAsync(
                db =>
                    db.Findings.Where(f =>
                            f.Kind == Kind
                            && f.ResolvedAt == null
                            && db.Environments.Any(e => e.Id == f.EnvironmentId && e.ClusterId == cluster.Id)
                        )
                        .ExecuteUpdateAsync(s => s.SetProperty(f => f.ResolvedAt, time.GetUtcNow().UtcDateTime), cancellationToken),
                cancellationToken
            );
    }

    /// <summary>After it could not be asked: where it is not the pinned one, each of its environments gets a finding, and the history an
    /// event.</summary>
    public async Task JudgeAsync(
        Cluster cluster,
        IReadOnlyList<GatewayEnvironment> environments,
        ClusterException? problem,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(environments);
        if (problem is not { Code: ClusterTrust.Changed or IdentityGuard.Other })
        {
            return;
        }

        await work.WriteAsync(
            async db =>
            {
                var ids = environments.Select(e => e.Id).ToList();
                var known = await db
                    .Findings.Where(f => f.Kind == Kind && f.ResolvedAt == null && ids.Contains(f.EnvironmentId))
                    .Select(f => f.EnvironmentId)
                    .ToListAsync(cancellationToken);
                var now = time.GetUtcNow().UtcDateTime;
                db.Findings.AddRange(
                    ids.Except(known)
                        .Select(id => new Finding
                        {
                            EnvironmentId = id,
                            Kind = Kind,
                            Subject = FindingSubject.Cluster,
                            SubjectName = cluster.Name,
                            Severity = Severity.Error,
                            Message = problem.Message,
                            Since = now,
                        })
                );
                if (cluster.LastError != StoredText.Fit(problem.Message, HealthSweep.LongestReason))
                {
                    await audit.AppendAsync(
                        db,
                        Self(),
                        new AuditEntry("cluster.refused", "cluster", cluster.Id.ToString(), cluster.Name)
                        {
                            After = new { code = problem.Code, pinned = ClusterPins.Of(cluster) },
                            Reason = problem.Message,
                        },
                        cancellationToken
                    );
                }
            },
            cancellationToken
        );
    }

    private Caller Self() => new(AuditTrail.System, "", $"clusters-{time.GetUtcNow():yyyyMMddTHHmmss}");

    [LoggerMessage(
        1102,
        LogLevel.Warning,
        "Cluster {Cluster} is also registered under another name, so it is not pinned; its kube-system has UID {Uid}"
    )]
    private static partial void LogTwice(ILogger logger, string cluster, string uid);
}
