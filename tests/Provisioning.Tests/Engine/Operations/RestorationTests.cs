using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>Back to the last good revision, and what keeps from it.</summary>
public sealed class RestorationTests
{
    [Fact]
    public async Task Run_ChangeThatFailsBehindHelm_GoesBackWithItsGuardrails_AndTheEnvironmentKeepsServing()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, change) = await PrepareAsync(world);

        await worker.RunAsync();

        Assert.Equal(["1 superseded", "2 superseded", "3 deployed"], world.Helm.History(OperationWorld.Namespace));
        Assert.Contains("image: gateway:1\n", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
        Assert.Equal(["NetworkPolicy gateway"], world.Cluster.Namespace(OperationWorld.Namespace)!.Guardrails.Keys);
        var environment = await world.EnvironmentAsync();
        Assert.Equal((EnvironmentState.Failed, 1, 2), (environment.State, environment.AppliedRevision, environment.ApprovedRevision));
        var log = await world.LogAsync(change.Id);
        Assert.Contains("helm: Going back to the last good revision (Helm revision 1).", log);
        Assert.Contains("helm: The last good revision serves.", log);

        // What is approved next replaces it, and the finding goes.
        world.Cluster.HasService = true;
        var next = await world.ApproveAsync(RequestKind.Change);
        await worker.RunAsync();
        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(next.Id)).State);
        Assert.Empty(await world.FindingsAsync());
    }

    [Fact]
    public async Task Run_FailureOfALaterAttemptBeforeHelm_StillGoesBack()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, change) = await PrepareAsync(world);
        world.Cluster.Faults.Fail("observe", new Provisioning.Clusters.Kubernetes.ClusterUnreachableException("away"));
        await worker.RunAsync();
        Assert.Equal(OperationState.Queued, (await world.OperationAsync(change.Id)).State);
        world.Cluster.Outside = ["ClusterRole theirs is cluster-scoped."];

        await world.ComeAsync(change.Id);
        await worker.RunAsync();

        var failed = await world.OperationAsync(change.Id);
        Assert.Equal((OperationState.Failed, "outside-namespace"), (failed.State, failed.ErrorCode));
        Assert.Equal(1, world.Helm.Faults.Count("rollback"));
        Assert.Contains("image: gateway:1\n", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RollbackThatFails_SaysSo_AndTheOperationFailsAsItWould()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, change) = await PrepareAsync(world);
        world.Helm.Faults.Fail("rollback", new HelmException(HelmFailure.Conflict, "field is owned by kubectl", isTransient: false));

        await worker.RunAsync();

        var failed = await world.OperationAsync(change.Id);
        Assert.Equal((OperationState.Failed, "no-service"), (failed.State, failed.ErrorCode));
        Assert.Contains(
            "helm: Going back did not work: field is owned by kubectl The pods of the last good revision were not touched by that.",
            await world.LogAsync(change.Id)
        );
    }

    [Fact]
    public async Task Run_LastGoodRevisionThatSomebodyChangedInTheDatabase_IsNotGoneBackTo()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, change) = await PrepareAsync(world);
        await world.SqlAsync($"UPDATE revisions SET manifest_yaml = manifest_yaml || 'x: y' WHERE number = 1");

        await worker.RunAsync();

        Assert.Equal("no-service", (await world.OperationAsync(change.Id)).ErrorCode);
        Assert.Equal(0, world.Helm.Faults.Count("rollback"));
        Assert.Contains(
            await world.LogAsync(change.Id),
            l => l.Contains("is not what was approved for it, so it is not restored", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Run_LastGoodRevisionThatSomebodyChangedInHelm_IsNotGoneBackTo()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, change) = await PrepareAsync(world);
        await world.SqlAsync($"UPDATE releases SET helm_revision = 2");

        await worker.RunAsync();

        Assert.Equal(0, world.Helm.Faults.Count("rollback"));
        Assert.Contains(
            await world.LogAsync(change.Id),
            l =>
                l.Contains(
                    "Helm's revision 2 holds other objects than were approved (Deployment portkey-gateway)",
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public async Task Run_HelmThatRecordsOtherObjects_FailsAndGoesBack()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        world.Helm.Records = m =>
            m.Replace("replicas", "x", StringComparison.Ordinal) + "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: stranger\n";
        var change = await world.ApproveAsync(RequestKind.Change);

        await worker.RunAsync();

        var failed = await world.OperationAsync(change.Id);
        Assert.Equal((OperationState.Failed, "release-differs"), (failed.State, failed.ErrorCode));
        Assert.Contains("ConfigMap stranger", failed.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("image: gateway:1\n", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
    }

    private static async Task<(Worker Worker, Operation Change)> PrepareAsync(OperationWorld world)
    {
        var worker = await world.ServingAsync();
        world.Cluster.HasService = false;
        return (
            worker,
            await world.ApproveAsync(
                RequestKind.Change,
                guardrails: OperationWorld.Guardrails.Replace("name: gateway", "name: other", StringComparison.Ordinal)
            )
        );
    }
}
