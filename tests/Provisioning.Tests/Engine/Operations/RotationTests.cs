using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>A rotation: proof, soak, and what becomes of both versions.</summary>
public sealed class RotationTests
{
    [Fact]
    public async Task Run_WithASoak_LetsGoUntilItIsOver_ThenAsksAndTriesOnceMore()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, rotation) = await PrepareAsync(world);
        world.Rotation.SoakSeconds = 360;

        await worker.RunAsync();

        var soaking = await world.OperationAsync(rotation.Id);
        Assert.Equal(
            (OperationState.Queued, 1, "", soaking.SoakUntil),
            (soaking.State, soaking.Attempts, soaking.ErrorCode, soaking.NotBefore)
        );
        Assert.InRange(await world.DelayAsync(rotation.Id), 300, 361);
        Assert.Equal(StepState.Running, soaking.Steps.Single(s => s.Name == "soak").State);
        Assert.Equal("", (await world.EnvironmentAsync()).Lease.Owner);
        Assert.Empty(world.Vault.Disabled);
        Assert.Contains(
            "soak: Both versions are valid. The new one serves for 6 minutes before the old one is disabled.",
            await world.LogAsync(rotation.Id)
        );

        await world.SqlAsync($"UPDATE operations SET soak_until = '2001-01-01 00:00:00' WHERE soak_until IS NOT NULL");
        await world.ComeAsync(rotation.Id);
        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(rotation.Id)).State);
        Assert.Equal(1, world.Helm.Faults.Count("upgrade") - 1); // that of the creation
        Assert.Equal(2, world.Preflight.Faults.Count("one"));
        Assert.Equal(["env-redis-url/env-redis-url-version-1"], world.Vault.Disabled);
        var log = await world.LogAsync(rotation.Id);
        Assert.Contains(": Asking the gateway and trying the new version once more.", log);
        Assert.Contains("soak: The new version has served for its time, and the gateway still answers.", log);
    }

    [Fact]
    public async Task Run_TakenUpBeforeTheSoakIsOver_LetsGoAgain()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, rotation) = await PrepareAsync(world);
        world.Rotation.SoakSeconds = 45;
        await worker.RunAsync();
        var until = (await world.OperationAsync(rotation.Id)).SoakUntil;

        await world.ComeAsync(rotation.Id);
        await worker.RunAsync();

        var soaking = await world.OperationAsync(rotation.Id);
        Assert.Equal((OperationState.Queued, until, until), (soaking.State, soaking.SoakUntil, soaking.NotBefore));
        var log = await world.LogAsync(rotation.Id);
        Assert.Contains("soak: Both versions are valid. The new one serves for 45 s before the old one is disabled.", log);
        Assert.Contains("soak: Both versions are valid; the time to watch the new one is not over yet.", log);
    }

    [Fact]
    public async Task Run_GatewayThatStopsAnsweringDuringTheSoak_GoesBack_AndTheOldVersionStaysValid()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, rotation) = await PrepareAsync(world);
        world.Rotation.SoakSeconds = 60;
        await worker.RunAsync();
        world.Cluster.Answer = new(Ran: true, Ok: false, 500, 3, "GET / answered HTTP 500.");

        await world.ComeAsync(rotation.Id);
        await worker.RunAsync();

        var failed = await world.OperationAsync(rotation.Id);
        Assert.Equal((OperationState.Failed, "gateway-does-not-answer"), (failed.State, failed.ErrorCode));
        Assert.EndsWith(
            " REDIS_URL v1 is in use and stays valid; REDIS_URL v2 is not used.",
            failed.ErrorMessage,
            StringComparison.Ordinal
        );
        Assert.Contains("image: gateway:1\n", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
        Assert.Empty(world.Vault.Disabled);
        Assert.Equal(["REDIS_URL v1 Current", "REDIS_URL v2 Pending"], await world.VersionsAsync());
    }

    [Theory]
    [InlineData(CheckStatus.Failed, "probe-failed", "REDIS_URL v2 does not work: redis says Failed. Look at it.")]
    [InlineData(CheckStatus.Skipped, "not-proven", "REDIS_URL v2 could not be tried: redis says Skipped.")]
    [InlineData(CheckStatus.Warning, "not-proven", "REDIS_URL v2 could not be tried: redis says Warning.")]
    public async Task Run_NewVersionThatIsNotProven_GoesBack(CheckStatus status, string code, string says)
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, rotation) = await PrepareAsync(world);
        world.Preflight.Answer("redis", status);

        await worker.RunAsync();

        var failed = await world.OperationAsync(rotation.Id);
        Assert.Equal((OperationState.Failed, code), (failed.State, failed.ErrorCode));
        Assert.StartsWith(says, failed.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(status == CheckStatus.Skipped ? 1 : 3, world.Preflight.Faults.Count("one")); // what is skipped once stays so
        Assert.Equal(1, world.Helm.Faults.Count("rollback"));
        Assert.Empty(world.Vault.Disabled);
    }

    [Fact]
    public async Task Run_StoreThatStumbles_IsTriedAgain()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, rotation) = await PrepareAsync(world);
        world.Preflight.Answer("redis", CheckStatus.Failed, CheckStatus.Warning, CheckStatus.Passed);

        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(rotation.Id)).State);
        Assert.Equal(3, world.Preflight.Faults.Count("one"));
    }

    [Fact]
    public async Task Run_UnprovenButAccepted_GoesOnAndWarns()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, rotation) = await PrepareAsync(world);
        world.Rotation.AcceptUnproven = true;
        world.Preflight.Answer("redis", CheckStatus.Skipped);

        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(rotation.Id)).State);
        Assert.Contains(
            "probe: REDIS_URL v2 could not be tried: redis says Skipped. It is accepted on the gateway's own answer, as configured.",
            await world.LogAsync(rotation.Id)
        );
    }

    [Fact]
    public async Task Run_KeyThatOnlyTheGatewayCanUse_IsProvenByItsAnswer()
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.StoreAsync("PORTKEY_CLIENT_AUTH");
        var worker = await world.ServingAsync();
        await world.StoreAsync("PORTKEY_CLIENT_AUTH");
        var rotation = await world.ApproveAsync(RequestKind.Rotate);

        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(rotation.Id)).State);
        Assert.Contains("probe: PORTKEY_CLIENT_AUTH v2: the gateway started with it and answers.", await world.LogAsync(rotation.Id));
    }

    [Fact]
    public async Task Run_PodThatStillHasTheOldVersion_GoesBack()
    {
        await using var world = await OperationWorld.CreateAsync();
        var (worker, rotation) = await PrepareAsync(world);
        world.Cluster.OldPods.Add(new RunningPod("portkey-gateway-0", new HashSet<string> { "portkey-gateway-env-000000000000" }));
        world.Cluster.OldPods.Add(new RunningPod("redis-0", new HashSet<string>()));

        await worker.RunAsync();

        var failed = await world.OperationAsync(rotation.Id);
        Assert.Equal("pods-not-rotated", failed.ErrorCode);
        Assert.StartsWith("Pods portkey-gateway-0 still run with the old version.", failed.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RegistryPassword_IsProvenByThePodsThatPullWithIt()
    {
        await using var world = await OperationWorld.CreateAsync();
        world.Spec = world.Spec with
        {
            Settings = new Dictionary<string, string> { ["REGISTRY_SERVER"] = "registry.example.com", ["REGISTRY_USERNAME"] = "puller" },
        };
        await world.StoreAsync("REGISTRY_PASSWORD");
        var worker = await world.ServingAsync();
        await world.StoreAsync("REGISTRY_PASSWORD");
        var rotation = await world.ApproveAsync(RequestKind.Rotate);

        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(rotation.Id)).State);
        Assert.Contains(
            await world.LogAsync(rotation.Id),
            l => l.StartsWith("probe: 1 pod runs with Secret portkey-gateway-pull-", StringComparison.Ordinal)
        );
        Assert.Single(world.Cluster.Namespace(OperationWorld.Namespace)!.Secrets);
    }

    [Fact]
    public async Task Run_VersionThatWasIssuedForARotationThatFailed_IsTakenBack()
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.StoreAsync("REDIS_URL", "played");
        var worker = await world.ServingAsync();
        await world.StoreAsync("REDIS_URL");
        await world.SqlAsync($"UPDATE secret_versions SET provider_mark = 'user-2' WHERE number = 2");
        world.Preflight.Answer("redis", CheckStatus.Failed);
        var rotation = await world.ApproveAsync(RequestKind.Rotate);

        await worker.RunAsync();

        Assert.Equal(OperationState.Failed, (await world.OperationAsync(rotation.Id)).State);
        Assert.Equal(["take-back user-2"], worker.Issuer.Faults.Calls);
        Assert.Equal(["env-redis-url/env-redis-url-version-2"], world.Vault.Disabled);
        Assert.Equal(["REDIS_URL v1 Current", "REDIS_URL v2 Disabled"], await world.VersionsAsync());
    }

    [Fact]
    public async Task Run_RotationThatCannotGoBack_SaysThatPodsMayUseTheNewVersion_AndTakesNothingBack()
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.StoreAsync("REDIS_URL", "played");
        var worker = await world.ServingAsync();
        await world.StoreAsync("REDIS_URL");
        world.Preflight.Answer("redis", CheckStatus.Failed);
        world.Helm.Faults.Fail(
            "rollback",
            new Provisioning.Clusters.Helm.HelmException(Provisioning.Clusters.Helm.HelmFailure.Rejected, "no", isTransient: false)
        );
        var rotation = await world.ApproveAsync(RequestKind.Rotate);

        await worker.RunAsync();

        Assert.EndsWith(
            " REDIS_URL v1 stays valid; REDIS_URL v2 may still be in use by pods, see the log.",
            (await world.OperationAsync(rotation.Id)).ErrorMessage,
            StringComparison.Ordinal
        );
        Assert.Empty(worker.Issuer.Faults.Calls);
        Assert.Empty(world.Vault.Disabled);
    }

    [Theory]
    [InlineData("REDIS_PASSWORD", "redis")]
    [InlineData("AZURE_STORAGE_KEY", "blob")]
    [InlineData("LOG_STORE_SECRET_KEY", "s3")]
    [InlineData("MONGO_DB_CONNECTION_URL", "mongo")]
    [InlineData("ANALYTICS_STORE_PASSWORD", "clickhouse")]
    [InlineData("VECTOR_STORE_API_KEY", "vector-store")]
    [InlineData("SEMANTIC_CACHE_EMBEDDING_API_KEY", "embeddings")]
    [InlineData("PORTKEY_CLIENT_AUTH", null)]
    public void Of_Key_IsTheCheckThatTriesItsValue(string key, string? check) =>
        Assert.Equal(check, Provisioning.Engine.Operations.Steps.LiveChecks.Of(key));

    private static async Task<(Worker Worker, Operation Rotation)> PrepareAsync(OperationWorld world)
    {
        await world.StoreAsync("REDIS_URL");
        var worker = await world.ServingAsync();
        await world.StoreAsync("REDIS_URL");
        world.Preflight.Answer("redis", CheckStatus.Passed);
        return (worker, await world.ApproveAsync(RequestKind.Rotate));
    }
}
