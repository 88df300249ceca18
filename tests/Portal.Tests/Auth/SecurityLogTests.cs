using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Auth;

/// <summary>What the security log says of refusals, and what a flood of them does.</summary>
public sealed class SecurityLogTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Refusals_OfEachKind_AreFoundByPersonKindAndTime()
    {
        using var lead = await host.ClientAsync("lead-payments");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("log-a")))).NodeAsync();
        var id = (string)made["id"]!;
        using var other = await host.ClientAsync("lead-search");
        var foreign = await (await other.GetAsync($"/api/v1/requests/{id}")).ProblemAsync(404);
        var unknown = await (await other.GetAsync($"/api/v1/requests/{Guid.NewGuid()}")).ProblemAsync(404);
        Assert.Equal((string?)unknown["detail"], (string?)foreign["detail"]); // the caller is not told

        await (await other.GetAsync("/api/v1/audit/verify")).ProblemAsync(403);
        await (await other.GetAsync("/api/v1/audit/verify?secret=canary-query")).ProblemAsync(400);
        using var nobody = await host.ClientAsync(null);
        await (await nobody.GetAsync("/api/v1/me")).ProblemAsync(401);
        using var browser = await host.BrowserAsync("lead-search");
        await (await browser.PostAsync("/sign-out", null)).ProblemAsync(400, "antiforgery");
        browser.DefaultRequestHeaders.Remove("Origin");
        browser.DefaultRequestHeaders.Add("Origin", "http://localhost:81");
        await (await browser.PostAsync("/sign-out", null)).ProblemAsync(403, "foreign-origin");

        using var auditor = await host.ClientAsync("auditor");
        var seen = await RowAsync(auditor, "person=lead-search&kind=notTheirs");
        Assert.Equal($"/api/v1/requests/{id}", (string?)seen["path"]);
        Assert.Equal((string?)foreign["traceId"], (string?)seen["correlationId"]);
        Assert.Equal(1, (int)seen["count"]!);
        Assert.Equal("/api/v1/audit/verify", (string?)(await RowAsync(auditor, "person=Samir%20Search&kind=forbidden"))["path"]);
        await RowAsync(auditor, "kind=unauthenticated&from=2020-01-01");
        await RowAsync(auditor, "person=lead-search&kind=signedIn");
        await RowAsync(auditor, "person=lead-search&kind=antiforgery");
        await RowAsync(auditor, "person=lead-search&kind=foreignOrigin");
        Assert.Empty((await (await auditor.GetAsync("/api/v1/security-log?to=2020-01-01")).NodeAsync())["items"]!.AsArray());
        await (await auditor.GetAsync("/api/v1/security-log?kind=nonsense")).ProblemAsync(400);
        Assert.DoesNotContain("canary-query", await auditor.GetStringAsync("/api/v1/security-log?limit=200"), StringComparison.Ordinal);

        var page = await (await auditor.GetAsync("/api/v1/security-log?limit=1")).NodeAsync();
        var next = await (await auditor.GetAsync($"/api/v1/security-log?limit=1&cursor={page["next"]}")).NodeAsync();
        Assert.True((long)next["items"]![0]!["id"]! < (long)page["items"]![0]!["id"]!);
    }

    [Fact]
    public async Task Flood_OfRefusals_IsCountedAndLosesNothingOfTheAudit()
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var nobody = await host.ClientAsync(null);
        var flood = Parallel.ForEachAsync(
            Enumerable.Range(0, 3000),
            new ParallelOptions { MaxDegreeOfParallelism = 8 },
            async (i, stop) => (await nobody.GetAsync($"/api/v1/requests/{i}", stop)).Dispose()
        );
        var made = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            var answer = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create($"flood-{i}")))).NodeAsync();
            made.Add((string)answer["id"]!);
        }

        await flood;
        using var auditor = await host.ClientAsync("auditor");
        var proposed = (await (await auditor.GetAsync("/api/v1/audit?action=request.proposed&limit=200")).NodeAsync())["items"]!
            .AsArray()
            .Select(e => (string?)e!["targetId"]);
        Assert.Empty(made.Except(proposed));
        Assert.True((bool)(await (await auditor.GetAsync("/api/v1/audit/verify")).NodeAsync())["intact"]!);

        var rows = (await RowsAsync(auditor, "kind=unauthenticated&limit=200", items => items.Sum(r => (int)r!["count"]!) >= 3000)).Count;
        Assert.True(rows <= 10, $"{rows} rows");
    }

    private static async Task<JsonNode> RowAsync(HttpClient auditor, string query) =>
        (await RowsAsync(auditor, query, items => items.Count > 0))[0]!;

    private static async Task<JsonArray> RowsAsync(HttpClient auditor, string query, Func<JsonArray, bool> enough)
    {
        for (var tries = 0; ; tries++)
        {
            var items = (await (await auditor.GetAsync("/api/v1/security-log?" + query)).NodeAsync())["items"]!.AsArray();
            if (enough(items))
            {
                return items;
            }

            Assert.True(tries < 100, $"{query}: {items.ToJsonString()}");
            await Task.Delay(100);
        }
    }
}
