using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>Reads what an attempt works with, and says where among the steps it begins.</summary>
internal sealed class OperationLoader(UnitOfWork work, IClusters clusters)
{
    /// <exception cref="ClusterException">The cluster's kubeconfig is not available now; another try may get it.</exception>
    public async Task<OperationContext> LoadAsync(Claim claim, RolloutState? memory, OperationLog log, CancellationToken cancellationToken)
    {
        var (operation, environment, cluster, revision, previous) = await work.ReadAsync(
            async db =>
            {
                var o = await db.Operations.Include(x => x.Steps).FirstAsync(x => x.Id == claim.OperationId, cancellationToken);
                var e = await db.Environments.FirstAsync(x => x.Id == o.EnvironmentId, cancellationToken);
                var c = await db.Clusters.FirstAsync(x => x.Id == e.ClusterId, cancellationToken);
                var r =
                    o.Revision == 0
                        ? null
                        : await db
                            .Revisions.WithSecrets()
                            .Include(x => x.Content.ChartVersion)
                            .FirstAsync(x => x.EnvironmentId == e.Id && x.Number == o.Revision, cancellationToken);
                var p =
                    e.AppliedRevision == 0
                        ? null
                        : await db
                            .Revisions.WithSecrets()
                            .FirstAsync(x => x.EnvironmentId == e.Id && x.Number == e.AppliedRevision, cancellationToken);
                return (o, e, c, r, p);
            },
            cancellationToken
        );
        var passed = operation.Steps.Where(s => s.State == StepState.Succeeded).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var mayHaveToGoBack = operation.Steps.Any(s =>
            s.State is not (StepState.Pending or StepState.Skipped) && OperationPlan.Find(s.Name)?.AfterCrash == AfterCrash.RunAgainOrGoBack
        );
        return new OperationContext
        {
            Operation = operation,
            Environment = environment,
            Revision = revision,
            Previous = previous,
            Fence = claim.Fence,
            Log = log,
            Resumed = claim.Resumed,
            TakenUp = Begin(operation, claim),
            Memory = memory,
            Passed = passed,
            MayHaveToGoBack = mayHaveToGoBack,
            Cluster = await OpenAsync(cluster, cancellationToken),
            Delivery = SecretDeliverySettings.Of(cluster),
            PreflightJobs = cluster.PreflightJobs,
            Pins = PinsOf(revision),
            PreviousPins = PinsOf(previous),
        };
    }

    // Every attempt goes through all steps: each finds out for itself what is done already. Only a soak, or a wait without a worker, has
    // proof of all before it. Returns the step that had released its worker; null where none had.
    private static OperationStep? Begin(Operation operation, Claim claim)
    {
        var takenUp = claim.WalksOn ? operation.Steps.Where(s => s.State != StepState.Succeeded).MinBy(s => s.Order) : null;
        var first =
            takenUp
            ?? (
                operation.SoakUntil is null
                    ? null
                    : operation.Steps.FirstOrDefault(s => OperationPlan.Find(s.Name)?.IsFirstAfterSoak == true)
            );
        foreach (var step in operation.Steps.Where(s => s.Order >= (first?.Order ?? 0)))
        {
            step.State = StepState.Pending;
        }

        return takenUp;
    }

    private static IReadOnlyDictionary<string, SecretPin> PinsOf(Revision? revision) =>
        revision is null ? new Dictionary<string, SecretPin>() : SecretPins.Of(revision.Secrets);

    // A permanent problem ends the operation at the step that uses the cluster; a transient one makes it wait.
    private async Task<ClusterConnection> OpenAsync(Cluster cluster, CancellationToken cancellationToken)
    {
        try
        {
            return await clusters.OpenAsync(cluster, cancellationToken);
        }
        catch (ClusterException problem) when (!problem.IsTransient)
        {
            return ClusterConnection.Closed(cluster.Name, problem);
        }
    }
}
