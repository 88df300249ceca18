using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Features.Credentials;

/// <summary>Shared credentials as far as no cluster is needed; what a worker does with them is shown by the journeys.</summary>
public sealed class SharedCredentialsApiTests(PortalHost host) : IClassFixture<PortalHost>, IAsyncLifetime
{
    private HttpClient lead = null!;
    private HttpClient admin = null!;

    public async ValueTask InitializeAsync() =>
        (lead, admin) = (await host.ClientAsync("lead-payments"), await host.ClientAsync("admin-1"));

    public ValueTask DisposeAsync()
    {
        lead.Dispose();
        admin.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Create_ForATeam_IsItsAndNobodyElsesToSee()
    {
        var (id, name) = await SharedAsync(lead, "PORTKEY_CLIENT_AUTH", "payments");
        var text = await lead.GetStringAsync($"/api/v1/credentials/{id}");
        Assert.Equal(name, (string)JsonNode.Parse(text)!["credential"]!["name"]!);
        Assert.DoesNotContain("canary", text, StringComparison.Ordinal);
        Assert.Contains((await ChoicesAsync(lead, "payments")).AsArray(), c => (string)c!["name"]! == name);
        using var other = await host.ClientAsync("lead-search");
        await (await other.GetAsync($"/api/v1/credentials/{id}")).ProblemAsync(404);
        Assert.DoesNotContain((await ChoicesAsync(other, "search")).AsArray(), c => (string)c!["name"]! == name);
        await (await other.PutAsync($"/api/v1/credentials/{id}/value", new StringContent("canary-2"))).ProblemAsync(404);
    }

    [Fact]
    public async Task Create_ManyThingsWrong_NamesEveryFieldAtOnce_AndStoresNothing()
    {
        var problem = await (
            await lead.PostAsync(
                "/api/v1/credentials?name=Not%20A%20Label&key=NO_SUCH&team=payments&expires=2001-01-01",
                new StringContent("canary-3")
            )
        ).ProblemAsync(400, "invalid");
        Assert.Equal("expires,key,name", Fields(problem));
        problem = await (
            await lead.PostAsync("/api/v1/credentials?name=&key=REDIS_URL&team=payments", new StringContent("no-url"))
        ).ProblemAsync(400, "invalid");
        Assert.Equal("name,value", Fields(problem));
        Assert.DoesNotContain("no-url", problem.ToJsonString(), StringComparison.Ordinal);
        problem = await (
            await admin.PostAsync("/api/v1/credentials?name=fine&key=REDIS_URL&team=none-such", new StringContent("redis://cache:6379"))
        ).ProblemAsync(400, "invalid");
        Assert.Equal("team", Fields(problem));
    }

    [Fact]
    public async Task Create_NameThatIsTaken_IsAConflict()
    {
        var (_, name) = await SharedAsync(lead, "REDIS_URL", "payments", "redis://cache:6379");
        await (
            await admin.PostAsync($"/api/v1/credentials?name={name}&key=REDIS_URL", new StringContent("redis://other:6379"))
        ).ProblemAsync(409, "name-taken");
    }

    [Fact]
    public async Task Request_ThatNamesOne_PinsItsVersion_AndIsAUserOnceApproved()
    {
        var (id, name) = await SharedAsync(admin, "PORTKEY_CLIENT_AUTH", "");
        var request = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Create(name)))).NodeAsync();
        Assert.Equal("v1", (string?)request["secretVersions"]?["PORTKEY_CLIENT_AUTH"]);
        Assert.Equal(name, (string?)request["spec"]?["sharedSecrets"]?["PORTKEY_CLIENT_AUTH"]);
        Assert.Equal(0, (int)(await (await admin.GetAsync($"/api/v1/credentials/{id}")).NodeAsync())["credential"]!["environments"]!);

        var approved = await admin.PostAsync(
            $"/api/v1/requests/{request["id"]}/approve",
            HttpText.Json(new JsonObject { ["digest"] = (string)request["digest"]!, ["reason"] = "ok" })
        );
        Assert.True(approved.IsSuccessStatusCode, await approved.Content.ReadAsStringAsync());
        var view = await (await admin.GetAsync($"/api/v1/credentials/{id}")).NodeAsync();
        Assert.Equal((string)request["environmentId"]!, (string)view["usedBy"]!.AsArray().Single()!["environmentId"]!);
        var plan = await (await admin.GetAsync($"/api/v1/credentials/{id}/rotation-plan")).NodeAsync();
        Assert.Contains(
            plan["blockers"]!.AsArray(),
            b => ((string)b!["message"]!).StartsWith("No environment uses it yet", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("none-such", "There is no shared credential")]
    [InlineData("", "There is no shared credential")]
    public async Task Request_NamesOneThatIsNotThere_NamesTheField(string name, string message)
    {
        var problem = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Create(name)))).ProblemAsync(400, "invalid");
        Assert.Contains(message, problem["errors"]!["spec.sharedSecrets.PORTKEY_CLIENT_AUTH"]!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_ForAnotherSettingOrWithASecretOfItsOwnToo_IsRefused()
    {
        var (_, redis) = await SharedAsync(lead, "REDIS_URL", "payments", "redis://cache:6379");
        var problem = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Create(redis)))).ProblemAsync(400, "invalid");
        Assert.Contains(
            "is a credential for REDIS_URL",
            problem["errors"]!["spec.sharedSecrets.PORTKEY_CLIENT_AUTH"]!.ToJsonString(),
            StringComparison.Ordinal
        );

        var (_, key) = await SharedAsync(lead, "PORTKEY_CLIENT_AUTH", "payments");
        var both = Create(key);
        both["spec"]!["secrets"] = new JsonObject { ["PORTKEY_CLIENT_AUTH"] = "canary-4" };
        problem = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(both))).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]!["spec.secrets.PORTKEY_CLIENT_AUTH"]);
    }

    [Fact]
    public async Task Request_NamesOneOfAnotherTeam_IsToldThatThereIsNone()
    {
        using var search = await host.ClientAsync("lead-search");
        var (_, name) = await SharedAsync(search, "PORTKEY_CLIENT_AUTH", "search");
        var problem = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Create(name)))).ProblemAsync(400, "invalid");
        Assert.DoesNotContain(
            name,
            problem["errors"]!["spec.sharedSecrets.PORTKEY_CLIENT_AUTH"]!
                .ToJsonString()
                .Replace("sharedSecrets", "", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Rotation_OfWhatNothingUses_IsRefusedWithTheReason()
    {
        var (id, _) = await SharedAsync(lead, "PORTKEY_CLIENT_AUTH", "payments");
        var problem = await (
            await lead.PostAsync($"/api/v1/credentials/{id}/rotations", HttpText.Json("""{"waveSize":99}"""))
        ).ProblemAsync(400, "invalid");
        Assert.Equal("credential,waveSize", Fields(problem));
    }

    private static string Fields(JsonNode problem) =>
        string.Join(',', problem["errors"]!.AsObject().Select(e => e.Key).Order(StringComparer.Ordinal));

    private static async Task<JsonNode> ChoicesAsync(HttpClient client, string team) =>
        (await (await client.GetAsync($"/api/v1/credentials/shared?team={team}")).NodeAsync())["items"]!;

    private static async Task<(string Id, string Name)> SharedAsync(HttpClient client, string key, string team, string value = "canary-1")
    {
        var name = "shared-" + Guid.NewGuid().ToString("N")[..8];
        var answer = await client.PostAsync($"/api/v1/credentials?name={name}&key={key}&team={team}", new StringContent(value));
        Assert.True((int)answer.StatusCode == 201, await answer.Content.ReadAsStringAsync());
        return ((string)(await answer.NodeAsync())["credential"]!["id"]!, name);
    }

    private static JsonObject Create(string shared)
    {
        var name = "uses-" + Guid.NewGuid().ToString("N")[..8];
        var body = PortalHost.Create(name);
        body["spec"] = new JsonObject
        {
            ["edition"] = "enterprise",
            ["settings"] = new JsonObject { ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666", ["SERVICE_NAME"] = name },
            ["sharedSecrets"] = new JsonObject { ["PORTKEY_CLIENT_AUTH"] = shared },
        };
        return body;
    }
}
