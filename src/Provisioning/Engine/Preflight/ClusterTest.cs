using k8s.Models;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.Engine.Preflight;

/// <summary>What a cluster just answered.</summary>
/// <param name="TestedAt">UTC.</param>
/// <param name="Checks">Whether it answers as the cluster that it was, and what the portal may do there.</param>
/// <param name="Capacity">What its nodes have and what is taken; null where the portal may not see that, or nothing answered.</param>
public sealed record ClusterTestView(DateTime TestedAt, IReadOnlyList<CheckResult> Checks, ClusterCapacity? Capacity);

/// <summary>What a cluster's nodes have for pods, and what pods have asked for.</summary>
/// <param name="Nodes">Nodes.</param>
/// <param name="ReadyNodes">Those that are ready and take new pods.</param>
/// <param name="Cpu">Cores of the ready ones.</param>
/// <param name="CpuRequested">Cores that pods on them request.</param>
/// <param name="Memory">Bytes of the ready ones.</param>
/// <param name="MemoryRequested">Bytes that pods on them request.</param>
/// <param name="Pods">Pods on them.</param>
/// <param name="MostPods">Pods that they take at most.</param>
public sealed record ClusterCapacity(
    int Nodes,
    int ReadyNodes,
    decimal Cpu,
    decimal CpuRequested,
    decimal Memory,
    decimal MemoryRequested,
    int Pods,
    int MostPods
);

/// <summary>Tries a registered cluster as the next operation would, and changes nothing there.</summary>
/// <remarks>A process that only serves pages has no way into clusters and says so.</remarks>
public sealed class ClusterTest(UnitOfWork work, TimeProvider time, ClusterConnections? clusters = null)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Tests the cluster of that name or id; administrators only.</summary>
    /// <exception cref="CommandRefusedException">The caller may not, there is no such cluster, or this process reaches none.</exception>
    public async Task<ClusterTestView> RunAsync(Caller caller, string cluster, CancellationToken cancellationToken)
    {
        var row = await work.ReadAsync(
            async db =>
                (await PeopleService.RequireAsync(db, caller, cancellationToken)).IsAdministrator
                    ? await ClusterRows.FindAsync(db, cluster, cancellationToken)
                    : throw new ForbiddenException("Only administrators test clusters."),
            cancellationToken
        );
        if (clusters is null)
        {
            throw new ConflictException(
                "no-worker-here",
                "This process serves pages only and reaches no cluster. The page shows what its workers saw last; send the test to one of them."
            );
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        ClusterConnection connection = null!;
        ClusterCapacity? capacity = null;
        (string Id, string Title, Func<Task<Verdict>> Ask)[] asked =
        [
            (
                "cluster",
                "Cluster answers",
                async () =>
                {
                    connection = await clusters.OpenAsync(row, limit.Token);
                    return ClusterCheck.Judge(row.DisplayName, await connection.GetAsync("/version", limit.Token));
                }
            ),
            (
                "permissions",
                "Portal may do it",
                () => PermissionsCheck.RunAsync(connection, PermissionsCheck.OfEvery(Namespace), limit.Token)
            ),
            (
                "nodes",
                "Nodes take pods",
                async () =>
                {
                    var (nodes, pods) = await NodesCheck.ReadAsync(connection, limit.Token);
                    capacity = Capacity(nodes, pods);
                    return Judge(capacity);
                }
            ),
        ];
        var checks = new List<CheckResult>();
        foreach (var (id, title, ask) in asked)
        {
            checks.Add(await AskAsync(id, title, ask, cancellationToken));
            if (checks is [{ Status: CheckStatus.Failed }])
            {
                break; // a cluster that does not answer is not asked further
            }
        }

        return new ClusterTestView(time.GetUtcNow().UtcDateTime, checks, capacity);
    }

    // Named as an environment's would be: rules for single namespaces are not enough for the portal.
    private const string Namespace = "portkey-portal-test";

    /// <summary>What nodes have and pods have asked for. Pure.</summary>
    internal static ClusterCapacity Capacity(IReadOnlyList<V1Node> nodes, IReadOnlyList<V1Pod> pods)
    {
        var ready = nodes.Where(NodesCheck.IsReady).ToList();
        var names = ready.Select(n => n.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        var there = pods.Where(p => p.Spec?.NodeName is { } node && names.Contains(node)).ToList();
        return new ClusterCapacity(
            nodes.Count,
            ready.Count,
            ready.Sum(n => NodesCheck.Allocatable(n, "cpu")),
            there.Sum(p => NodesCheck.Requests(p, "cpu")),
            ready.Sum(n => NodesCheck.Allocatable(n, "memory")),
            there.Sum(p => NodesCheck.Requests(p, "memory")),
            there.Count,
            (int)ready.Sum(n => NodesCheck.Allocatable(n, "pods"))
        );
    }

    private static Verdict Judge(ClusterCapacity capacity) =>
        capacity.ReadyNodes == 0
            ? Verdict.Fail(
                $"None of {Plural.Of(capacity.Nodes, "node")} is ready and takes pods.",
                "Look at the nodes: 'kubectl get nodes'. A cordoned node takes none."
            )
        : capacity.ReadyNodes < capacity.Nodes
            ? Verdict.Warn($"{capacity.ReadyNodes} of {Plural.Of(capacity.Nodes, "node")} take pods.", "The others are cordoned or not ready.")
        : Verdict.Pass($"{Plural.Of(capacity.Nodes, "node takes", "nodes take")} pods.");

    private async Task<CheckResult> AskAsync(string id, string title, Func<Task<Verdict>> ask, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        Verdict verdict;
        try
        {
            verdict = await ask();
        }
        catch (ClusterForbiddenException problem)
        {
            verdict = Verdict.Fail(problem.Message, "Give the portal's service account the rules of infra/charts/portal.");
        }
        catch (ClusterException problem)
        {
            verdict = Verdict.Fail(problem.Message, "");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            verdict = Verdict.Fail($"There was no answer within {Patience.TotalSeconds:0} seconds.", "");
        }

        return new CheckResult(
            id,
            title,
            verdict.Status,
            verdict.Message,
            verdict.Cure,
            (long)time.GetElapsedTime(began).TotalMilliseconds
        )
        {
            LookedFrom = LookedFrom.ClusterApi,
        };
    }
}
