using System.Net;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Features.Requests;

public sealed class RequestFlowTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Propose_SameIdempotencyKeyTwice_IsOneRequest()
    {
        using var lead = await host.ClientAsync("lead-payments");
        lead.DefaultRequestHeaders.Add("Idempotency-Key", "key-1");
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("once"))))
        );
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.OK, a.StatusCode.ToString()));
        var ids = await Task.WhenAll(answers.Select(async a => (string)(await a.NodeAsync())["id"]!));
        Assert.Single(ids.Distinct());
        Assert.EndsWith(ids[0], answers[0].Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Propose_SameKeyOtherBody_Is409()
    {
        using var lead = await host.ClientAsync("lead-payments");
        lead.DefaultRequestHeaders.Add("Idempotency-Key", "key-2");
        await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("first-body")));
        await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("other-body")))).ProblemAsync(409);
    }

    [Fact]
    public async Task Approve_StaleDigest_Is409AndNothingMoves()
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("stale")))).NodeAsync();
        await (
            await admin.PostAsync($"/api/v1/requests/{made["id"]}/approve", HttpText.Json("""{"digest":"sha256:0","reason":"x"}"""))
        ).ProblemAsync(409);
        Assert.Equal("pending", (string?)(await (await lead.GetAsync($"/api/v1/requests/{made["id"]}")).NodeAsync())["state"]);
    }

    [Fact]
    public async Task Approve_OwnRequest_IsRefused()
    {
        using var both = await host.ClientAsync("admin-lead");
        var made = await (await both.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("own")))).NodeAsync();
        await (
            await both.PostAsync(
                $"/api/v1/requests/{made["id"]}/approve",
                HttpText.Json(new JsonObject { ["digest"] = (string)made["digest"]! })
            )
        ).ProblemAsync(403);
    }

    [Fact]
    public async Task Propose_Created_AnswersAsTheContractSays()
    {
        using var lead = await host.ClientAsync("lead-payments");
        var answer = await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("shape")));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var made = await answer.NodeAsync();
        Assert.Equal("create", (string?)made["kind"]);
        Assert.Equal("pending", (string?)made["state"]);
        Assert.Equal("oss", (string?)made["spec"]!["edition"]);
        Assert.Equal("internal", (string?)made["spec"]!["network"]!["exposure"]);
        Assert.NotEmpty((string)made["digest"]!);
        Assert.IsType<JsonArray>(made["findings"]);
        Assert.EndsWith("Z", (string)made["requestedAt"]!, StringComparison.Ordinal);
        Assert.NotEmpty((string)(await (await lead.GetAsync($"/api/v1/requests/{made["id"]}/preview")).NodeAsync())["manifest"]!);
    }

    [Fact]
    public async Task List_PagesByCursor_EachRowOnce()
    {
        using var lead = await host.ClientAsync("lead-payments");
        foreach (var name in new[] { "page-a", "page-b", "page-c" })
        {
            await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create(name)));
        }

        var seen = new List<string>();
        string? next = null;
        do
        {
            var page = await (
                await lead.GetAsync("/api/v1/requests?limit=2" + (next is null ? "" : "&cursor=" + Uri.EscapeDataString(next)))
            ).NodeAsync();
            seen.AddRange(page["items"]!.AsArray().Select(i => (string)i!["id"]!));
            next = (string?)page["next"];
        } while (next is not null && seen.Count < 200);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.True(seen.Count >= 3);
    }

    [Fact]
    public async Task Secrets_InSpec_AreInNoAnswer()
    {
        using var lead = await host.ClientAsync("lead-payments");
        var body = PortalHost.Create("canary");
        body["spec"]!["secrets"] = new JsonObject { ["REDIS_URL"] = "redis://user:canary-7c1e@cache:6379" };
        var answer = await lead.PostAsync("/api/v1/requests", HttpText.Json(body));
        Assert.DoesNotContain("canary-7c1e", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }
}
