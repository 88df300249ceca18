using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Features.Catalog;

/// <summary>A chart version that was retired: what may still be asked for, and what is said to whom.</summary>
public sealed class ChartLifecycleTests(PortalHost host) : IClassFixture<PortalHost>, IAsyncLifetime
{
    private static int versions = 20; // the host is shared, and keeps what was registered

    private readonly string version = $"1.0.{Interlocked.Increment(ref versions)}";
    private readonly TemporaryFolder folder = new();
    private HttpClient admin = null!;
    private HttpClient lead = null!;
    private string chart = "";

    public async ValueTask InitializeAsync()
    {
        admin = await host.ClientAsync("admin-1");
        lead = await host.ClientAsync("lead-payments");
        ChartCopy.Write(folder.Path, version);
        chart = (string)
            (
                await (
                    await admin.PostAsync(
                        "/api/v1/charts",
                        HttpText.Json(
                            new JsonObject
                            {
                                ["source"] = "directory",
                                ["location"] = folder.Path,
                                ["edition"] = "oss",
                            }
                        )
                    )
                ).NodeAsync()
            )["id"]!;
    }

    public ValueTask DisposeAsync()
    {
        admin.Dispose();
        lead.Dispose();
        folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Retire_AVersionInUse_StopsWhatIsNew_AndLeavesWhatRuns()
    {
        var running = await AskAsync("retired-runs");
        await ApproveAsync(running);
        var waiting = await AskAsync("retired-waits");
        Assert.Equal(1, (int)(await ChartAsync())["environments"]!);

        // Without a reason, and then with one.
        var problem = await (await PostAsync("retire", "{}")).ProblemAsync(400, "invalid");
        Assert.Contains("why it is retired", problem["errors"]!["reason"]!.ToJsonString(), StringComparison.Ordinal);
        var retired = await (await PostAsync("retire", """{"reason":"CVE-2026-1234"}""")).NodeAsync();
        Assert.Equal(("CVE-2026-1234", "admin-1"), ((string)retired["retiredReason"]!, (string)retired["retiredBy"]!));
        await (await PostAsync("retire", """{"reason":"again"}""")).ProblemAsync(409, "chart-retired");
        await (await PostAsync("default", "")).ProblemAsync(409, "chart-retired");

        // What is new is refused, with the reason; what waits cannot be approved; what runs may change, and is in the list of its users.
        var refused = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Body("retired-new")))).ProblemAsync(400, "invalid");
        Assert.Contains("CVE-2026-1234", refused["errors"]!["chartVersion"]!.ToJsonString(), StringComparison.Ordinal);
        await (await DecideAsync(waiting)).ProblemAsync(409, "chart-retired");
        var environment = (string)running["environmentId"]!;
        var change = await lead.PostAsync(
            $"/api/v1/environments/{environment}/change",
            HttpText.Json(JsonNode.Parse("""{"reason":"more pods","spec":{"edition":"oss","replicas":2}}""")!)
        );
        Assert.Equal(201, (int)change.StatusCode);
        var users = await (await lead.GetAsync($"/api/v1/environments?chart={chart}")).NodeAsync();
        Assert.Equal(environment, (string)Assert.Single(users["items"]!.AsArray())!["id"]!);

        // Restored, what waits is approved as it was.
        Assert.Null((await (await PostAsync("restore", "")).NodeAsync())["retiredAt"]);
        await (await PostAsync("restore", "")).ProblemAsync(409, "chart-not-retired");
        await ApproveAsync(waiting);
        var actions = (await (await admin.GetAsync($"/api/v1/audit?text={version}")).NodeAsync())["items"]!
            .AsArray()
            .Select(e => (string)e!["action"]!)
            .ToList();
        Assert.Contains("chart.retired", actions);
        Assert.Contains("chart.restored", actions);
    }

    [Fact]
    public async Task Retire_TheDefault_IsRefusedUntilAnotherOneIs()
    {
        var before = (await ChartsAsync()).Single(c => (string)c["edition"]! == "oss" && (bool)c["isDefault"]!);
        await (
            await admin.PostAsync($"/api/v1/charts/{before["id"]}/retire", HttpText.Json("""{"reason":"old"}"""))
        ).ProblemAsync(409, "chart-is-default");

        Assert.True((bool)(await (await PostAsync("default", "")).NodeAsync())["isDefault"]!);
        Assert.Equal(chart, (string)(await ChartsAsync()).Single(c => (string)c["edition"]! == "oss" && (bool)c["isDefault"]!)["id"]!);
        var asked = Body("by-default");
        asked.Remove("chartVersion");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(asked))).NodeAsync();
        Assert.Contains(version, (string)made["chart"]!, StringComparison.Ordinal);

        await admin.PostAsync($"/api/v1/charts/{before["id"]}/default", null);
    }

    [Fact]
    public async Task Environments_OfAnotherTeam_AreNotCounted()
    {
        await ApproveAsync(await AskAsync("counted-once"));
        using var other = await host.ClientAsync("lead-search");
        var seen = (await (await other.GetAsync("/api/v1/charts")).NodeAsync())["items"]!
            .AsArray()
            .Single(c => (string)c!["id"]! == chart)!;

        Assert.Equal(0, (int)seen["environments"]!);
        Assert.Equal(1, (int)(await ChartAsync())["environments"]!);
        var clusters = (await (await other.GetAsync("/api/v1/clusters")).NodeAsync())["items"]!.AsArray();
        Assert.All(clusters, c => Assert.Equal(0, (int)c!["environments"]!));
        Assert.Empty((await (await other.GetAsync($"/api/v1/environments?chart={chart}")).NodeAsync())["items"]!.AsArray());
    }

    private JsonObject Body(string name)
    {
        var body = (JsonObject)PortalHost.Create(name);
        body["chartVersion"] = version;
        return body;
    }

    private async Task<JsonNode> AskAsync(string name) =>
        await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Body(name)))).NodeAsync();

    private Task<HttpResponseMessage> DecideAsync(JsonNode request) =>
        admin.PostAsync(
            $"/api/v1/requests/{request["id"]}/approve",
            HttpText.Json(new JsonObject { ["digest"] = (string)request["digest"]!, ["reason"] = "looks right" })
        );

    private async Task ApproveAsync(JsonNode request)
    {
        var answer = await DecideAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private Task<HttpResponseMessage> PostAsync(string verb, string body) =>
        admin.PostAsync($"/api/v1/charts/{chart}/{verb}", body.Length > 0 ? HttpText.Json(body) : null);

    private async Task<JsonNode> ChartAsync() => (await ChartsAsync()).Single(c => (string)c["id"]! == chart);

    private async Task<List<JsonNode>> ChartsAsync() =>
        [.. (await (await admin.GetAsync("/api/v1/charts")).NodeAsync())["items"]!.AsArray().Select(c => c!)];
}
