using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Features.Credentials;

/// <summary>Who sets what makes new values, and what is taken.</summary>
public sealed class ProviderApiTests(PortalHost host) : IClassFixture<PortalHost>, IAsyncLifetime
{
    private HttpClient lead = null!;
    private HttpClient admin = null!;
    private string environment = "";
    private string id = "";
    private string adminUrl = "";

    public async ValueTask InitializeAsync()
    {
        (lead, admin) = (await host.ClientAsync("lead-payments"), await host.ClientAsync("admin-1"));
        var name = "issue-" + Guid.NewGuid().ToString("N")[..8];
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create(name)))).NodeAsync();
        await admin.PostAsync(
            $"/api/v1/requests/{made["id"]}/approve",
            HttpText.Json(new JsonObject { ["digest"] = (string)made["digest"]! })
        );
        environment = (string)made["environmentId"]!;
        await lead.PutAsync(
            $"/api/v1/environments/{environment}/secrets/REDIS_URL",
            new StringContent("redis://gateway:canary-17@cache:6379")
        );
        await lead.PutAsync(
            $"/api/v1/environments/{environment}/secrets/REDIS_ADMIN_URL",
            new StringContent("redis://admin:canary-18@cache:6379")
        );
        var items = (await (await lead.GetAsync($"/api/v1/credentials?search={name}")).NodeAsync())["items"]!.AsArray();
        id = (string)items.Single(i => (string)i!["key"]! == "REDIS_URL")!["id"]!;
        adminUrl = (string)items.Single(i => (string)i!["key"]! == "REDIS_ADMIN_URL")!["id"]!;
    }

    public ValueTask DisposeAsync()
    {
        lead.Dispose();
        admin.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Provider_Set_IsShownAndInTheHistoryWithoutAnySecret()
    {
        var text = await (
            await ProviderAsync(lead, $$$"""{"provider":"redis-acl","settings":{"user":"gateway","admin":"{{{adminUrl}}}"}}""")
        ).Content.ReadAsStringAsync();
        var view = JsonNode.Parse(text)!;
        Assert.Equal("redis-acl", (string)view["provider"]!);
        Assert.Equal("gateway", (string)view["keyIssuing"]!["settings"]!["user"]!);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        var events = (await (await lead.GetAsync($"/api/v1/audit?action=credential.provider&environment={environment}")).NodeAsync())[
            "items"
        ]!.AsArray();
        Assert.Contains("redis-acl", (string)Assert.Single(events)!["after"]!, StringComparison.Ordinal);

        // Unattended is for administrators; then the provider is theirs too.
        var problem = await (await PolicyAsync(lead, """{"rotateEveryDays":90,"unattended":true}""")).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]!["unattended"]);
        Assert.True(
            (bool)(await (await PolicyAsync(admin, """{"rotateEveryDays":90,"unattended":true}""")).NodeAsync())["policy"]!["unattended"]!
        );
        await (await ProviderAsync(lead, "{}")).ProblemAsync(403, "forbidden");
        Assert.NotNull((await (await ProviderAsync(admin, "{}")).ProblemAsync(400, "invalid"))["errors"]!["provider"]);
        Assert.True((await PolicyAsync(lead, """{"rotateEveryDays":90}""")).IsSuccessStatusCode);
        Assert.Equal("", (string)(await (await ProviderAsync(lead, "{}")).NodeAsync())["provider"]!);
    }

    [Theory]
    [InlineData("""{"provider":"vault-of-wonders"}""", "provider")]
    [InlineData("""{"provider":"redis-acl"}""", "settings.user")]
    [InlineData(
        """{"provider":"redis-acl","settings":{"user":"a b","admin":"x","password":"canary"}}""",
        "settings.admin,settings.password,settings.user"
    )]
    [InlineData(
        """{"provider":"redis-acl","settings":{"user":"gateway","admin":"6f1d9d5e-31f7-4c11-9c3e-00000000000a"}}""",
        "settings.admin"
    )]
    [InlineData("""{"provider":"random","settings":{"length":4}}""", "provider,settings.length")]
    [InlineData("""{"settings":{"user":"gateway"}}""", "settings")]
    [InlineData("""{"provider":7,"settings":[],"value":"canary"}""", "provider,settings,value")]
    public async Task Provider_ThatCannotBe_IsRefusedByEveryField(string body, string fields)
    {
        var problem = await (await ProviderAsync(lead, body)).ProblemAsync(400, "invalid");
        Assert.Equal(fields, string.Join(',', problem["errors"]!.AsObject().Select(e => e.Key).Order(StringComparer.Ordinal)));
        Assert.DoesNotContain("canary", problem.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Provider_AdminAddressOfAnotherTeam_IsNotTaken()
    {
        using var other = await host.ClientAsync("lead-search");
        var made = await (
            await other.PostAsync("/api/v1/requests", HttpText.Json(Create("theirs-" + Guid.NewGuid().ToString("N")[..6])))
        ).NodeAsync();
        await admin.PostAsync(
            $"/api/v1/requests/{made["id"]}/approve",
            HttpText.Json(new JsonObject { ["digest"] = (string)made["digest"]! })
        );
        var theirs = (string)made["environmentId"]!;
        await other.PutAsync($"/api/v1/environments/{theirs}/secrets/REDIS_URL", new StringContent("redis://cache:6379"));
        var mine = (string)
            (await (await other.GetAsync($"/api/v1/environments/{theirs}/secrets")).NodeAsync())["items"]![0]!["credentialId"]!;
        var body = $$$"""{"provider":"redis-acl","settings":{"user":"gateway","admin":"{{{adminUrl}}}"}}""";
        var problem = await (await other.PutAsync($"/api/v1/credentials/{mine}/provider", HttpText.Json(body))).ProblemAsync(
            400,
            "invalid"
        );
        Assert.NotNull(problem["errors"]!["settings.admin"]);

        static JsonObject Create(string name)
        {
            var create = PortalHost.Create(name);
            create["team"] = "search";
            return create;
        }
    }

    [Theory]
    [InlineData("cache:6379")]
    [InlineData("redis://cache:6379")]
    [InlineData("redis://canary@cache:6379")]
    [InlineData("https://admin:canary@cache")]
    [InlineData("redis://admin:can ary@cache")]
    public async Task AdminAddress_WithoutUserAndPassword_IsRefused(string value) =>
        Assert.DoesNotContain(
            "canary",
            (
                await (
                    await lead.PutAsync($"/api/v1/environments/{environment}/secrets/REDIS_ADMIN_URL", new StringContent(value))
                ).ProblemAsync(400, "invalid")
            ).ToJsonString(),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Issue_WithoutProvider_IsAConflict_AndRotateSaysWhichField()
    {
        await (await lead.PostAsync($"/api/v1/credentials/{adminUrl}/issue", null)).ProblemAsync(409, "no-provider");
        var problem = await (
            await lead.PostAsync($"/api/v1/environments/{environment}/rotate", HttpText.Json("""{"key":"REDIS_ADMIN_URL","issue":true}"""))
        ).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]!["issue"]);
        problem = await (
            await lead.PostAsync($"/api/v1/environments/{environment}/rotate", HttpText.Json("""{"key":"REDIS_ADMIN_URL"}"""))
        ).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]!["key"]);
    }

    private Task<HttpResponseMessage> ProviderAsync(HttpClient client, string body) =>
        client.PutAsync($"/api/v1/credentials/{id}/provider", HttpText.Json(body));

    private Task<HttpResponseMessage> PolicyAsync(HttpClient client, string body) =>
        client.PutAsync($"/api/v1/credentials/{id}/policy", HttpText.Json(body));
}
