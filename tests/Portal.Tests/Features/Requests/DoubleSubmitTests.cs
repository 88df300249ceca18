using System.Net;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Features.Requests;

/// <summary>Clicks and posts that come twice, at the same moment and from two people.</summary>
public sealed class DoubleSubmitTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Approve_ManyTimesAtOnceByTwoPeople_IsOneApprovalAndOneOperation()
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var first = await host.ClientAsync("admin-1");
        using var second = await host.ClientAsync("admin-2");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("clicked")))).NodeAsync();
        var body = new JsonObject { ["digest"] = $"{made["digest"]}", ["reason"] = "ok" }.ToJsonString();
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 8)
                .Select(i => (i % 2 == 0 ? first : second).PostAsync($"/api/v1/requests/{made["id"]}/approve", HttpText.Json(body)))
        );
        var operations = new HashSet<string>(StringComparer.Ordinal);
        foreach (var answer in answers)
        {
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                operations.Add($"{(await answer.NodeAsync())["operationId"]}");
            }
            else
            {
                await answer.ProblemAsync(409);
            }
        }

        Assert.Single(operations);
        Assert.Equal(4, answers.Count(a => a.StatusCode == HttpStatusCode.OK)); // all of the one who was first
        Assert.Single((await ItemsAsync(first, $"environments/{made["environmentId"]}/operations"))!);
        Assert.Single(await ItemsAsync(first, $"audit?environment={made["environmentId"]}&action=request.approved"));
    }

    [Fact]
    public async Task Decisions_ApproveAndRejectAndCancelAtOnce_OneWins()
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var first = await host.ClientAsync("admin-1");
        using var second = await host.ClientAsync("admin-2");
        for (var round = 0; round < 3; round++)
        {
            var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create($"contested-{round}")))).NodeAsync();
            var body = new JsonObject { ["digest"] = $"{made["digest"]}", ["reason"] = "decided" }.ToJsonString();
            var path = $"/api/v1/requests/{made["id"]}/";
            var answers = await Task.WhenAll(
                first.PostAsync(path + "approve", HttpText.Json(body)),
                second.PostAsync(path + "reject", HttpText.Json(body)),
                lead.PostAsync(path + "cancel", HttpText.Json(body))
            );
            var winner = Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
            Assert.All(answers.Where(a => a != winner), a => Assert.Equal(HttpStatusCode.Conflict, a.StatusCode));
            var state = (string?)(await (await lead.GetAsync($"/api/v1/requests/{made["id"]}")).NodeAsync())["state"];
            Assert.Equal(
                winner == answers[0] ? "approved"
                    : winner == answers[1] ? "rejected"
                    : "cancelled",
                state
            );
            Assert.Equal(2, (await ItemsAsync(first, $"audit?environment={made["environmentId"]}")).Count); // proposed, and one decision
        }
    }

    [Fact]
    public async Task Change_RepeatedWithItsKey_IsOneRequestAndWithoutItAConflict()
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("repeated")))).NodeAsync();
        var approved = await admin.PostAsync(
            $"/api/v1/requests/{made["id"]}/approve",
            HttpText.Json(new JsonObject { ["digest"] = $"{made["digest"]}", ["reason"] = "ok" })
        );
        Assert.Equal(HttpStatusCode.OK, approved.StatusCode);
        var path = $"/api/v1/environments/{made["environmentId"]}/delete";
        const string Body = """{"reason":"no longer needed"}""";
        using var keyed = await host.ClientAsync("lead-payments");
        keyed.DefaultRequestHeaders.Add("Idempotency-Key", "one-removal");
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => keyed.PostAsync(path, HttpText.Json(Body))));
        var ids = await Task.WhenAll(answers.Select(async a => (string?)(await a.NodeAsync())["id"]));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.StatusCode));
        Assert.Single(ids.Distinct());
        await (await lead.PostAsync(path, HttpText.Json(Body))).ProblemAsync(409, "request-pending");
        await (await keyed.PostAsync($"/api/v1/environments/{made["environmentId"]}/change", HttpText.Json("{}"))).ProblemAsync(
            409,
            "idempotency-key-reused"
        );
    }

    private static async Task<JsonArray> ItemsAsync(HttpClient client, string path) =>
        (await (await client.GetAsync("/api/v1/" + path)).NodeAsync())["items"]!.AsArray();
}
