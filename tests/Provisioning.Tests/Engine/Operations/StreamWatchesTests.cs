using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Portkey.Portal.Shared;
using Xunit;
using StreamTally = Portkey.Portal.Provisioning.Engine.Operations.StreamTally;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>Synthetic streams of an operation that replaces pods.</summary>
public sealed class StreamWatchesTests
{
    [Fact]
    public async Task Run_WithoutAnAddress_OrForTheFirstRevision_SendsNone()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        await world.ApproveAsync(RequestKind.Change);
        await worker.RunAsync();
        Assert.Equal(0, world.Cluster.Faults.Count("stream"));
    }

    [Fact]
    public async Task Run_StreamsThatAllFinish_AreCountedAndTold()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, change) = await PrepareAsync(world);

        await worker.RunAsync();

        var done = await world.OperationAsync(change.Id);
        var tally = StreamTally.Read(done.StreamsJson)!;
        Assert.Equal(OperationState.Succeeded, done.State);
        Assert.True(tally is { Opened: > 0, Cut: 0 } && tally.Opened == tally.Finished, $"{tally}");
        Assert.Contains(
            "helm: Synthetic streams are sent through the gateway while its pods are replaced, 2 at a time.",
            await world.LogAsync(change.Id)
        );
        Assert.Contains($"health: {tally.Sentence}", await world.LogAsync(change.Id));
    }

    [Fact]
    public async Task Run_MoreStreamsCutThanMayBe_GoesBack()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, change) = await PrepareAsync(world);
        var held = world.Helm.Faults.Hold("upgrade");
        var attempt = worker.RunAsync();
        await held.Reached;
        world.Cluster.Stream = new(Finished: false, Counts: true, TimeSpan.FromMilliseconds(10), "a stream was cut");
        var before = world.Cluster.Faults.Count("stream");
        await Eventually.TrueAsync(() => world.Cluster.Faults.Count("stream") > before + 4, "streams are cut");

        held.Release();
        await attempt;

        var failed = await world.OperationAsync(change.Id);
        Assert.Equal((OperationState.Failed, "streams-cut"), (failed.State, failed.ErrorCode));
        Assert.Contains("Cut last: a stream was cut.", failed.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(1, world.Helm.Faults.Count("rollback"));
    }

    [Fact]
    public async Task Run_GatewayThatRefusesTheFirst_GoesOnAndSaysWhy()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, change) = await PrepareAsync(world);
        world.Cluster.Stream = new(Finished: false, Counts: true, TimeSpan.Zero, "refused");

        await worker.RunAsync();

        var done = await world.OperationAsync(change.Id);
        Assert.Equal(
            (OperationState.Succeeded, "No synthetic streams were sent: refused."),
            (done.State, StreamTally.Read(done.StreamsJson)!.Note)
        );
    }

    [Fact]
    public async Task Run_NothingThatCouldBeCalled_GoesOnAndSaysSo()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, change) = await PrepareAsync(world);
        world.Cluster.HasService = false;

        await worker.RunAsync();

        Assert.Contains("helm: No synthetic streams were sent: there is no Service of a gateway yet.", await world.LogAsync(change.Id));
    }

    [Fact]
    public async Task Run_AttemptThatFailsMeanwhile_EndsItsStreams_AndTheNextCountsOn()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, change) = await PrepareAsync(world);
        world.Cluster.Faults.Fail("look", new Provisioning.Clusters.Kubernetes.ClusterUnreachableException("away"));
        await worker.RunAsync();
        var first = StreamTally.Read((await world.OperationAsync(change.Id)).StreamsJson)!;

        await world.ComeAsync(change.Id);
        await worker.RunAsync();

        var all = StreamTally.Read((await world.OperationAsync(change.Id)).StreamsJson)!;
        Assert.True(first.Opened > 0 && all.Opened > first.Opened, $"{first} {all}");
    }

    private static async Task<(Worker Worker, Operation Change)> PrepareAsync(OperationWorld world)
    {
        (world.Streams.Url, world.Streams.Concurrent) = ("http://echo.internal:8080/v1", 2);
        var worker = await world.ServingAsync();
        return (worker, await world.ApproveAsync(RequestKind.Change));
    }
}
