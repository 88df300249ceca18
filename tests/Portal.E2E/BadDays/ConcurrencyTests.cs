using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.BadDays;

/// <summary>Several people at the same moment, on PostgreSQL, where transactions really run side by side.</summary>
[Collection(BadDaysCollection.Name)]
public sealed class ConcurrencyTests(BadDaysProduct product)
{
    [Fact]
    public async Task Create_OfTheSameNameAtOnce_IsGivenToOne()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var both = await product.ApiAsync("admin-lead");
        using var other = await product.ApiAsync("admin-1");
        Api[] people = [lead, both, other];

        // Both names make the same namespace.
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 12)
                .Select(i => people[i % 3].PostAsync("/api/v1/requests", Proposals.Oss(i % 2 == 0 ? "payments-wanted" : "wanted")))
        );
        var made = Assert.Single(answers, a => a.Status == HttpStatusCode.Created).Json;
        Assert.All(
            answers.Where(a => a.Status != HttpStatusCode.Created),
            a => Assert.Equal("name-taken", a.ExpectProblem(HttpStatusCode.Conflict).Text("code"))
        );
        Assert.Single(await ItemsAsync(other, "requests?limit=200"), r => r!.Text("environmentName") is "payments-wanted" or "wanted");
        await DecideAtOnceAsync(made);
    }

    [Fact]
    public async Task Post_RepeatedWithItsKeyAtOnce_IsOneRequest()
    {
        using var lead = await product.ApiAsync("lead-payments");
        var key = Guid.NewGuid().ToString();
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 10).Select(_ => lead.PostAsync("/api/v1/requests", Proposals.Oss("payments-keyed"), key))
        );
        Assert.Single(answers.Select(a => a.Expect(HttpStatusCode.Created).Text("id")).Distinct(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Secrets_StoredAtOnce_EachGetAVersionOfTheirOwn()
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var approved = await admin.ApproveAsync(await lead.CreatedAsync(Proposals.Enterprise("payments-many-secrets", "value-0")));
        var path = $"/api/v1/environments/{approved.Text("environmentId")}/secrets";
        var answers = await Task.WhenAll(
            Enumerable.Range(1, 8).Select(i => lead.PutTextAsync($"{path}/PORTKEY_CLIENT_AUTH", $"value-{i}"))
        );
        var versions = answers.Select(a => a.Expect(HttpStatusCode.OK).Text("version")).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(Enumerable.Range(2, 8).Select(n => $"v{n}"), versions);
        await admin.AppliedAsync(approved);
        using var auditor = await product.ApiAsync("auditor");
        Assert.Equal("true", (await auditor.GetAsync("/api/v1/audit/verify")).Expect(HttpStatusCode.OK).Text("intact"));
    }

    [Theory]
    [InlineData("environments?search=a%00b")]
    [InlineData("environments?team=%00")]
    [InlineData("requests?team=%00")]
    [InlineData("audit?actor=%00")]
    [InlineData("audit?environment=%00")]
    [InlineData("requests?cursor=%00")]
    public async Task Query_WithWhatPostgreSqlCannotHold_Is400(string query)
    {
        using var admin = await product.ApiAsync("admin-1");
        (await admin.GetAsync("/api/v1/" + query)).ExpectProblem(HttpStatusCode.BadRequest);
    }

    // Two administrators and the team, each with something else in mind.
    private async Task DecideAtOnceAsync(JsonNode request)
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var first = await product.ApiAsync("admin-1");
        using var second = await product.ApiAsync("admin-2");
        var decision = new { digest = request.Text("digest"), reason = "decided" };
        var path = $"/api/v1/requests/{request.Text("id")}/";
        var answers = await Task.WhenAll(
            second.PostAsync(path + "approve", decision),
            second.PostAsync(path + "approve", decision),
            second.PostAsync(path + "reject", decision),
            lead.PostAsync(path + "cancel", decision)
        );
        Assert.All(answers, a => Assert.True(a.Status is HttpStatusCode.OK or HttpStatusCode.Conflict, a.Body));
        var state = (await lead.RequestAsync(request.Text("id"))).Text("state");
        var (approvals, others) = (
            answers.Take(2).Count(a => a.Status == HttpStatusCode.OK),
            answers.Skip(2).Count(a => a.Status == HttpStatusCode.OK)
        );
        Assert.True(
            state is "approved" or "applied" ? approvals == 2 && others == 0 : approvals == 0 && others == 1,
            $"{state}: {string.Join('\n', answers.Select(a => a.Body))}"
        );
        var rows = (await ItemsAsync(first, $"audit?environment={request.Text("environmentId")}&limit=200"))
            .Select(r => r!.Text("action"))
            .ToList();
        Assert.Single(rows, a => a is "request.approved" or "request.rejected" or "request.cancelled");
    }

    private static async Task<JsonArray> ItemsAsync(Api api, string path) =>
        (await api.GetAsync("/api/v1/" + path)).Expect(HttpStatusCode.OK)["items"]!.AsArray();
}
