using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>Each step at each call that it makes: a failure that passes, one that does not, a person who cancels, and a crash before and
/// after it.</summary>
public sealed class StepFaultTests
{
    /// <summary>Kind of operation, step, who is called, and the call.</summary>
    public static TheoryData<RequestKind, string, string, string> Calls =>
        new()
        {
            { RequestKind.Change, "preflight", "preflight", "run" },
            { RequestKind.Change, "namespace", "cluster", "outside" },
            { RequestKind.Change, "namespace", "cluster", "namespace" },
            { RequestKind.Change, "secrets", "vault", "get" },
            { RequestKind.Change, "secrets", "cluster", "secrets" },
            { RequestKind.Change, "secrets", "cluster", "check-secrets" },
            { RequestKind.Change, "guardrails", "cluster", "apply" },
            { RequestKind.Change, "guardrails", "cluster", "prune-guardrails" },
            { RequestKind.Change, "helm", "helm", "upgrade" },
            { RequestKind.Change, "helm", "helm", "upgrade.locked" },
            { RequestKind.Change, "compare", "helm", "manifest" },
            { RequestKind.Change, "wait", "cluster", "look" },
            { RequestKind.Change, "health", "cluster", "observe" },
            { RequestKind.Change, "health", "cluster", "probe" },
            { RequestKind.Rotate, "probe", "cluster", "pods" },
            { RequestKind.Rotate, "probe", "preflight", "one" },
            { RequestKind.Rotate, "retire", "vault", "disable" },
            { RequestKind.Delete, "uninstall", "helm", "uninstall" },
            { RequestKind.Delete, "remove-namespace", "cluster", "delete" },
            { RequestKind.Delete, "remove-namespace", "cluster", "gone" },
        };

    /// <summary>Nobody may cancel a removal.</summary>
    public static TheoryData<RequestKind, string, string, string> CallsThatMayBeCancelled =>
        [.. Calls.Where(c => c.Data.Item1 != RequestKind.Delete)];

