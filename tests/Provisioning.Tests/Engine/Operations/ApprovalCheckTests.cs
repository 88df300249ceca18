using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Tests.Engine.Operations.World;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>What is stored is not what was approved: nothing reaches Helm or the cluster, and nothing is gone back to.</summary>
public sealed class ApprovalCheckTests
{
    /// <summary>What somebody does who can write to the database, and what the refusal says of it.</summary>
    public static TheoryData<string, string> Changes =>
        new()
        {
            { "UPDATE revisions SET manifest_yaml = replace(manifest_yaml, 'gateway:2', 'evil:1') WHERE number = 2", "manifests" },
            { "UPDATE revisions SET values_yaml = 'a: b' WHERE number = 2", "values" },
            { "UPDATE revisions SET spec_json = '{}' WHERE number = 2", "spec" },
            { "UPDATE revisions SET profile = 'standard' WHERE number = 2", "profile" },
            {
                "UPDATE revision_secrets SET vault_name = 'env-theirs' WHERE revision_id IN (SELECT id FROM revisions WHERE number = 2)",
                "versions of secrets"
            },
            { "UPDATE revisions SET content_digest = 'sha256:0' WHERE number = 2", "the revision's digest" },
            { "UPDATE environments SET namespace = 'payments-other'", "namespace" },
            { "UPDATE change_requests SET content_digest = 'sha256:0' WHERE base_revision = 1", "the request's digest" },
            { "UPDATE approvals SET digest = 'sha256:0'", "the approval's row" },
            { "UPDATE operations SET kind = 'Rollback' WHERE revision = 2", "kind" },
            {
                "UPDATE operation_steps SET name = 'retire' WHERE name = 'secrets' AND operation_id IN (SELECT id FROM operations WHERE revision = 2)",
                "the operation's steps"
            },
            { "UPDATE chart_versions SET digest = 'sha256:0'", "its content" },
            {
                "DROP TRIGGER audit_events_no_update; UPDATE audit_events SET request_digest = 'sha256:0' WHERE action = 'request.approved'",
                "no approval of it that the portal signed"
            },
        };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Run_RowThatSomebodyChanged_IsRefusedForGood_AndNothingReachesTheCluster(string sql, string says)
    {
        await using var world = await OperationWorld.CreateAsync();
        await world.StoreAsync("REDIS_URL");
        var worker = await world.ServingAsync();
        var change = await world.ApproveAsync(RequestKind.Change);
        await world.Work.WriteAsync(
            db =>
                db.Database.ExecuteSqlRawAsync(
                    sql.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal),
                    TestContext.Current.CancellationToken
                ),
            TestContext.Current.CancellationToken
        );
        var (helm, cluster, vault) = (world.Helm.Faults.Calls.Count, world.Cluster.Faults.Calls.Count, world.Vault.Faults.Calls.Count);

        await worker.RunAsync();

        await RefusedAsync(world, change, says);
        Assert.Equal((helm, vault), (world.Helm.Faults.Calls.Count, world.Vault.Faults.Calls.Count));
        Assert.Equal(["open"], world.Cluster.Faults.Calls.Skip(cluster)); // a connection is made ready, no call made by it
    }

    [Fact]
    public async Task Run_ChartWhoseContentIsAnother_IsRefused()
    {
        await using var world = await OperationWorld.CreateAsync();
        var change = await world.ApproveAsync();
        await File.AppendAllTextAsync(
            Path.Combine(world.ChartFolder, "templates", "all.yaml"),
            "# changed\n",
            TestContext.Current.CancellationToken
        );

        await world.Start().RunAsync();

        await RefusedAsync(world, change, "the chart's content");
        Assert.Empty(world.Helm.Faults.Calls);
    }

    [Fact]
    public async Task Run_RemovalThatNobodyApproved_IsRefused()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        var change = await world.ApproveAsync(RequestKind.Change);
        await world.SqlAsync($"UPDATE operations SET kind = 'Delete', revision = 0 WHERE id = {change.Id}");

        await worker.RunAsync();

        await RefusedAsync(world, change, "kind");
        Assert.NotNull(world.Cluster.Namespace(OperationWorld.Namespace));
    }

    [Fact]
    public async Task Run_RefusedWhileAPersonCancels_IsStillToldAsWhatItIs()
    {
        await using var world = await OperationWorld.CreateAsync();
        var change = await world.ApproveAsync();
        await world.SqlAsync($"UPDATE operations SET cancel_requested = 1");
        await world.SqlAsync($"UPDATE approvals SET digest = 'sha256:0'");

        await world.Start().RunAsync();

        await RefusedAsync(world, change, "the approval's row");
    }

    [Fact]
    public async Task Run_AfterARefusal_WhatIsProposedAnewIsCarriedOut()
    {
        await using var world = await OperationWorld.CreateAsync();
        var worker = await world.ServingAsync();
        await world.ApproveAsync(RequestKind.Change);
        await world.SqlAsync($"UPDATE revisions SET values_yaml = 'a: b' WHERE number = 2");
        await worker.RunAsync();
        var next = await world.ApproveAsync(RequestKind.Change);

        await worker.RunAsync();

        Assert.Equal(OperationState.Succeeded, (await world.OperationAsync(next.Id)).State);
        Assert.Empty(await world.FindingsAsync());
    }

    private static async Task RefusedAsync(OperationWorld world, Operation operation, string says)
    {
        var failed = await world.OperationAsync(operation.Id);
        Assert.Equal((OperationState.Failed, ApprovedContent.FindingKind, 1), (failed.State, failed.ErrorCode, failed.Attempts));
        Assert.Contains(says, failed.ErrorMessage, StringComparison.Ordinal);
        Assert.All(failed.Steps, s => Assert.Equal(StepState.Skipped, s.State));
        Assert.Equal(ApprovedContent.FindingKind, Assert.Single(await world.FindingsAsync()).Kind);
        Assert.Equal(["operation.failed", "approval.violated"], (await world.ActionsAsync()).TakeLast(2));
    }
}
