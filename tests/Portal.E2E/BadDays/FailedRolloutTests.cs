using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Secrets;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.BadDays;

/// <summary>An image that does not exist, and a gateway that never becomes ready: said clearly, nothing worse than before, and mended by a
/// corrected request.</summary>
[Collection(BadDaysCollection.Name)]
public sealed class FailedRolloutTests(BadDaysProduct product)
{
    [Fact]
    public async Task Create_WithAnImageThatDoesNotExist_FailsWithWordsAndIsMendedByAChange()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var proposal = JsonNode.Parse(System.Text.Json.JsonSerializer.Serialize(Proposals.Oss("payments-no-image")))!;
        proposal["spec"]!["imageTag"] = "99.9.9-nowhere";
        var approved = await admin.ApproveAsync(await lead.CreatedAsync(proposal));
        var failed = await admin.FinishedAsync(approved.Text("operationId"));
        Assert.Equal("failed", failed.Text("state"));
        Assert.Equal("image-pull", failed.Text("errorCode"));
        Assert.Contains("cannot get its image", failed.Text("errorMessage"), StringComparison.Ordinal);
        Assert.Contains("99.9.9-nowhere", failed.Text("errorMessage"), StringComparison.Ordinal);

        // What the environment's page is made of says so, too.
        var id = approved.Text("environmentId");
        var seen = await lead.EnvironmentAsync(id);
        Assert.Equal("failed", seen.Text("state"));
        Assert.Contains("cannot get its image", seen["lastOperation"]!.Text("errorMessage"), StringComparison.Ordinal);
        Assert.Contains(seen["findings"]!.AsArray(), f => f!.Text("message").Contains("cannot get its image", StringComparison.Ordinal));
        Assert.Contains("cannot get its image", (await lead.RequestAsync(approved.Text("id"))).Text("outcome"), StringComparison.Ordinal);
        var log = (await lead.GetAsync($"/api/v1/operations/{approved.Text("operationId")}/log")).Body;
        Assert.Contains("ImagePullBackOff", log, StringComparison.Ordinal);

        // Nothing was ever applied well, and still the sweep looks at what is there.
        await Eventually.AssertAsync(
            async () =>
            {
                var swept = await lead.EnvironmentAsync(id);
                Assert.Equal("unhealthy", swept.Text("health"));
                Assert.Contains("ImagePull", swept.Text("healthReason"), StringComparison.Ordinal);
            },
            "the environment's health says why"
        );

        var mended = await admin.ApproveAsync(
            (
                await lead.PostAsync(
                    $"/api/v1/environments/{id}/change",
                    new { spec = new { edition = "oss" }, reason = "a tag that exists" }
                )
            ).Expect(HttpStatusCode.Created)
        );
        var ready = await admin.AppliedAsync(mended);
        Assert.Equal("ready", ready.Text("state"));
        Assert.Empty(ready["findings"]!.AsArray());
        await AnswersAsync(ready);
    }

    [Fact]
    public async Task Change_ToAGatewayThatNeverGetsReady_LeavesTheLastGoodRevisionServing()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        using var folder = new TemporaryFolder();
        var (version, good) = await RegisterDeafChartAsync(admin, folder.Path);
        var environment = await admin.AppliedAsync(await admin.ApproveAsync(await lead.CreatedAsync(Proposals.Oss("payments-deaf"))));
        var id = environment.Text("id");

        var request = (
            await lead.PostAsync($"/api/v1/environments/{id}/upgrade", new { chartVersion = version, reason = "newest is best" })
        ).Expect(HttpStatusCode.Created);
        var approved = await admin.ApproveAsync(request);
        var failed = await admin.FinishedAsync(approved.Text("operationId"));
        Assert.Equal("failed", failed.Text("state"));
        Assert.Equal("rollout-timeout", failed.Text("errorCode"));
        Assert.Contains("was not ready after 20 seconds", failed.Text("errorMessage"), StringComparison.Ordinal);
        var log = (await lead.GetAsync($"/api/v1/operations/{approved.Text("operationId")}/log")).Body;
        Assert.Contains("Readiness probe failed", log, StringComparison.Ordinal);
        Assert.Contains("The last good revision serves", log, StringComparison.Ordinal);

        var after = await admin.HealthyAsync(id);
        Assert.Equal("failed", after.Text("state"));
        Assert.Equal("1", after.Text("revision"));
        Assert.Contains(after["findings"]!.AsArray(), f => f!.Text("message").Contains("was not ready after", StringComparison.Ordinal));
        await AnswersAsync(after);
        var history = await Cluster.HelmHistoryAsync(product.Sandbox.Kubeconfig, after.Text("namespace"), after.Text("releaseName"));
        Assert.Equal("deployed", history[^1]!.Text("status"));

        var mended = await admin.ApproveAsync(
            (await lead.PostAsync($"/api/v1/environments/{id}/upgrade", new { chartVersion = good, reason = "the good one" })).Expect(
                HttpStatusCode.Created
            )
        );
        var ready = await admin.AppliedAsync(mended);
        Assert.Equal("ready", ready.Text("state"));
        Assert.Equal("3", ready.Text("revision"));
        await AnswersAsync(ready);
    }

    // Our own chart, whose readiness probe asks for what no gateway answers; answers with its version and the good one's.
    private static async Task<(string Deaf, string Good)> RegisterDeafChartAsync(Api admin, string folder)
    {
        var source = Path.Combine(Repository.Charts, "gateway");
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(folder, "gateway", Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        var chart = Path.Combine(folder, "gateway", "Chart.yaml");
        var good = (await File.ReadAllLinesAsync(chart))
            .Single(l => l.StartsWith("version: ", StringComparison.Ordinal))["version: ".Length..]
            .Trim();
        await EditAsync(chart, $"version: {good}", "version: 99.0.0");
        var deployment = Path.Combine(folder, "gateway", "templates", "deployment.yaml");
        await EditAsync(
            deployment,
            "{{- include \"gateway.probe\" (dict \"probe\" .Values.readinessProbe \"port\" $main) | nindent 12 }}",
            "{httpGet: {path: /never-there, port: http}, periodSeconds: 1}"
        );
        var registered = await admin.PostAsync(
            "/api/v1/charts",
            new
            {
                source = "directory",
                location = Path.Combine(folder, "gateway"),
                edition = "oss",
            }
        );
        Assert.Equal("99.0.0", registered.Expect(HttpStatusCode.Created).Text("version"));
        return ("99.0.0", good);
    }

    private static async Task EditAsync(string file, string from, string to)
    {
        var text = await File.ReadAllTextAsync(file);
        Assert.Contains(from, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, text.Replace(from, to, StringComparison.Ordinal));
    }

    private static async Task AnswersAsync(JsonNode environment)
    {
        using var client = new HttpClient();
        Assert.Contains(
            "AI Gateway says hey!",
            await client.GetStringAsync(new Uri(environment.Text("endpoint"))),
            StringComparison.Ordinal
        );
    }
}
