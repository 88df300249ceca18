using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>The same without a browser, and what the API refuses on the way.</summary>
[Collection(ProductCollection.Name)]
public sealed class RestJourneyTests(Product product)
{
    [Fact]
    public async Task Request_ApprovedWithItsDigest_BecomesAGatewayThatAnswers()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var request = await lead.CreatedAsync(Proposals.Oss("payments-rest"));
        Assert.Equal("pending", request.Text("state"));
        var id = request.Text("id");
        var preview = (await admin.GetAsync($"/api/v1/requests/{id}/preview")).Expect(HttpStatusCode.OK);
        Assert.Contains("kind: Deployment", preview.Text("manifest"), StringComparison.Ordinal);

        var stale = new { digest = new string('0', request.Text("digest").Length), reason = "" };
        (await admin.PostAsync($"/api/v1/requests/{id}/approve", stale)).ExpectProblem(HttpStatusCode.Conflict);
        Assert.Equal("pending", (await admin.RequestAsync(id)).Text("state"));

        var approved = await admin.ApproveAsync(request);
        var environment = await admin.AppliedAsync(approved);
        using var client = new HttpClient();
        Assert.Contains(
            "AI Gateway says hey!",
            await client.GetStringAsync(new Uri(environment.Text("endpoint"))),
            StringComparison.Ordinal
        );
        Assert.Equal("applied", (await lead.RequestAsync(id)).Text("state"));

        var log = (await lead.GetAsync($"/api/v1/operations/{approved.Text("operationId")}/log")).Body;
        Assert.All(log.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.NotEmpty(JsonNode.Parse(line)!.Text("text")));
        using var auditor = await product.ApiAsync("auditor");
        var rows = (await auditor.GetAsync($"/api/v1/audit?environment={environment.Text("id")}")).Expect(HttpStatusCode.OK)[
            "items"
        ]!.AsArray();
        Assert.Contains(rows, r => r!.Text("action") == "request.proposed" && r!.Text("actor") == "lead-payments");
        Assert.Single(rows, r => r!.Text("action") == "request.approved" && r!.Text("actor") == "admin-1");
        Assert.Equal("true", (await auditor.GetAsync("/api/v1/audit/verify")).Expect(HttpStatusCode.OK).Text("intact"));
    }

    [Fact]
    public async Task Approve_ByWhoAsked_IsForbiddenEvenToAnAdministrator()
    {
        using var both = await product.ApiAsync("admin-lead");
        var request = await both.CreatedAsync(Proposals.Oss("payments-own"));
        var body = new { digest = request.Text("digest"), reason = "mine" };
        (await both.PostAsync($"/api/v1/requests/{request.Text("id")}/approve", body)).ExpectProblem(HttpStatusCode.Forbidden);
        using var lead = await product.ApiAsync("lead-payments");
        (await lead.PostAsync($"/api/v1/requests/{request.Text("id")}/approve", body)).ExpectProblem(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Ids_OfAnotherTeam_AreAsUnknownAsAnyOther()
    {
        var seed = await product.SeedAsync();
        using var other = await product.ApiAsync("lead-search");
        foreach (
            var path in (string[])
                [
                    $"requests/{seed.WaitingRequest}",
                    $"requests/{seed.WaitingRequest}/preview",
                    $"environments/{seed.Environment}",
                    $"environments/{seed.Environment}/revisions",
                    $"environments/{seed.Environment}/secrets",
                    $"environments/{seed.Environment}/operations",
                    $"operations/{seed.Operation}",
                    $"operations/{seed.Operation}/log",
                ]
        )
        {
            var hidden = (await other.GetAsync("/api/v1/" + path)).ExpectProblem(HttpStatusCode.NotFound);
            var absent = (
                await other.GetAsync("/api/v1/" + path.Replace(path.Split('/')[1], Guid.NewGuid().ToString(), StringComparison.Ordinal))
            ).ExpectProblem(HttpStatusCode.NotFound);
            Assert.Equal(absent.Text("title"), hidden.Text("title"));
        }

        (await other.PostAsync($"/api/v1/environments/{seed.Environment}/delete")).ExpectProblem(HttpStatusCode.NotFound);
        Assert.DoesNotContain(seed.Environment, (await other.GetAsync("/api/v1/environments?limit=200")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_RepeatedWithItsIdempotencyKey_AnswersWithTheSameRequest()
    {
        using var lead = await product.ApiAsync("lead-payments");
        var key = Guid.NewGuid().ToString();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => lead.PostAsync("/api/v1/requests", Proposals.Oss("payments-twice"), key))
        );
        var again = await lead.PostAsync("/api/v1/requests", Proposals.Oss("payments-twice"), key);
        Assert.Single(answers.Append(again).Select(a => a.Expect(HttpStatusCode.Created).Text("id")).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Post_WithSettingsThatCannotBe_NamesEachOfThem()
    {
        using var lead = await product.ApiAsync("lead-payments");
        var wrong = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["REQUEST_TIMEOUT"] = "soon",
            ["NODE_OPTIONS"] = "--require /tmp/other.js",
        };
        var problem = (await lead.PostAsync("/api/v1/requests", Proposals.Oss("payments-wrong", settings: wrong))).ExpectProblem(
            HttpStatusCode.BadRequest
        );
        var errors = problem["errors"]!.AsObject().Select(e => e.Key).ToList();
        Assert.Contains("spec.settings.REQUEST_TIMEOUT", errors);
        Assert.Contains("spec.settings.NODE_OPTIONS", errors);
    }

    [Fact]
    public async Task Post_WithAVariableThatThePortalDoesNotKnow_ShowsItToWhoeverApproves()
    {
        using var lead = await product.ApiAsync("lead-payments");
        var request = await lead.CreatedAsync(
            Proposals.Oss(
                "payments-unknown",
                settings: new Dictionary<string, string>(StringComparer.Ordinal) { ["NO_SUCH_SETTING"] = "1" }
            )
        );
        using var admin = await product.ApiAsync("admin-1");
        var findings = (await admin.RequestAsync(request.Text("id")))["findings"]!.AsArray();
        Assert.Contains(
            findings,
            f =>
                f!.Text("message").Contains("NO_SUCH_SETTING", StringComparison.Ordinal)
                && f!.Text("message").Contains("Not known to the portal", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Calls_WithoutAToken_AreUnauthorized()
    {
        using var nobody = new Api(new HttpClient { BaseAddress = product.Portal.BaseUrl });
        foreach (var path in (string[])["requests", "environments", "audit", "settings"])
        {
            (await nobody.GetAsync("/api/v1/" + path)).ExpectProblem(HttpStatusCode.Unauthorized);
        }
    }
}
