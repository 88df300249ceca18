using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations.Steps;

/// <summary>What preflight's answers mean for an operation.</summary>
public sealed class PreflightStepTests
{
    [Fact]
    public async Task Run_CheckThatFails_EndsTheOperationBeforeAnythingIsChanged()
    {
        await using var world = await OperationWorld.CreateAsync();
        var operation = await world.ApproveAsync();
        world.Preflight.Results =
        [
            Result("quota", CheckStatus.Failed, "The quota has no room.", "Ask for less.") with
            {
                Code = "no-room",
            },
            Result("redis", CheckStatus.Failed, "No answer.", "Look at it."),
            Result("nodes", CheckStatus.Warning, "It is tight.", ""),
            Result("blob", CheckStatus.Skipped, "Only a pod may.", ""),
        ];

        await world.Start().RunAsync();

        var failed = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Failed, "no-room"), (failed.State, failed.ErrorCode));
        Assert.Equal(
            "Preflight stopped it before anything was changed. The quota has no room. Ask for less. No answer. Look at it.",
            failed.ErrorMessage
        );
        Assert.Equal(
            [
                "preflight: quota: failed, from the portal. The quota has no room. Ask for less.",
                "preflight: redis: failed, from the portal. No answer. Look at it.",
                "preflight: nodes: warning, from the portal. It is tight.",
                "preflight: blob: not checked, from the portal. Only a pod may.",
            ],
            (await world.LogAsync(operation.Id)).Take(4)
        );
        Assert.Null(world.Cluster.Namespace(OperationWorld.Namespace));
    }

    [Fact]
    public async Task Run_CheckThatCouldNotLookNow_IsTriedAgain()
    {
        await using var world = await OperationWorld.CreateAsync();
        var operation = await world.ApproveAsync();
        world.Preflight.Results =
        [
            Result("cluster", CheckStatus.Failed, "No answer.", "") with
            {
                Transient = new ClusterUnreachableException("No answer."),
            },
        ];

        await world.Start().RunAsync();

        Assert.Equal(
            (OperationState.Queued, "cluster-unreachable"),
            ((await world.OperationAsync(operation.Id)).State, (await world.OperationAsync(operation.Id)).ErrorCode)
        );
    }

    [Fact]
    public async Task Run_PassedInAnEarlierAttempt_IsNotGoneThroughTwice()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = world.Start();
        var operation = await world.ApproveAsync();
        world.Cluster.Faults.Fail("apply", new ClusterUnreachableException("away"));
        await worker.RunAsync();
        world.Preflight.Results = [Result("quota", CheckStatus.Failed, "Half-way there.", "")];

        await world.ComeAsync(operation.Id);
        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(operation.Id)).State);
        Assert.Equal(1, world.Preflight.Faults.Count("run"));
        Assert.Contains("preflight: An earlier attempt passed preflight.", await world.LogAsync(operation.Id));
    }

    [Fact]
    public async Task Run_Subject_IsTheRevisionWithItsPinsAndTheZonesOfItsProfile()
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.AddAsync(
            new Profile
            {
                Name = "dev",
                DisplayName = "Dev",
                Description = "",
                Order = 1,
                Replicas = 1,
                MaxReplicas = 1,
                Zones = 3,
                CpuRequest = "1",
                CpuLimit = "1",
                MemoryRequest = "1Gi",
                MemoryLimit = "1Gi",
                NodeCpu = 1,
                NodeMemoryGiB = 1,
                BuiltInRedisAllowed = true,
            }
        );
        await world.StoreAsync("REDIS_URL");
        await world.ApproveAsync();

        await world.Start().RunAsync();

        var subject = world.Preflight.Subject!;
        Assert.Equal(
            (OperationWorld.Namespace, world.Environment, 3, true),
            (subject.Namespace, subject.EnvironmentId, subject.Zones, subject.IsApproved)
        );
        Assert.Equal(["REDIS_URL"], subject.Pins.Keys);
    }

    [Fact]
    public async Task Run_TagThatStandsForAnotherImageThanApproversSaw_Warns()
    {
        await using var world = await OperationWorld.CreateAsync();
        var operation = await world.ApproveAsync();
        var seen = Result("image", CheckStatus.Passed, "ok", "") with { Images = [new ImageDigest("gateway:1", "sha256:old")] };
        await world.AddAsync(
            new PreflightRun
            {
                ChangeRequestId = operation.ChangeRequestId,
                State = PreflightState.Finished,
                RequestedAt = DateTime.UtcNow,
                RequestedBy = "lead",
                ResultsJson = Provisioning.Common.PortalJson.Write(new[] { seen }),
            }
        );
        world.Preflight.Results = [seen with { Images = [new ImageDigest("gateway:1", "sha256:new")] }];

        await world.Start().RunAsync();

        Assert.Contains(
            await world.LogAsync(operation.Id),
            l =>
                l.StartsWith("preflight: gateway:1 is not the image that approvers were shown: it was sha256:old", StringComparison.Ordinal)
        );
    }

    private static CheckResult Result(string id, CheckStatus status, string message, string cure) =>
        new(id, id, status, message, cure, 1) { LookedFrom = LookedFrom.Portal };
}
