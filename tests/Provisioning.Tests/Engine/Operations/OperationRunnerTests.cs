using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>Whole operations of each kind, on a Helm and a cluster that remember.</summary>
public sealed class OperationRunnerTests
{
    [Fact]
    public async Task Run_Creation_AppliesWhatWasApproved_AndWritesItDown()
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.StoreAsync("REDIS_URL");
        var worker = world.Start();
        var operation = await world.ApproveAsync();

        await worker.RunAsync();

        var done = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Succeeded, 1, "", ""), (done.State, done.Attempts, done.ErrorCode, done.WaitingFor));
        Assert.Equal(
            "preflight:Succeeded namespace:Succeeded secrets:Succeeded guardrails:Succeeded helm:Succeeded compare:Succeeded wait:Succeeded health:Succeeded record:Succeeded",
            await world.StepsAsync(operation.Id)
        );
        Assert.All(done.Steps, s => Assert.True(s.StartedAt <= s.EndedAt, $"{s.Name} {s.StartedAt} {s.EndedAt}"));
        Assert.True(done.StartedAt <= done.EndedAt);
        Assert.Equal(20, done.HelmMilliseconds);
        var environment = await world.EnvironmentAsync();
        Assert.Equal(
            (EnvironmentState.Ready, 1, HealthStatus.Healthy, ""),
            (environment.State, environment.AppliedRevision, environment.Health, environment.Lease.Owner)
        );
        Assert.Contains("10.0.0.7", environment.TopologyJson, StringComparison.Ordinal);
        Assert.Equal(RequestState.Applied, (await world.RequestAsync(operation.Id)).State);
        Assert.Equal(["request.approved", "operation.started", "environment.applied"], await world.ActionsAsync());
        Assert.Equal(["REDIS_URL v1 Current"], await world.VersionsAsync());
        Assert.Equal(["1 deployed"], world.Helm.History(OperationWorld.Namespace));
        Assert.Contains("image: gateway:1", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
        Assert.DoesNotContain("NetworkPolicy", world.Helm.Deployed(OperationWorld.Namespace), StringComparison.Ordinal);
        Assert.Equal("revision: 1\n", world.Helm.Values);
        var place = world.Cluster.Namespace(OperationWorld.Namespace)!;
        Assert.Equal("restricted", place.Labels["pod-security.kubernetes.io/enforce"]);
        Assert.Equal(["NetworkPolicy gateway"], place.Guardrails.Keys);
        Assert.Single(place.Secrets);
        var log = await world.LogAsync(operation.Id);
        Assert.Contains("record: Revision 1 is applied and healthy.", log);
        Assert.DoesNotContain(log, l => l.Contains("value-1", StringComparison.Ordinal));
        Assert.Null(await worker.Queue.TryClaimAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Run_Change_TakesAwayWhatTheNewRevisionDoesNotHave()
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.StoreAsync("REDIS_URL");
        var worker = await world.ServingAsync();
        await world.StoreAsync("REDIS_URL");
        var change = await world.ApproveAsync(
            RequestKind.Change,
            guardrails: OperationWorld.Guardrails.Replace("name: gateway", "name: other", StringComparison.Ordinal)
        );

        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(change.Id)).State);
        Assert.Equal(["1 superseded", "2 deployed"], world.Helm.History(OperationWorld.Namespace));
        var place = world.Cluster.Namespace(OperationWorld.Namespace)!;
        Assert.Equal(["NetworkPolicy other"], place.Guardrails.Keys);
        Assert.Single(place.Secrets);
        var log = await world.LogAsync(change.Id);
        Assert.Contains("guardrails: Removed NetworkPolicy gateway, which this revision does not have.", log);
        Assert.Contains(log, l => l.StartsWith("record: Removed Secret portkey-gateway-env-", StringComparison.Ordinal));
        Assert.Equal(["REDIS_URL v1 Previous", "REDIS_URL v2 Current"], await world.VersionsAsync());
        Assert.Empty(world.Vault.Disabled);
    }

    [Fact]
    public async Task Run_ChangeWhoseOldSecretsCannotBeRemoved_SucceedsAndSaysSo()
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.StoreAsync("REDIS_URL");
        var worker = await world.ServingAsync();
        var change = await world.ApproveAsync(RequestKind.Change);
        world.Cluster.Faults.Fail("prune-secrets", new Provisioning.Clusters.Kubernetes.ClusterUnreachableException("It was busy."));

        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(change.Id)).State);
        Assert.Contains("record: Old secrets stay in the cluster until the next operation: It was busy.", await world.LogAsync(change.Id));
    }

    [Fact]
    public async Task Run_Rotation_DisablesTheOldVersionOnlyAfterTheNewOneIsProven()
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.StoreAsync("REDIS_URL", "played");
        var worker = await world.ServingAsync();
        await world.StoreAsync("REDIS_URL");
        world.Preflight.Answer("redis", CheckStatus.Passed);
        var rotation = await world.ApproveAsync(RequestKind.Rotate);

        await worker.RunAsync();

        Assert.Equal(
            "preflight:Succeeded namespace:Succeeded secrets:Succeeded guardrails:Succeeded helm:Succeeded compare:Succeeded wait:Succeeded health:Succeeded probe:Succeeded soak:Succeeded retire:Succeeded record:Succeeded",
            await world.StepsAsync(rotation.Id)
        );
        Assert.Equal(["REDIS_URL v1 Disabled", "REDIS_URL v2 Current"], await world.VersionsAsync());
        Assert.Equal(["env-redis-url/env-redis-url-version-1"], world.Vault.Disabled);
        Assert.Equal(1, worker.Issuer.Faults.Count("retire"));
        Assert.Single(world.Cluster.Namespace(OperationWorld.Namespace)!.Secrets);
        var log = await world.LogAsync(rotation.Id);
        Assert.Contains("probe: REDIS_URL v2: redis says Passed.", log);
        Assert.Contains("retire: The old value is taken back on the other side.", log);
        Assert.Contains("retire: REDIS_URL v1 is disabled in the vault.", log);
    }

    [Fact]
    public async Task Run_Removal_LeavesNothingBehind()
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.StoreAsync("REDIS_URL");
        var worker = await world.ServingAsync();
        var removal = await world.ApproveAsync(RequestKind.Delete);

        await worker.RunAsync();

        Assert.Equal(
            "uninstall:Succeeded remove-namespace:Succeeded retire:Succeeded record:Succeeded",
            await world.StepsAsync(removal.Id)
        );
        Assert.Empty(world.Helm.History(OperationWorld.Namespace));
        Assert.Null(world.Cluster.Namespace(OperationWorld.Namespace));
        var environment = await world.EnvironmentAsync();
        Assert.Equal((EnvironmentState.Deleted, "", HealthStatus.Unknown), (environment.State, environment.Endpoint, environment.Health));
        Assert.Equal(["REDIS_URL v1 Disabled"], await world.VersionsAsync());
        Assert.Equal(["env-redis-url/env-redis-url-version-1"], world.Vault.Disabled);
        Assert.Contains("record: The environment is gone.", await world.LogAsync(removal.Id));
        Assert.Equal("environment.deleted", (await world.ActionsAsync())[^1]);
    }

    [Fact]
    public async Task Run_NamespaceOfTheSystemInTheRow_IsRefusedBeforeAnyStep()
    {
        await using var world = await OperationWorld.CreateAsync();
        world.Configure = o => o.ReservedNamespaces = ["payments-*"];
        var operation = await world.ApproveAsync();

        await world.Start().RunAsync();

        var failed = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Failed, "namespace-reserved"), (failed.State, failed.ErrorCode));
        Assert.Equal(["open", "reach"], world.Cluster.Faults.Calls);
        Assert.Empty(world.Helm.Faults.Calls);
    }
}
