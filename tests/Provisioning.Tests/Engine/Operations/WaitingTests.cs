using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>What is up to the cluster is waited for without a worker, and gone on with where it stood.</summary>
public sealed class WaitingTests
{
    [Fact]
    public async Task Run_PodsNotReady_GivesTheWorkerBack_AndGoesOnAtTheWait()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.PodsPending = "pod portkey-gateway-1 is Pending";
        var watched = world.Cluster.Faults.Hold("watch");

        await worker.RunAsync();
        await watched.Reached;

        var waiting = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Queued, 1, "", 1), (waiting.State, waiting.Attempts, waiting.ErrorCode, waiting.HelmRevision));
        Assert.Equal("pods: pod portkey-gateway-1 is Pending", waiting.WaitingFor);
        Assert.NotNull(waiting.WaitUntil);
        Assert.Equal("", (await world.EnvironmentAsync()).Lease.Owner);
        Assert.InRange(await world.DelayAsync(operation.Id), 5, 15.1);
        var since = waiting.Steps.Single(s => s.Name == "wait").StartedAt;
        Assert.Null(await worker.Queue.TryClaimAsync(TestContext.Current.CancellationToken));

        world.Cluster.PodsPending = null;
        watched.Release();
        await Eventually.TrueAsync(
            async () => (await world.OperationAsync(operation.Id)).NotBefore == DateTime.UnixEpoch,
            "the watch calls a worker"
        );
        await worker.RunAsync();

        var done = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Succeeded, 1, ""), (done.State, done.Attempts, done.WaitingFor));
        Assert.Equal(since, done.Steps.Single(s => s.Name == "wait").StartedAt);
        Assert.Equal(1, world.Helm.Faults.Count("upgrade"));
        Assert.Equal(1, world.Preflight.Faults.Count("run"));
        var log = await world.LogAsync(operation.Id);
        Assert.Contains("wait: Waits for pods: pod portkey-gateway-1 is Pending. Its worker is free for others meanwhile.", log);
        Assert.Contains("wait: Resumed: the wait for pods is over.", log);
        Assert.True(done.WaitMilliseconds > 0);
    }

    [Fact]
    public async Task Run_TakenUpWhileStillWaiting_WaitsOnWithoutSayingSoAgain()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.PodsPending = "pod is Pending";
        world.Cluster.Faults.Hold("watch");
        await worker.RunAsync();
        var until = (await world.OperationAsync(operation.Id)).WaitUntil;

        world.Cluster.Faults.Hold("watch");
        await world.ComeAsync(operation.Id);
        await worker.RunAsync();

        var waiting = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Queued, 1, until), (waiting.State, waiting.Attempts, waiting.WaitUntil));
        Assert.Single(await world.LogAsync(operation.Id), l => l.Contains("Its worker is free", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_ProcessThatWatchedIsGone_AnotherGoesOn()
    {
        await using var world = await OperationWorld.CreateAsync();
        var dead = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.PodsPending = "pod is Pending";
        world.Cluster.Faults.Hold("watch");
        await dead.RunAsync();
        world.Cluster.PodsPending = null;

        await world.ComeAsync(operation.Id); // its time comes by itself
        await world.Start().RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(operation.Id)).State);
        Assert.Equal(1, world.Helm.Faults.Count("upgrade"));
    }

    [Fact]
    public async Task Run_SomebodyUsedHelmMeanwhile_GoesThroughAllStepsAgain()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.PodsPending = "pod is Pending";
        world.Cluster.Faults.Hold("watch");
        await worker.RunAsync();
        world.Cluster.PodsPending = null;
        world.Helm.Interfere(OperationWorld.Namespace, "kind: ConfigMap\nmetadata:\n  name: theirs\n");

        await world.ComeAsync(operation.Id);
        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(operation.Id)).State);
        Assert.Equal(2, world.Helm.Faults.Count("upgrade"));
        Assert.Contains(": What was applied is not what Helm holds now; all steps are run again.", await world.LogAsync(operation.Id));
        Assert.Contains("image: gateway:1", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PodsThatCannotStart_FailsWithTheirEventsAndLog()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.Rollout = new(
            Succeeded: false,
            "image-pull",
            "Pod portkey-gateway-1 cannot get its image.",
            [new PodEvent(PodEvent.Warning, "Failed", "Failed to pull", 2, null), new PodEvent("Normal", "Pulling", "Pulling", 1, null)],
            ["no such tag"]
        );

        await worker.RunAsync();

        var failed = await world.OperationAsync(operation.Id);
        Assert.Equal(
            (OperationState.Failed, "image-pull", "Pod portkey-gateway-1 cannot get its image."),
            (failed.State, failed.ErrorCode, failed.ErrorMessage)
        );
        var log = await world.LogAsync(operation.Id);
        Assert.Contains("wait: event: Failed: Failed to pull (2 times)", log);
        Assert.Contains("wait: event: Pulling: Pulling", log);
        Assert.Contains("wait: pod log: no such tag", log);
        Assert.Contains("helm: There is no earlier good revision to go back to; what was applied stays for inspection.", log);
    }

    [Fact]
    public async Task Run_CancelledWhileItWaits_EndsInsteadOfWaitingOn()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        var operation = await world.ApproveAsync(RequestKind.Change);
        world.Cluster.PodsPending = "pod is Pending";
        world.Cluster.Faults.Hold("watch");
        await worker.RunAsync();

        await worker
            .Get<OperationService>()
            .CancelAsync(new Caller("lead", "", ""), operation.Id, "", TestContext.Current.CancellationToken);
        await worker.RunAsync();

        Assert.Equal(OperationState.Cancelled, (await world.OperationAsync(operation.Id)).State);
        Assert.Contains("image: gateway:1\n", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CancelledAtTheVeryMomentOfGivingBack_Ends()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        var operation = await world.ApproveAsync(RequestKind.Change);
        world.Cluster.PodsPending = "pod is Pending";
        var held = world.Helm.Faults.Hold("revisions"); // after Helm ran, to find the newest
        var attempt = worker.RunAsync();
        await held.Reached;
        await world.SqlAsync($"UPDATE operations SET cancel_requested = 1");
        held.Release();
        await attempt;

        // Seen by the attempt, or by the next one, which is due at once.
        if ((await world.OperationAsync(operation.Id)).State == OperationState.Queued)
        {
            await world.ComeAsync(operation.Id);
            await worker.RunAsync();
        }

        Assert.Equal(OperationState.Cancelled, (await world.OperationAsync(operation.Id)).State);
    }

    [Fact]
    public async Task Run_NamespaceThatTakesItsTime_IsWaitedForWithoutAWorker()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        world.Cluster.NamespacesLinger = true;
        var removal = await world.ApproveAsync(RequestKind.Delete);
        await worker.RunAsync();

        Assert.Equal($"namespace {OperationWorld.Namespace} to go", (await world.OperationAsync(removal.Id)).WaitingFor);
        world.Cluster.Remove(OperationWorld.Namespace);
        await Eventually.TrueAsync(
            async () => (await world.OperationAsync(removal.Id)).NotBefore == DateTime.UnixEpoch,
            "the watch calls a worker"
        );
        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(removal.Id)).State);
        Assert.Contains($"remove-namespace: Resumed: namespace {OperationWorld.Namespace} is gone.", await world.LogAsync(removal.Id));
        Assert.Equal(1, world.Helm.Faults.Count("uninstall"));
    }

    [Fact]
    public async Task Run_NamespaceWhoseTimeIsNearlyOver_IsWaitedForInPlace_AndWhatHoldsItIsTriedAgain()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        world.Configure = o => o.WaitInPlaceSeconds = 100000;
        worker = world.Start();
        world.Cluster.NamespacesLinger = true;
        world.Cluster.Faults.Fail("wait-gone", new ClusterException("namespace-stuck", "A finalizer holds it.", isTransient: true));
        var removal = await world.ApproveAsync(RequestKind.Delete);

        await worker.RunAsync();

        var waiting = await world.OperationAsync(removal.Id);
        Assert.Equal((OperationState.Queued, "namespace-stuck", ""), (waiting.State, waiting.ErrorCode, waiting.WaitingFor));
        Assert.Null(waiting.WaitUntil); // the next attempt has its own time
    }

    [Fact]
    public async Task Run_NamespaceOfSomebodyElse_IsLeftAlone()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        world.Cluster.Make(OperationWorld.Namespace, Guid.NewGuid());
        var removal = await world.ApproveAsync(RequestKind.Delete);

        await worker.RunAsync();

        Assert.Equal("namespace-taken", (await world.OperationAsync(removal.Id)).ErrorCode);
        Assert.NotNull(world.Cluster.Namespace(OperationWorld.Namespace));
    }

    [Fact]
    public async Task WaitingRoom_WhileItWatches_PutsOffTheTimeAtWhichAnybodyLooks_AndLeavesWhatAnotherHas()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.PodsPending = "pod is Pending";
        var watched = world.Cluster.Faults.Hold("watch");
        await worker.RunAsync();
        var first = (await world.OperationAsync(operation.Id)).NotBefore;
        worker.Get<IOptions<ProvisioningOptions>>().Value.LeaseSeconds = 3; // it looks every second
        var room = worker.Get<WaitingRoom>();
        await room.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(async () => (await world.OperationAsync(operation.Id)).NotBefore != first, "it is put off");
        await world.Work.WriteAsync(
            db => db.Operations.ExecuteUpdateAsync(s => s.SetProperty(o => o.WaitingFor, "")),
            TestContext.Current.CancellationToken
        );
        await watched.Cancelled;

        await room.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task WaitingRoom_ClusterThatStopsAnswering_OrAWatchThatBreaks_CallsAWorker()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.PodsPending = "pod is Pending";
        foreach (var problem in new Exception[] { new ClusterUnreachableException("gone"), new InvalidOperationException("a mistake") })
        {
            world.Cluster.Faults.Fail("watch", problem);
            await worker.RunAsync();
            await Eventually.TrueAsync(
                async () => (await world.OperationAsync(operation.Id)).NotBefore == DateTime.UnixEpoch,
                "a worker is called"
            );
        }
    }
}
