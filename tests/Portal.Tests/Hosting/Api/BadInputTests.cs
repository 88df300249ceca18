using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Hosting.Api;

public sealed class BadInputTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Propose_ManyThingsWrong_NamesEveryFieldAtOnce()
    {
        var problem = await (
            await PostAsync(
                """
                {"kind":"crate","nme":"x","name":5,"name":6,"spec":{"edition":"OSS","replicas":"2","settings":{"A":[],"B":true},"network":{"exposure":"public","prot":1},"autoscaling":{"min":1}}}
                """
            )
        ).ProblemAsync(400, "invalid");
        var errors = problem["errors"]!.AsObject().Select(e => e.Key).Order(StringComparer.Ordinal);
        Assert.Equal(
            [
                "kind",
                "name",
                "nme",
                "spec.autoscaling.max",
                "spec.edition",
                "spec.network.exposure",
                "spec.network.prot",
                "spec.replicas",
                "spec.settings.A",
            ],
            errors
        );
    }

    [Theory]
    [InlineData("{\"kind\":", "body")]
    [InlineData("[]", "body")]
    [InlineData("null", "body")]
    [InlineData("{\"kind\":\"create\",\"name\":\"\\ud800\"}", "body")]
    [InlineData("{\"kind\":\"create\",\"name\":\"a\\u0000b\"}", "name")]
    public async Task Propose_NotWhatItTakes_Is400(string body, string field)
    {
        var problem = await (await PostAsync(body)).ProblemAsync(400, "invalid");
        Assert.Contains(field, problem["errors"]!.AsObject().Select(e => e.Key));
    }

    [Fact]
    public async Task Propose_BrokenJsonWithSecret_AnswerDoesNotQuoteIt()
    {
        var text = await (await PostAsync("{\"spec\":{\"secrets\":{\"A\":\"canary-1234\" oops")).Content.ReadAsStringAsync();
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("settings", 1_000_000)]
    [InlineData("secrets", 1_000_000)]
    [InlineData("secrets", 25 * 1024 + 1)]
    public async Task Propose_ValueTooLong_Is400AndNamesTheField(string kind, int length)
    {
        var body = PortalHost.Create("too-long");
        body["spec"]![kind] = new JsonObject { ["LOG_STORE"] = new string('x', length) };
        var problem = await (await PostAsync(body.ToJsonString())).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]![$"spec.{kind}.LOG_STORE"]);
    }

    [Fact]
    public async Task Propose_BodyTooLarge_Is413() => await (await PostAsync(new string(' ', 3 * 1024 * 1024))).ProblemAsync(413);

    [Fact]
    public async Task Propose_OtherContentType_Is415()
    {
        using var client = await host.ClientAsync("lead-payments");
        await (await client.PostAsync("/api/v1/requests", new StringContent("{}"))).ProblemAsync(415);
    }

    [Fact]
    public async Task Api_OtherVerb_Is405()
    {
        using var client = await host.ClientAsync("lead-payments");
        await (await client.DeleteAsync("/api/v1/teams")).ProblemAsync(405);
    }

    [Theory]
    [InlineData("/api/v1/nope", 404)]
    [InlineData("/api/nope", 404)]
    [InlineData("/api/v1/requests/not-an-id", 404)]
    [InlineData("/api/v1/requests?limit=0", 400)]
    [InlineData("/api/v1/requests?limit=x", 400)]
    [InlineData("/api/v1/requests?state=lost", 400)]
    [InlineData("/api/v1/requests?cursor=%00garbage", 400)]
    [InlineData("/api/v1/environments?health=fine", 400)]
    [InlineData("/api/v1/credentials?state=lost", 400)]
    [InlineData("/api/v1/credentials?kind=password", 400)]
    [InlineData("/api/v1/credentials?cursor=x", 400)]
    [InlineData("/api/v1/credentials?state=due&cursor=WyJSRURJU19VUkwiLCJ4Il0", 400)]
    [InlineData("/api/v1/credentials/calendar?days=0", 400)]
    [InlineData("/api/v1/credentials/not-an-id", 404)]
    [InlineData("/api/v1/audit?from=yesterday", 400)]
    [InlineData("/api/v1/audit/export?format=xml", 400)]
    public async Task Get_WhatCannotBe_IsAProblem(string path, int status)
    {
        using var client = await host.ClientAsync("admin-1");
        await (await client.GetAsync(path)).ProblemAsync(status);
    }

    [Theory]
    [InlineData("{{ .Values }}")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("Not A Label")]
    [InlineData("a-name-that-is-a-good-deal-too-long-for-a-dns-label-of-kubernetes-itself")]
    public async Task Propose_HostileName_Is400AndNamesTheField(string name)
    {
        var problem = await (await PostAsync(PortalHost.Create(name).ToJsonString())).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]!["name"]);
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var client = await host.ClientAsync("lead-payments");
        return await client.PostAsync("/api/v1/requests", HttpText.Json(body));
    }
}
