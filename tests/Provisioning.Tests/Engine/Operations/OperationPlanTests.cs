using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.Operations.Steps;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

public sealed class OperationPlanTests
{
    public static TheoryData<RequestKind> Kinds => [.. Enum.GetValues<RequestKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Of_AnyKind_EndsWithTheRecord_AndHoldsNoStepTwice(RequestKind kind)
    {
        var plan = OperationPlan.Of(kind);

        Assert.Same(RecordStep.Info, plan[^1]);
        Assert.Equal(plan.Count, plan.Select(s => s.Name).Distinct(StringComparer.Ordinal).Count());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void New_AnyKind_HasTheStepsOfItsPlan(RequestKind kind)
    {
        var operation = OperationPlan.New(Guid.NewGuid(), Guid.NewGuid(), kind, 3, "admin-1", DateTime.UtcNow);

        Assert.Equal(OperationPlan.Of(kind).Select((s, i) => (s.Name, i)), operation.Steps.Select(s => (s.Name, s.Order)));
        Assert.All(operation.Steps, s => Assert.Equal((operation.Id, StepState.Pending), (s.OperationId, s.State)));
        Assert.Equal(DateTime.UnixEpoch, operation.NotBefore);
    }

    [Fact]
    public void TitleOf_EachStep_IsItsOwn_AndThatOfAnUnknownOneItsName()
    {
        Assert.Equal("Wait for pods", OperationPlan.TitleOf("wait"));
        Assert.Equal("from-another-version", OperationPlan.TitleOf("from-another-version"));
        Assert.Equal(OperationPlan.All.Count, OperationPlan.All.Select(s => s.Title).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Steps_OfAWorker_AreThoseOfThePlans_AndEveryClassStandsInOne()
    {
        await using var world = await OperationWorld.CreateAsync();
        var registered = world.Start().All<IOperationStep>().ToList();

        Assert.Equal(OperationPlan.All, registered.Select(s => s.Info));
        Assert.All(registered, s => Assert.Equal(s.Info.Step, s.GetType()));
        Assert.Equal(
            typeof(IOperationStep)
                .Assembly.GetTypes()
                .Where(t => t.IsClass && t.IsAssignableTo(typeof(IOperationStep)))
                .Select(t => t.Name)
                .Order(StringComparer.Ordinal),
            OperationPlan.All.Select(s => s.Step.Name).Order(StringComparer.Ordinal)
        );
    }

    // What differs between steps is said by the steps: whoever goes through them knows none by name. A finding has the name of one, health.
    [Theory]
    [InlineData("OperationRunner.cs")]
    [InlineData("StepSequence.cs")]
    [InlineData("OperationLoader.cs")]
    [InlineData("FailedAttempt.cs")]
    [InlineData("OperationOutcome.cs")]
    public void Source_OfWhatGoesThroughSteps_NamesNone(string file)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "src", "Provisioning", "Engine", "Operations", file));

        Assert.DoesNotContain(OperationPlan.All, s => text.Contains($"\"{s.Name}\"", StringComparison.Ordinal) && s.Name != "health");
        Assert.DoesNotContain(OperationPlan.All, s => text.Contains(s.Step.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_StepOfAnotherVersion_FailsAndSaysSo()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        await world.ApproveAsync();
        var context = await worker
            .Get<OperationLoader>()
            .LoadAsync(
                await worker.ClaimAsync(),
                null,
                new OperationLog(world.Work, worker.Get<Provisioning.Common.LiveUpdates>(), world.Time, Guid.NewGuid()),
                TestContext.Current.CancellationToken
            );
        context.Operation.Steps.Clear();
        context.Operation.Steps.Add(
            new OperationStep
            {
                OperationId = context.Operation.Id,
                Order = 0,
                Name = "from-another-version",
            }
        );

        var problem = await Assert.ThrowsAsync<OperationFailedException>(() =>
            worker
                .Get<StepSequence>()
                .RunAsync(
                    context,
                    new AttemptWatch(
                        world.Work,
                        worker.Get<Provisioning.Common.LiveUpdates>(),
                        new Claim(context.Operation.Id, context.Fence, Resumed: false, 0)
                    ),
                    TestContext.Current.CancellationToken
                )
        );

        Assert.Equal("unknown-step", problem.Code);
        await context.Log.DisposeAsync();
    }
}
