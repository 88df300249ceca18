using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Preflight;

/// <summary>
/// Checks requests that wait for a decision. A check changes nothing, so a worker that dies in the middle is simply replaced when its
/// lease has expired, and the result of one that was too slow is discarded.
/// </summary>
internal sealed partial class PreflightDispatcher(
    UnitOfWork work,
    PreflightRunner runner,
    ClusterConnections clusters,
    PreflightSignal signal,
    AuditTrail audit,
    LiveUpdates live,
    TimeProvider time,
    ILogger<PreflightDispatcher> logger
) : Dispatcher(signal, logger)
{
    private const int AtOnce = 4;
    private const int MostOfOne = AtOnce - 1;
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(120);
    private readonly string owner =
        $"{Environment.MachineName[..Math.Min(64, Environment.MachineName.Length)]}/{Environment.ProcessId}/{Guid.NewGuid():N}";

    // Slots in use, and when each requester was last served: one who asks for many must not hold up the others.
    private readonly ConcurrentDictionary<Guid, (string Person, Guid Cluster)> running = new();
    private readonly ConcurrentDictionary<string, long> served = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, Task> looks = new();

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await base.ExecuteAsync(stoppingToken);
        await Task.WhenAll(looks.Values);
    }

    /// <inheritdoc/>
    protected override async Task TurnAsync(CancellationToken stoppingToken)
    {
        while (running.Count < AtOnce && await TakeAsync(stoppingToken) is { } taken)
        {
            looks[taken.Run] = Task.Run(() => LookedAtAsync(taken, stoppingToken), CancellationToken.None);
            foreach (var (run, look) in looks.Where(l => l.Value.IsCompleted).ToList())
            {
                looks.TryRemove(run, out _);
                await look;
            }
        }
    }

    // Never throws: another worker takes what it did not finish when the lease is over.
    private async Task LookedAtAsync((Guid Run, Guid Request) taken, CancellationToken stoppingToken)
    {
        try
        {
            await LookAsync(taken, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The portal stops.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            LogUnavailable(Logger, e);
        }
        finally
        {
            running.TryRemove(taken.Run, out _);
            Signal.Ring();
        }
    }

    private async Task<(Guid Run, Guid Request)?> TakeAsync(CancellationToken cancellationToken)
    {
        // The first of each requester and each cluster.
        var first = await work.ReadAsync(
            db =>
                Waiting(db)
                    .Join(
                        db.ChangeRequests,
                        p => p.ChangeRequestId,
                        r => r.Id,
                        (p, r) =>
                            new
                            {
                                p.Id,
                                p.ChangeRequestId,
                                p.RequestedBy,
                                r.ClusterId,
                            }
                    )
                    .GroupBy(p => new { p.RequestedBy, p.ClusterId })
                    .Select(g => g.OrderBy(p => p.Id).First())
                    .ToListAsync(cancellationToken),
            cancellationToken
        );
        var inTurn = first
            .Where(c =>
                !running.ContainsKey(c.Id)
                && running.Values.Count(r => r.Person == c.RequestedBy) < MostOfOne
                && running.Values.Count(r => r.Cluster == c.ClusterId) < MostOfOne
            )
            .OrderBy(c => running.Values.Count(r => r.Person == c.RequestedBy))
            .ThenBy(c => served.GetValueOrDefault(c.RequestedBy))
            .ThenBy(c => c.Id);
        foreach (var candidate in inTurn)
        {
            // Two workers may see the same; the conditional update lets one of them through.
            var won = await work.WriteAsync(
                db =>
                    Waiting(db)
                        .Where(p => p.Id == candidate.Id)
                        .TakeAsync(
                            owner,
                            Lease,
                            cancellationToken,
                            s => s.SetProperty(p => p.State, PreflightState.Running).SetProperty(p => p.Attempts, p => p.Attempts + 1)
                        ),
                cancellationToken
            );
            if (won == 1)
            {
                running[candidate.Id] = (candidate.RequestedBy, candidate.ClusterId);
                served[candidate.RequestedBy] = Stopwatch.GetTimestamp();
                return (candidate.Id, candidate.ChangeRequestId);
            }
        }

        return null;
    }

    /// <summary>Those that no worker has.</summary>
    internal static IQueryable<PreflightRun> Waiting(PortalDbContext db) =>
        db.PreflightRuns.Free().Where(p => p.State != PreflightState.Finished);

    private async Task LookAsync((Guid Run, Guid Request) taken, CancellationToken cancellationToken)
    {
        live.Publish(taken.Request);
        var (request, profile, maySignIn) = await work.ReadAsync(
            async db =>
            {
                var r = await db
                    .ChangeRequests.WithSecrets()
                    .Include(x => x.Cluster)
                    .FirstAsync(x => x.Id == taken.Request, cancellationToken);
                return (
                    r,
                    await db.Profiles.FirstOrDefaultAsync(p => p.Name == r.Content.Profile, cancellationToken),
                    await RegistryTrust.MaySignInAsync(
                        db,
                        r.EnvironmentId,
                        PortalJson.Read<EnvironmentSpec>(r.Content.SpecJson),
                        SecretPins.Of(r.Secrets),
                        cancellationToken
                    )
                );
            },
            cancellationToken
        );
        var results = await ResultsAsync(request, profile, maySignIn, cancellationToken);
        await work.WriteAsync(
            async db =>
            {
                var (failures, warnings, json) = (
                    results.Count(r => r.Status == CheckStatus.Failed),
                    results.Count(r => r.Status == CheckStatus.Warning),
                    PortalJson.Write(results)
                );
                var now = time.GetUtcNow().UtcDateTime;
                var mine = await db
                    .PreflightRuns.Where(p => p.Id == taken.Run && p.State == PreflightState.Running)
                    .GiveBackAsync(
                        owner,
                        cancellationToken,
                        s =>
                            s.SetProperty(p => p.State, PreflightState.Finished)
                                .SetProperty(p => p.EndedAt, now)
                                .SetProperty(p => p.ResultsJson, json)
                                .SetProperty(p => p.Failures, failures)
                                .SetProperty(p => p.Warnings, warnings)
                    );
                if (mine == 1)
                {
                    await audit.AppendAsync(
                        db,
                        new Caller(AuditTrail.System, "", taken.Run.ToString()),
                        new AuditEntry(
                            "preflight.finished",
                            "request",
                            request.Id.ToString(),
                            $"{request.Kind.ToString().ToLowerInvariant()} {request.EnvironmentName}"
                        )
                        {
                            EnvironmentId = request.EnvironmentId,
                            TeamId = request.TeamId,
                            After = new
                            {
                                failed = results.Where(r => r.Status == CheckStatus.Failed).Select(r => r.Id),
                                warned = results.Where(r => r.Status == CheckStatus.Warning).Select(r => r.Id),
                            },
                            RequestDigest = request.Content.Digest,
                        },
                        cancellationToken
                    );
                }
            },
            cancellationToken
        );
        live.Publish(taken.Request);
    }

    private async Task<IReadOnlyList<CheckResult>> ResultsAsync(
        ChangeRequest request,
        Profile? profile,
        bool maySignIn,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var spec = PortalJson.Read<EnvironmentSpec>(request.Content.SpecJson);
            return await runner.RunAsync(
                new PreflightSubject(spec, request.Content.ManifestYaml)
                {
                    Cluster = await clusters.OpenAsync(request.Cluster!, cancellationToken),
                    Namespace = request.Namespace,
                    EnvironmentId = request.EnvironmentId,
                    ReleaseName = HealthInspector.Release,
                    Zones = spec.Scheduling?.Zones ?? profile?.Zones ?? 1,
                    Pins = SecretPins.Of(request.Secrets),
                    Delivery = SecretDeliverySettings.Of(request.Cluster!),
                    PreflightJobs = request.Cluster!.PreflightJobs,
                    MaySignInAtRegistry = maySignIn,
                },
                cancellationToken
            );
        }
        catch (ClusterException problem)
        {
            return
            [
                new CheckResult(
                    "cluster",
                    "Cluster answers",
                    CheckStatus.Failed,
                    problem.Message,
                    "Have an administrator look at the cluster's connection.",
                    0
                )
                {
                    LookedFrom = LookedFrom.ClusterApi,
                },
            ];
        }
        catch (Exception problem)
            when (problem is not OperationCanceledException and not System.Data.Common.DbException and not OutOfMemoryException)
        {
            LogBroken(Logger, request.Id, problem);
            return
            [
                new CheckResult(
                    "portal",
                    "Preflight itself",
                    CheckStatus.Warning,
                    "Something unexpected went wrong in the portal itself; nothing was checked.",
                    "Its log has the details under this request's id.",
                    0
                )
                {
                    LookedFrom = LookedFrom.Portal,
                },
            ];
        }
    }

    [LoggerMessage(1021, LogLevel.Error, "Preflights could not be read or written; trying again at the next signal")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(1022, LogLevel.Error, "Preflight of request {RequestId} failed unexpectedly")]
    private static partial void LogBroken(ILogger logger, Guid requestId, Exception exception);
}
