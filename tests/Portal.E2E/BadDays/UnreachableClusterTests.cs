using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.BadDays;

/// <summary>A cluster that is gone, and one that is there and says nothing: nobody knows, nothing is lost, and all goes on when it is
/// back.</summary>
[Collection(BadDaysCollection.Name)]
public sealed class UnreachableClusterTests(BadDaysProduct product)
{
    [Fact]
    public async Task Cluster_GoneThenSilent_MakesHealthUnknownAndOperationsWait()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var environment = await admin.AppliedAsync(await admin.ApproveAsync(await lead.CreatedAsync(Proposals.Oss("payments-outage"))));
        var id = environment.Text("id");

        var gone = DateTime.UtcNow;
        await product.Sandbox.KillAsync();
        await NotRegisteredAsync(admin, "cannot be reached");
        var waiting = await admin.ApproveAsync(await ChangeAsync(lead, id, "20001"));
        var between = await Eventually.GetAsync(
            async () =>
                await admin.OperationAsync(waiting.Text("operationId")) is var o
                && o["attempts"]!.GetValue<int>() >= 2
                && o.Text("state") == "queued"
                    ? o
                    : throw new InvalidOperationException(o.ToJsonString()),
            "the operation waits for its third attempt"
        );
        Assert.Equal("cluster-unreachable", between.Text("errorCode"));
        Assert.Contains("Cluster 'sandbox' cannot be reached", between.Text("errorMessage"), StringComparison.Ordinal);
        Assert.NotEmpty(between.Text("nextAttemptAt"));
        await UnknownAsync(lead, id, gone);
        Assert.NotEmpty((await ClusterAsync(lead)).Text("lastError"));
        var test = (await admin.PostAsync("/api/v1/clusters/sandbox/test")).Expect(HttpStatusCode.OK);
        var only = Assert.Single(test["checks"]!.AsArray())!;
        Assert.Equal(("cluster", "failed"), (only.Text("id"), only.Text("status")));
        Assert.Contains("cannot be reached", only.Text("message"), StringComparison.Ordinal);
        Assert.Null(test["capacity"]);

        await product.Sandbox.RestartAsync();
        await admin.SucceededAsync(waiting.Text("operationId"));
        var back = await admin.HealthyAsync(id);
        Assert.Equal("2", back.Text("revision"));
        await Eventually.AssertAsync(
            async () =>
            {
                Assert.Empty((await ClusterAsync(lead)).Text("lastError"));
                Assert.DoesNotContain(
                    (await lead.GetAsync($"/api/v1/environments/{id}/findings")).Expect(HttpStatusCode.OK)["items"]!.AsArray(),
                    f => f!.Text("kind") == "health"
                );
            },
            "the next sweep finds nothing wrong"
        );

        var midway = await admin.ApproveAsync(await lead.CreatedAsync(Proposals.Oss("payments-midway")));
        await Eventually.TrueAsync(
            async () => Step(await admin.OperationAsync(midway.Text("operationId")), "helm") == "running",
            "Helm is at work"
        );
        var silence = DateTime.UtcNow;
        product.Sandbox.Pause();
        try
        {
            await NotRegisteredAsync(admin, "did not answer");
            await UnknownAsync(lead, id, silence);
            var silent = await admin.OperationAsync(midway.Text("operationId"));
            Assert.True(silent.Text("state") is "running" or "queued", silent.ToJsonString());
        }
        finally
        {
            product.Sandbox.Resume();
        }

        await admin.AppliedAsync(midway);
        await admin.HealthyAsync(id);
    }

    // The address of the cluster is asked at once, so a cluster that is not there is not registered.
    private async Task NotRegisteredAsync(Api admin, string why)
    {
        var kubeconfig = await File.ReadAllTextAsync(product.Sandbox.Kubeconfig);
        var refused = (await admin.PostAsync("/api/v1/clusters", new { name = "elsewhere", kubeconfig })).ExpectProblem(
            HttpStatusCode.BadRequest
        );
        Assert.Contains(why, refused["errors"]!["kubeconfig"]![0]!.ToString(), StringComparison.Ordinal);
    }

    private static async Task UnknownAsync(Api api, string id, DateTime since)
    {
        var seen = await Eventually.GetAsync(
            async () =>
                await api.EnvironmentAsync(id) is var e && e.Text("health") is "unknown"
                    ? e
                    : throw new InvalidOperationException(e.ToJsonString()),
            "the health of the environment is unknown",
            TimeSpan.FromSeconds(60)
        );
        Assert.Contains("could not be queried", seen.Text("healthReason"), StringComparison.Ordinal);
        var changes = (await api.GetAsync($"/api/v1/audit?environment={id}&action=health.changed&from={since:O}")).Expect(
            HttpStatusCode.OK
        )["items"]!.AsArray();
        Assert.DoesNotContain(changes, c => c!.ToJsonString().Contains("unhealthy", StringComparison.OrdinalIgnoreCase));
    }

    private static async Task<JsonNode> ClusterAsync(Api api) =>
        (await api.GetAsync("/api/v1/clusters")).Expect(HttpStatusCode.OK)["items"]!.AsArray().Single(c => c!.Text("name") == "sandbox")!;

    private static string Step(JsonNode operation, string name) =>
        operation["steps"]!.AsArray().Single(s => s!.Text("name") == name)!.Text("state");

    private static async Task<JsonNode> ChangeAsync(Api lead, string environment, string timeout)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["REQUEST_TIMEOUT"] = timeout };
        return (
            await lead.PostAsync($"/api/v1/environments/{environment}/change", new { spec = new { edition = "oss", settings } })
        ).Expect(HttpStatusCode.Created);
    }
}
