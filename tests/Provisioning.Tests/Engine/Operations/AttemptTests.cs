using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>How one attempt ends: tried again, given up, stopped with the portal, or taken away.</summary>
public sealed class AttemptTests
{
    [Fact]
    public async Task Run_ClusterThatDoesNotAnswer_IsAskedAgainAndAgain_UntilTheAttemptsAreOver()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.Faults.Fail("reach", new ClusterUnreachableException("No answer."), RetryPolicy.MaxAttempts);
        var delays = new List<double>();

        for (var attempt = 1; attempt < RetryPolicy.MaxAttempts; attempt++)
        {
            await worker.RunAsync();
            delays.Add(await world.DelayAsync(operation.Id));
            await world.ComeAsync(operation.Id);
        }

        await worker.RunAsync();

        // Some of each has passed when it is looked at.
        Assert.All(
            delays.Take(7).Zip([2, 4, 8, 16, 32, 60, 60]),
            d => Assert.InRange(d.First, d.Second / 2.0, d.Second)
        );
        var failed = await world.OperationAsync(operation.Id);
        Assert.Equal(
            (OperationState.Failed, RetryPolicy.MaxAttempts, "cluster-unreachable", "No answer."),
            (failed.State, failed.Attempts, failed.ErrorCode, failed.ErrorMessage)
        );
        Assert.Empty(world.Helm.Faults.Calls);
        Assert.Single(await world.ActionsAsync(), a => a == "operation.started");
    }

    [Fact]
    public async Task Run_RefusedForWantOfRights_IsBelievedAtTheSecondTime()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.Faults.Fail("namespace", new ClusterForbiddenException("The portal may not."), 2);

        await worker.RunAsync();
        Assert.Equal(OperationState.Queued, (await world.OperationAsync(operation.Id)).State);
        Assert.InRange(await world.DelayAsync(operation.Id), 3.5, 5.1);
        await world.ComeAsync(operation.Id);
        await worker.RunAsync();

        Assert.Equal(
            (OperationState.Failed, "cluster-forbidden"),
            ((await world.OperationAsync(operation.Id)).State, (await world.OperationAsync(operation.Id)).ErrorCode)
        );
    }

    [Fact]
    public async Task Run_MistakeOfOurs_FailsWithoutTellingWhatItWas()
    {
        await using var world = await OperationWorld.CreateAsync();
        var operation = await world.ApproveAsync();
        world.Cluster.Faults.Fail("apply", new InvalidOperationException("value-1-of-REDIS_URL"));

        await world.Start().RunAsync();

        var failed = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Failed, "internal"), (failed.State, failed.ErrorCode));
        Assert.DoesNotContain("value-1", failed.ErrorMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(await world.LogAsync(operation.Id), l => l.Contains("value-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_FailureThatQuotesASecret_IsRedacted()
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.StoreAsync("REDIS_URL");
        var operation = await world.ApproveAsync();
        world.Helm.Faults.Fail("upgrade", new HelmException(HelmFailure.Rejected, "invalid: value-1-of-REDIS_URL", isTransient: false));

        await world.Start().RunAsync();

        Assert.Equal("helm-rejected", (await world.OperationAsync(operation.Id)).ErrorCode);
        Assert.DoesNotContain("value-1", (await world.OperationAsync(operation.Id)).ErrorMessage, StringComparison.Ordinal);
        Assert.DoesNotContain(await world.LogAsync(operation.Id), l => l.Contains("value-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_PortalThatStops_LetsTheOperationGoOnLater_AndDoesNotCountItAsItsFault()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        var held = world.Helm.Faults.Hold("upgrade");
        using var stop = new CancellationTokenSource();
        var attempt = worker.RunAsync(stop.Token);
        await held.Reached;

        await stop.CancelAsync();
        await attempt;

        var stopped = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Queued, QueueTurns.Stopped), (stopped.State, stopped.ErrorCode));
        Assert.InRange(await world.DelayAsync(operation.Id), -60, 0.1);
        await world.Start().RunAsync();
        Assert.Equal(
            (OperationState.Succeeded, 2),
            ((await world.OperationAsync(operation.Id)).State, (await world.OperationAsync(operation.Id)).Attempts)
        );
        Assert.Contains(": Attempt 2: checking the real state, then continuing.", await world.LogAsync(operation.Id));
    }

    [Fact]
    public async Task Run_LeaseThatAnotherWorkerTook_WritesNothingAndTouchesNothingAnyMore()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        var held = world.Cluster.Faults.Hold("namespace");
        var attempt = worker.RunAsync();
        await held.Reached;
        await world.ExpireAsync();
        var other = await world.Start().ClaimAsync();

        held.Release();
        await attempt;

        var running = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Running, 2, ""), (running.State, running.Attempts, running.ErrorCode));
        Assert.Equal(0, world.Helm.Faults.Count("upgrade"));
        Assert.Equal(other.Fence.Epoch, (await world.EnvironmentAsync()).Lease.Epoch);
        await other.Fence.EnsureAsync(TestContext.Current.CancellationToken); // it was not given back for the other
    }

    [Fact]
    public async Task Watch_LeaseThatAnotherWorkerHas_StopsTheAttempt()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        await world.ApproveAsync();
        var claim = await worker.ClaimAsync();
        await world.SqlAsync($"UPDATE environments SET lease_owner = 'somebody else', lease_epoch = lease_epoch + 1");
        using var attempt = new CancellationTokenSource();
        var watch = new AttemptWatch(world.Work, worker.Get<Provisioning.Common.LiveUpdates>(), Held(claim, seconds: 15));

        await watch.RunAsync(attempt);

        Assert.True(attempt.IsCancellationRequested && watch is { FenceLost: true, CancelRequested: false });
    }

    [Fact]
    public async Task Watch_LeaseWhoseTimeIsNearlyOver_StopsTheAttemptBeforeAnotherMayBegin()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        await world.ApproveAsync();
        var claim = await worker.ClaimAsync();
        await world.SqlAsync(
            $"CREATE TRIGGER no_renewal BEFORE UPDATE OF lease_until ON environments BEGIN SELECT RAISE(ABORT, 'no'); END"
        );
        using var attempt = new CancellationTokenSource();
        // three quarters of thirty
        var watch = new AttemptWatch(world.Work, worker.Get<Provisioning.Common.LiveUpdates>(), Held(claim, seconds: 23));

        await watch.RunAsync(attempt);

        Assert.True(attempt.IsCancellationRequested && watch.FenceLost);
    }

    [Fact]
    public async Task Watch_LeaseOfWhichAThirdIsOver_IsRenewed()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        await world.ApproveAsync();
        var claim = await worker.ClaimAsync();
        var first = (await world.EnvironmentAsync()).Lease.Until;
        using var attempt = new CancellationTokenSource();
        var watch = new AttemptWatch(world.Work, worker.Get<Provisioning.Common.LiveUpdates>(), Held(claim, seconds: 11));

        var watching = watch.RunAsync(attempt);
        await Eventually.TrueAsync(async () => (await world.EnvironmentAsync()).Lease.Until > first, "the lease is renewed");
        await attempt.CancelAsync();
        await watching;

        Assert.False(watch.FenceLost);
    }

    [Fact]
    public async Task Run_KubeconfigThatCannotBeReadNow_IsTriedAgain()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.Faults.Fail("open", new ClusterException("kubeconfig-missing", "It is not there yet.", isTransient: true));

        await worker.RunAsync();

        var waiting = await world.OperationAsync(operation.Id);
        Assert.Equal(
            (OperationState.Queued, "kubeconfig-missing", "It is not there yet."),
            (waiting.State, waiting.ErrorCode, waiting.ErrorMessage)
        );
        Assert.InRange(await world.DelayAsync(operation.Id), 0.5, 2.1);
        await world.ComeAsync(operation.Id);
        await worker.RunAsync();
        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(operation.Id)).State);
    }

    [Fact]
    public async Task Run_KubeconfigThatIsRefused_FailsWhereTheClusterWouldBeUsed()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        await world.ApproveAsync();
        var refusal = new KubeconfigRefusedException(["users[0].exec is not honoured."]);
        world.Cluster.Faults.Fail("open", refusal);

        await using var log = new OperationLog(world.Work, worker.Get<Provisioning.Common.LiveUpdates>(), world.Time, Guid.NewGuid());
        var context = await worker
            .Get<OperationLoader>()
            .LoadAsync(await worker.ClaimAsync(), null, log, TestContext.Current.CancellationToken);

        Assert.NotSame(world.Cluster.Connection, context.Cluster);
        var problem = await Assert.ThrowsAsync<KubeconfigRefusedException>(() =>
            context.Cluster.GetAsync("/version", TestContext.Current.CancellationToken)
        );
        Assert.Equal(refusal.Message, problem.Message);
    }

    [Fact]
    public async Task Run_DatabaseThatTakesNoResultAtAll_LeavesItToTheNextClaim()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        await world.SqlAsync(
            $"CREATE TRIGGER no_operations BEFORE UPDATE OF started_at, error_code ON operations WHEN NEW.state <> 'Running' OR NEW.started_at IS NOT NULL BEGIN SELECT RAISE(ABORT, 'no'); END"
        );

        await worker.RunAsync();

        Assert.Equal(OperationState.Running, (await world.OperationAsync(operation.Id)).State);
        Assert.Null((await world.EnvironmentAsync()).Lease.Until);
        await world.SqlAsync($"DROP TRIGGER no_operations");
        await world.Start().RunAsync();
        Assert.Equal(
            (OperationState.Succeeded, 2),
            ((await world.OperationAsync(operation.Id)).State, (await world.OperationAsync(operation.Id)).Attempts)
        );
    }

    [Fact]
    public async Task Run_GatewayThatAnswersLate_IsAskedUntilItDoes()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        for (var i = 0; i < 3; i++)
        {
            world.Cluster.FirstAnswers.Enqueue(new(Ran: true, Ok: false, StatusCode: null, 1, "no endpoints available."));
        }

        await worker.RunAsync();

        Assert.Equal(4, world.Cluster.Faults.Count("probe"));
        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(operation.Id)).State);
        Assert.Contains("health: The gateway answered 200 at / in 3 ms.", await world.LogAsync(operation.Id));
    }

    [Theory]
    [InlineData(true, 503, OperationState.Failed, "gateway-does-not-answer", 15)]
    [InlineData(true, null, OperationState.Failed, "gateway-does-not-answer", 60)]
    [InlineData(false, null, OperationState.Queued, "cluster-unreachable", 15)]
    public async Task Run_GatewayThatDoesNotAnswer_IsGivenUpInTime(bool ran, int? status, OperationState state, string code, int seconds)
    {
        await using var world = await OperationWorld.CreateAsync();
        var operation = await world.ApproveAsync();
        world.Cluster.Answer = new(ran, Ok: false, status, 1, "no good answer.");

        await world.Start().RunAsync();

        Assert.Equal(
            (state, code),
            ((await world.OperationAsync(operation.Id)).State, (await world.OperationAsync(operation.Id)).ErrorCode)
        );
        Assert.InRange(world.Time.Skipped.TotalSeconds, seconds - 5, seconds + 1);
    }

    // As if it had been claimed that long ago.
    private static Claim Held(Claim claim, int seconds) =>
        claim with
        {
            Since = System.Diagnostics.Stopwatch.GetTimestamp() - (seconds * System.Diagnostics.Stopwatch.Frequency),
        };
}
