using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>From the queue to a worker, what a removal makes needless, and what people may do with an operation.</summary>
public sealed class QueueAndServiceTests
{
    private static readonly Caller Lead = new("lead", "127.0.0.1", "test");
    private static readonly Caller Stranger = new("stranger", "127.0.0.1", "test");

    [Fact]
    public async Task Dispatcher_Rung_CarriesOutWhatIsInTheQueue_OneOfAnEnvironmentAfterTheOther()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var dispatcher = worker.All<IHostedService>().OfType<OperationDispatcher>().Single();
        var (first, second) = (await world.ApproveAsync(), await world.ApproveAsync(RequestKind.Change));
        await dispatcher.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(async () => (await world.OperationAsync(second.Id)).IsFinished, "both are carried out");
        await dispatcher.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            (OperationState.Succeeded, OperationState.Succeeded),
            ((await world.OperationAsync(first.Id)).State, (await world.OperationAsync(second.Id)).State)
        );
        Assert.Equal(["1 superseded", "2 deployed"], world.Helm.History(OperationWorld.Namespace));
        Assert.True((await world.OperationAsync(first.Id)).EndedAt <= (await world.OperationAsync(second.Id)).StartedAt);
    }

    [Fact]
    public async Task Dispatcher_Stopped_WaitsForWhatRuns_AndThenStopsIt()
    {
        await using var world = await OperationWorld.CreateAsync();
        world.Configure = o => o.DrainSeconds = 0;
        var worker = world.Start();
        var dispatcher = worker.All<IHostedService>().OfType<OperationDispatcher>().Single();
        var operation = await world.ApproveAsync();
        var held = world.Helm.Faults.Hold("upgrade");
        await dispatcher.StartAsync(TestContext.Current.CancellationToken);
        await held.Reached;

        await dispatcher.StopAsync(TestContext.Current.CancellationToken);

        await held.Cancelled;
        Assert.Equal(
            (OperationState.Queued, QueueTurns.Stopped),
            ((await world.OperationAsync(operation.Id)).State, (await world.OperationAsync(operation.Id)).ErrorCode)
        );
        dispatcher.Dispose();
    }

    [Fact]
    public async Task Run_RemovalApprovedBehindAnOperationThatWaits_EndsThatWithoutGoingBack()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        var change = await world.ApproveAsync(RequestKind.Change);
        world.Cluster.PodsPending = "pod is Pending";
        world.Cluster.Faults.Hold("watch");
        await worker.RunAsync();
        var removal = await world.ApproveAsync(RequestKind.Delete);

        await worker.RunAsync();
        var superseded = await world.OperationAsync(change.Id);
        Assert.Equal((OperationState.Cancelled, "superseded", 1), (superseded.State, superseded.ErrorCode, superseded.Attempts));
        Assert.Equal(RequestState.Cancelled, (await world.RequestAsync(change.Id)).State);
        Assert.Equal(0, world.Helm.Faults.Count("rollback"));
        Assert.Equal("operation.cancelled", (await world.ActionsAsync())[^1]);
        Assert.All(superseded.Steps.SkipWhile(s => s.Name != "wait"), s => Assert.Equal(StepState.Skipped, s.State));

        await worker.RunAsync();
        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(removal.Id)).State);
    }

    [Fact]
    public async Task Queue_WithMoreThanOneCluster_KeepsAPlaceForTheOthers()
    {
        await using var world = await OperationWorld.CreateAsync();
        world.Configure = o => o.WorkerConcurrency = 2;
        await world.AddAsync(
            new Data.Cluster
            {
                Name = "other",
                DisplayName = "Other",
                KubeconfigSource = "file:/nowhere",
            }
        );
        var worker = world.Start();
        await world.ApproveAsync();
        var sibling = new GatewayEnvironment
        {
            Id = Guid.NewGuid(),
            Name = "b",
            TeamId = world.Team.Id,
            ClusterId = world.Row.Id,
            Namespace = "b",
            ReleaseName = "portkey-gateway",
            Edition = Edition.Oss,
            Profile = "dev",
            CreatedAt = DateTime.UtcNow,
            CreatedBy = "lead",
        };
        await world.AddAsync(sibling, OperationPlan.New(sibling.Id, Guid.NewGuid(), RequestKind.Create, 1, "lead", DateTime.UtcNow));

        var first = await worker.ClaimAsync();
        Assert.Null(await worker.Queue.TryClaimAsync(TestContext.Current.CancellationToken));
        // another process has places of its own
        Assert.NotNull(await world.Start().Queue.TryClaimAsync(TestContext.Current.CancellationToken));
        await first.Fence.ReleaseAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Get_OperationThatWaitsForItsTurn_TellsHowManyAreAhead()
    {
        await using var world = await OperationWorld.CreateAsync();
        var service = world.Start().Get<OperationService>();
        var (first, second) = (await world.ApproveAsync(), await world.ApproveAsync(RequestKind.Change));

        Assert.Equal(0, (await service.GetAsync(Lead, first.Id, TestContext.Current.CancellationToken)).Ahead);
        var view = await service.GetAsync(Lead, second.Id, TestContext.Current.CancellationToken);

        Assert.Equal(
            (1, "checkout", "payments", true, false),
            (view.Ahead, view.EnvironmentName, view.Team, view.MayCancel, view.MayRetry)
        );
        Assert.Equal(
            [
                "Preflight",
                "Prepare namespace",
                "Write secrets",
                "Apply guardrails",
                "Run Helm",
                "Compare with the approval",
                "Wait for pods",
                "Ask the gateway",
                "Record the result",
            ],
            view.Steps.Select(s => s.Title)
        );
        await Assert.ThrowsAsync<NotFoundException>(() => service.GetAsync(Stranger, second.Id, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<NotFoundException>(() => service.GetAsync(Lead, Guid.NewGuid(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Get_OperationThatFailed_SaysWhatSinceWhenAfterWhichChangeAndWhatHelps()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var failed = await world.ApproveAsync();
        world.Cluster.Rollout = new(
            Succeeded: false,
            "image-pull",
            "Pod portkey-gateway-1 cannot get its image gateway:9: the registry has no such image or tag.",
            [],
            []
        );
        await worker.RunAsync();

        var view = await worker.Get<OperationService>().GetAsync(Lead, failed.Id, TestContext.Current.CancellationToken);

        var trouble = view.Trouble!;
        Assert.Equal(
            ("image-pull", "The gateway cannot get its image gateway:9: the registry has no such image or tag."),
            (trouble.Code, trouble.Cause)
        );
        Assert.Equal((CureKind.ChangeImage, view.EndedAt, failed.Id), (trouble.Cure.Kind, trouble.Since, trouble.OperationId));
        Assert.Equal((RequestKind.Create, 1), (trouble.Change!.Kind, trouble.Change.Revision));
        Assert.NotEmpty(trouble.Change.RequestedBy);
        Assert.Contains(trouble.Others, o => o.Kind == CureKind.TryAgain);
    }

    [Fact]
    public async Task Log_AfterACursor_GivesWhatCameSince()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        await worker.RunAsync();
        var service = worker.Get<OperationService>();

        var all = await service.LogAsync(Lead, operation.Id, 0, TestContext.Current.CancellationToken);
        var rest = await service.LogAsync(Lead, operation.Id, all[2].Id, TestContext.Current.CancellationToken);

        Assert.Equal(all.Skip(3), rest);
        Assert.Equal("preflight", all[0].Step);
    }

    [Fact]
    public async Task Cancel_FinishedOrARemoval_IsRefused_AndTwiceIsOnce()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        var service = worker.Get<OperationService>();
        var change = await world.ApproveAsync(RequestKind.Change);
        await service.CancelAsync(Lead, change.Id, "", TestContext.Current.CancellationToken);
        Assert.True((await service.CancelAsync(Lead, change.Id, "", TestContext.Current.CancellationToken)).CancelRequested);
        Assert.Single(await world.ActionsAsync(), a => a == "operation.cancel-requested");
        await worker.RunAsync();
        Assert.Equal((OperationState.Cancelled, 0), ((await world.OperationAsync(change.Id)).State, world.Helm.Faults.Count("rollback")));

        Assert.Equal(
            "operation-finished",
            (
                await Assert.ThrowsAsync<ConflictException>(() =>
                    service.CancelAsync(Lead, change.Id, "", TestContext.Current.CancellationToken)
                )
            ).Code
        );
        var removal = await world.ApproveAsync(RequestKind.Delete);
        Assert.Equal(
            "not-cancellable",
            (
                await Assert.ThrowsAsync<ConflictException>(() =>
                    service.CancelAsync(Lead, removal.Id, "", TestContext.Current.CancellationToken)
                )
            ).Code
        );
    }

    [Fact]
    public async Task Retry_OperationThatFailed_IsANewOneOfTheSameContent()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var service = worker.Get<OperationService>();
        var failed = await world.ApproveAsync();
        Assert.Equal(
            "not-failed",
            (
                await Assert.ThrowsAsync<ConflictException>(() =>
                    service.RetryAsync(Lead, failed.Id, "", TestContext.Current.CancellationToken)
                )
            ).Code
        );
        world.Cluster.HasService = false;
        await worker.RunAsync();
        world.Cluster.HasService = true;

        var retry = await service.RetryAsync(Lead, failed.Id, " Fixed. ", TestContext.Current.CancellationToken);
        Assert.Equal(
            "superseded",
            (
                await Assert.ThrowsAsync<ConflictException>(() =>
                    service.RetryAsync(Lead, failed.Id, "", TestContext.Current.CancellationToken)
                )
            ).Code
        );
        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(retry.Id)).State);
        Assert.Equal(EnvironmentState.Ready, (await world.EnvironmentAsync()).State);
        Assert.Equal(
            (RequestState.Applied, ""),
            ((await world.RequestAsync(retry.Id)).State, (await world.RequestAsync(retry.Id)).Outcome)
        );
        Assert.Contains("operation.retried", await world.ActionsAsync());
    }
}
