using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Features.Credentials;

public sealed class CredentialsApiTests(PortalHost host) : IClassFixture<PortalHost>, IAsyncLifetime
{
    private HttpClient lead = null!;
    private string environment = "";
    private string id = "";

    public async ValueTask InitializeAsync()
    {
        lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var name = "cred-" + Guid.NewGuid().ToString("N")[..8];
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create(name)))).NodeAsync();
        await admin.PostAsync(
            $"/api/v1/requests/{made["id"]}/approve",
            HttpText.Json(new JsonObject { ["digest"] = (string)made["digest"]! })
        );
        environment = (string)made["environmentId"]!;
        await lead.PutAsync($"/api/v1/environments/{environment}/secrets/REDIS_URL", new StringContent("redis://canary-17:6379"));
        id = (string)(await (await lead.GetAsync($"/api/v1/credentials?search={name}")).NodeAsync())["items"]!.AsArray().Single()!["id"]!;
    }

    public ValueTask DisposeAsync()
    {
        lead.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Get_Credential_SaysEverythingButItsValue()
    {
        var text = await lead.GetStringAsync($"/api/v1/credentials/{id}");
        var view = JsonNode.Parse(text)!;
        Assert.Equal("REDIS_URL", (string)view["credential"]!["key"]!);
        Assert.Equal("redis", (string)view["credential"]!["kind"]!);
        Assert.Equal("notInUse", (string)view["credential"]!["states"]!.AsArray().Single()!);
        Assert.Equal(environment, (string)view["usedBy"]!.AsArray().Single()!["environmentId"]!);
        Assert.Equal("lead-payments", (string)view["versions"]!.AsArray().Single()!["storedBy"]!);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_Valid_IsKeptAndInTheHistory()
    {
        var view = await (await PolicyAsync("""{"rotateEveryDays":90,"rotateBeforeDays":14,"window":"Sat,Sun 02:00-05:00"}""")).NodeAsync();
        Assert.Equal(90, (int)view["policy"]!["rotateEveryDays"]!);
        Assert.Equal("Sat,Sun 02:00-05:00", (string)view["policy"]!["window"]!);
        Assert.False((bool)view["policy"]!["unattended"]!);

        view = await (await PolicyAsync("{}")).NodeAsync();
        Assert.Null(view["policy"]!["rotateEveryDays"]);
        var events = (await (await lead.GetAsync($"/api/v1/audit?action=credential.policy&environment={environment}")).NodeAsync())[
            "items"
        ]!.AsArray();
        Assert.Equal(2, events.Count);
        Assert.Contains("\"rotateEveryDays\":90", (string)events[0]!["before"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        """{"expiresAt":"2020-01-31","rotateEveryDays":0,"rotateBeforeDays":3651,"window":"always","unattended":true}""",
        "expiresAt,rotateBeforeDays,rotateEveryDays,unattended,window"
    )]
    [InlineData("""{"expiresAt":"soon","rotateEveryDays":"9","reveal":true}""", "expiresAt,reveal,rotateEveryDays")]
    [InlineData("""{"expiresAt":"2099-13-01"}""", "expiresAt")]
    public async Task Policy_ManyThingsWrong_NamesEveryFieldAtOnce(string body, string fields)
    {
        var problem = await (await PolicyAsync(body)).ProblemAsync(400, "invalid");
        Assert.Equal(fields, string.Join(',', problem["errors"]!.AsObject().Select(e => e.Key).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Credential_OfAnotherTeam_IsNotThere()
    {
        using var other = await host.ClientAsync("lead-search");
        await (await other.GetAsync($"/api/v1/credentials/{id}")).ProblemAsync(404);
        await (await other.PutAsync($"/api/v1/credentials/{id}/policy", HttpText.Json("{}"))).ProblemAsync(404);
        Assert.Empty((await (await other.GetAsync("/api/v1/credentials")).NodeAsync())["items"]!.AsArray());
    }

    [Fact]
    public async Task Secret_WithExpiry_IsKeptWithItsVersion()
    {
        Assert.True(
            (
                await lead.PutAsync(
                    $"/api/v1/environments/{environment}/secrets/REDIS_URL?expires=2099-01-31",
                    new StringContent("redis://canary-18:6379")
                )
            ).IsSuccessStatusCode
        );
        var view = await (await lead.GetAsync($"/api/v1/credentials/{id}")).NodeAsync();
        Assert.StartsWith("2099-01-31T00:00:00", (string)view["versions"]![0]!["expiresAt"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2020-01-31")]
    [InlineData("31.01.2099")]
    public async Task Secret_ExpiryThatCannotBe_IsRefusedAndNothingIsStored(string expires)
    {
        var before = await lead.GetStringAsync($"/api/v1/environments/{environment}/secrets");
        var problem = await (
            await lead.PutAsync(
                $"/api/v1/environments/{environment}/secrets/REDIS_URL?expires={expires}",
                new StringContent("redis://canary-19:6379")
            )
        ).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]!["expires"]);
        Assert.Equal(before, await lead.GetStringAsync($"/api/v1/environments/{environment}/secrets"));
    }

    [Fact]
    public async Task Calendar_WithoutDays_CoversNinety()
    {
        var calendar = await (await lead.GetAsync("/api/v1/credentials/calendar")).NodeAsync();
        Assert.Equal(90, (int)calendar["days"]!);
        Assert.Empty(calendar["items"]!.AsArray());
    }

    private Task<HttpResponseMessage> PolicyAsync(string body) => lead.PutAsync($"/api/v1/credentials/{id}/policy", HttpText.Json(body));
}