    public static TheoryData<RequestKind, string> Steps
    {
        get
        {
            var data = new TheoryData<RequestKind, string>();
            foreach (var kind in new[] { RequestKind.Change, RequestKind.Rotate, RequestKind.Delete })
            {
                foreach (var step in OperationPlan.Of(kind).Where(s => kind == RequestKind.Change || !OperationPlan.Apply.Contains(s)))
                {
                    data.Add(kind, step.Name);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Run_FailureThatPasses_IsTriedAgainAndComesToItsEnd(RequestKind kind, string step, string who, string call)
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, operation) = await PrepareAsync(world, kind);
        Of(world, who).Fail(call, Transient(who));

        await worker.RunAsync();

        var waiting = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Queued, 1, true), (waiting.State, waiting.Attempts, waiting.ErrorCode.Length > 0));
        Assert.Equal(StepState.Running, waiting.Steps.Single(s => s.Name == step).State);
        Assert.InRange(await world.DelayAsync(operation.Id), 0.5, 2.1);
        Assert.Equal(
            kind == RequestKind.Delete ? EnvironmentState.Deleting : EnvironmentState.Changing,
            (await world.EnvironmentAsync()).State
        );
        Assert.Empty(await world.FindingsAsync());
        Assert.Contains(await world.LogAsync(operation.Id), l => l == $"{step}: Trying again in 2 s (attempt 1 of 20).");

        await world.ComeAsync(operation.Id);
        await worker.RunAsync();

        await EndedWellAsync(world, operation.Id, attempts: 2);
    }

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Run_FailureForGood_EndsThere_AndGoesBackWhereSomethingElseMayServe(
        RequestKind kind,
        string step,
        string who,
        string call
    )
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, operation) = await PrepareAsync(world, kind);
        Of(world, who).Fail(call, Final(who));

        await worker.RunAsync();

        var failed = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Failed, 1), (failed.State, failed.Attempts));
        Assert.NotEqual("internal", failed.ErrorCode);
        Assert.Equal(StepState.Failed, failed.Steps.Single(s => s.Name == step).State);
        Assert.All(failed.Steps.SkipWhile(s => s.Name != step).Skip(1), s => Assert.Equal(StepState.Skipped, s.State));
        Assert.Equal(EnvironmentState.Failed, (await world.EnvironmentAsync()).State);
        Assert.Equal(RequestState.Failed, (await world.RequestAsync(operation.Id)).State);
        Assert.Equal("operation", Assert.Single(await world.FindingsAsync()).Kind);
        Assert.Equal("operation.failed", (await world.ActionsAsync())[^1]);
        Assert.Equal(IsBehindHelm(kind, step) ? 1 : 0, world.Helm.Faults.Count("rollback"));
        if (kind != RequestKind.Delete)
        {
            Assert.Contains("image: gateway:1\n", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(CallsThatMayBeCancelled))]
    public async Task Run_CancelledDuringACall_EndsAtOnce_AndGoesBackWhereSomethingElseMayServe(
        RequestKind kind,
        string step,
        string who,
        string call
    )
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, operation) = await PrepareAsync(world, kind);
        var held = Of(world, who).Hold(call);
        var attempt = worker.RunAsync();
        await held.Reached;

        await worker
            .Get<OperationService>()
            .CancelAsync(new Caller("lead", "", ""), operation.Id, "Not today.", TestContext.Current.CancellationToken);
        await attempt;

        var cancelled = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Cancelled, "cancelled"), (cancelled.State, cancelled.ErrorCode));
        Assert.Equal(StepState.Failed, cancelled.Steps.Single(s => s.Name == step).State);
        Assert.Equal(RequestState.Cancelled, (await world.RequestAsync(operation.Id)).State);
        Assert.Equal("operation.cancelled", (await world.ActionsAsync())[^1]);
        Assert.Contains("image: gateway:1\n", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public Task Run_ProcessThatCrashedBeforeAStep_IsFollowedByOneThatGoesOn(RequestKind kind, string step) =>
        CrashedAsync(kind, $"{step}.before");

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Run_ProcessThatCrashedAfterAStep_IsFollowedByOneThatGoesOn(RequestKind kind, string step)
    {
        if (step != "record")
        {
            await CrashedAsync(kind, $"{step}.after");
            return;
        }

        // Behind the last step the operation is over, and nobody has anything to do with it.
        await using var world = await OperationWorld.CreateAsync();
        var (dead, operation) = await PrepareAsync(world, kind);
        var crashed = await dead.CrashAsync("succeeded.after-commit");
        await world.ExpireAsync();
        Assert.Null(await world.Start().Queue.TryClaimAsync(TestContext.Current.CancellationToken));
        await EndedWellAsync(world, operation.Id, attempts: 1);
        dead.Points.Resume("succeeded.after-commit");
        await crashed;
    }

    [Fact]
    public async Task Run_DatabaseThatDoesNotTakeTheResult_IsTriedAgain()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, operation) = await PrepareAsync(world, RequestKind.Change);
        await world.SqlAsync($"CREATE TRIGGER no_release BEFORE INSERT ON releases BEGIN SELECT RAISE(ABORT, 'no'); END");

        await worker.RunAsync();
        var waiting = await world.OperationAsync(operation.Id);
        Assert.Equal(
            (OperationState.Queued, "database", EnvironmentState.Changing),
            (waiting.State, waiting.ErrorCode, (await world.EnvironmentAsync()).State)
        );
        await world.SqlAsync($"DROP TRIGGER no_release");
        await world.ComeAsync(operation.Id);
        await worker.RunAsync();

        await EndedWellAsync(world, operation.Id, attempts: 2);
    }

    [Fact]
    public async Task Run_HelmKilledWithTheReleaseLocked_IsFreedByTheNextAttempt()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, operation) = await PrepareAsync(world, RequestKind.Change);
        world.Helm.Faults.Fail("upgrade.locked", new HelmException(HelmFailure.Killed, "Helm was killed from outside.", isTransient: true));

        await worker.RunAsync();
        Assert.Equal(["1 deployed", "2 pending-upgrade"], world.Helm.History(OperationWorld.Namespace));
        await world.ComeAsync(operation.Id);
        await worker.RunAsync();

        await EndedWellAsync(world, operation.Id, attempts: 2);
        Assert.Equal("4 deployed", world.Helm.History(OperationWorld.Namespace)[^1]);
    }

    [Fact]
    public async Task Run_ReleaseThatSomebodyLeftLocked_IsFreedWithinTheAttempt()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, operation) = await PrepareAsync(world, RequestKind.Change);
        world.Helm.Interfere(OperationWorld.Namespace, world.Helm.Deployed(OperationWorld.Namespace)!, "pending-upgrade");

        await worker.RunAsync();

        await EndedWellAsync(world, operation.Id, attempts: 1);
        Assert.Equal(1, world.Helm.Faults.Count("recover"));
    }

    // A process that crashed comes no further; when its lease has run out, another one takes over.
    private static async Task CrashedAsync(RequestKind kind, string point)
    {
        await using var world = await OperationWorld.CreateAsync();
        var (dead, operation) = await PrepareAsync(world, kind);
        var crashed = await dead.CrashAsync(point);
        await world.ExpireAsync();
        await world.Start().RunAsync();

        await EndedWellAsync(world, operation.Id, attempts: 2);
        Assert.Equal(
            kind == RequestKind.Delete ? [] : ["deployed"],
            world.Helm.History(OperationWorld.Namespace).Select(h => h.Split(' ')[1]).Where(s => s != "superseded")
        );

        // Even if it lives after all, it changes nothing any more; it may look.
        var (releases, version) = (world.Helm.History(OperationWorld.Namespace), (await world.EnvironmentAsync()).Version);
        dead.Points.Resume(point);
        await crashed;
        Assert.Equal(releases, world.Helm.History(OperationWorld.Namespace));
        Assert.Equal(version, (await world.EnvironmentAsync()).Version);
        await EndedWellAsync(world, operation.Id, attempts: 2);
    }

    private static async Task<(Worker Worker, Operation Operation)> PrepareAsync(OperationWorld world, RequestKind kind)
    {
        await world.StoreAsync("REDIS_URL");
        var worker = await world.ServingAsync();
        world.Preflight.Answer("redis", CheckStatus.Passed);
        if (kind == RequestKind.Rotate)
        {
            await world.StoreAsync("REDIS_URL");
        }

        return (worker, await world.ApproveAsync(kind));
    }

    private static async Task EndedWellAsync(OperationWorld world, Guid id, int attempts)
    {
        var done = await world.OperationAsync(id);
        Assert.Equal((OperationState.Succeeded, attempts, ""), (done.State, done.Attempts, done.ErrorCode));
        Assert.All(done.Steps, s => Assert.Equal(StepState.Succeeded, s.State));
        Assert.Empty(await world.FindingsAsync());
        var environment = await world.EnvironmentAsync();
        if (done.Kind == RequestKind.Delete)
        {
            Assert.Equal(EnvironmentState.Deleted, environment.State);
            Assert.Null(world.Cluster.Namespace(OperationWorld.Namespace));
            return;
        }

        Assert.Equal((EnvironmentState.Ready, 2), (environment.State, environment.AppliedRevision));
        Assert.Contains("image: gateway:2\n", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
        Assert.Equal(
            done.Kind == RequestKind.Rotate ? ["REDIS_URL v1 Disabled", "REDIS_URL v2 Current"] : ["REDIS_URL v1 Current"],
            await world.VersionsAsync()
        );
        Assert.Single(world.Cluster.Namespace(OperationWorld.Namespace)!.Secrets);
    }

    private static bool IsBehindHelm(RequestKind kind, string step) =>
        kind != RequestKind.Delete
        && OperationPlan.Of(kind).SkipWhile(s => s.AfterCrash != AfterCrash.RunAgainOrGoBack).Any(s => s.Name == step);

    private static Faults Of(OperationWorld world, string who) =>
        who switch
        {
            "helm" => world.Helm.Faults,
            "vault" => world.Vault.Faults,
            "preflight" => world.Preflight.Faults,
            _ => world.Cluster.Faults,
        };

    private static Exception Transient(string who) =>
        who switch
        {
            "helm" => new HelmException(HelmFailure.Unreachable, "The API server did not answer.", isTransient: true),
            "vault" => new VaultException(VaultFailure.Unavailable, "The vault did not answer."),
            _ => new ClusterUnreachableException("The cluster did not answer."),
        };

    private static Exception Final(string who) =>
        who switch
        {
            "helm" => new HelmException(HelmFailure.Rejected, "The API server refused it.", isTransient: false),
            "vault" => new VaultException(VaultFailure.Damaged, "It cannot be read."),
            _ => new ClusterRejectedException("manifest-invalid", "The API server refused it."),
        };
}
