using System.Net;

namespace Portkey.Portal.Tests.Hosting.Api;

/// <summary>What is asked again and again: whether it changed, and when to look again.</summary>
public sealed class PollingTests(PaymentsWorld world) : IClassFixture<PaymentsWorld>
{
    [Theory]
    [InlineData("environments?team=payments")]
    [InlineData("environments/{env}")]
    [InlineData("environments/{env}/operations")]
    [InlineData("requests")]
    [InlineData("requests/{req}")]
    [InlineData("credentials")]
    [InlineData("credentials/orphans")]
    [InlineData("rotations")]
    [InlineData("operations/{op}")]
    public async Task Get_WithTheTagThatItGave_Is304UntilItChanges(string path)
    {
        using var client = await world.Host.ClientAsync("lead-payments");
        foreach (var (name, id) in world.Ids)
        {
            path = path.Replace("{" + name + "}", id, StringComparison.Ordinal);
        }

        using var first = await client.GetAsync("/api/v1/" + path);
        var tag = first.Headers.ETag!;
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        foreach (var (given, status) in new[] { (tag.ToString(), 304), ($"\"other\", {tag}", 304), ("*", 304), ("\"other\"", 200) })
        {
            using var message = new HttpRequestMessage(HttpMethod.Get, "/api/v1/" + path);
            message.Headers.TryAddWithoutValidation("If-None-Match", given);
            using var again = await client.SendAsync(message);
            Assert.True(status == (int)again.StatusCode, $"{given}: {(int)again.StatusCode}");
            Assert.Equal(tag, again.Headers.ETag);
            Assert.Equal(status == 304, (await again.Content.ReadAsStringAsync()).Length == 0);
        }
    }

    [Fact]
    public async Task Request_OnceItWasDecidedOn_HasAnotherTag()
    {
        using var lead = await world.Host.ClientAsync("lead-payments");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("tagged")))).NodeAsync();
        using var before = await lead.GetAsync($"/api/v1/requests/{made["id"]}");
        (
            await lead.PostAsync($"/api/v1/requests/{made["id"]}/cancel", HttpText.Json($$"""{"digest":"{{made["digest"]}}"}"""))
        ).EnsureSuccessStatusCode();
        using var message = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/requests/{made["id"]}");
        message.Headers.IfNoneMatch.Add(before.Headers.ETag!);
        using var after = await lead.SendAsync(message);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.NotEqual(before.Headers.ETag, after.Headers.ETag);
    }

    [Fact]
    public async Task Operation_UnderWay_SaysWhenToLookAgain()
    {
        using var lead = await world.Host.ClientAsync("lead-payments");
        using var operation = await lead.GetAsync($"/api/v1/operations/{world.Ids["op"]}");
        Assert.InRange(operation.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        using var environment = await lead.GetAsync($"/api/v1/environments/{world.Ids["env"]}");
        Assert.NotNull(environment.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("team=payments&name=matrix", 1)]
    [InlineData("team=payments&name=matri", 0)]
    [InlineData("team=search&name=matrix", 0)]
    [InlineData("name=matrix", 1)]
    public async Task Environments_ByTeamAndName_AreTheOneThatIsMeant(string query, int found)
    {
        using var admin = await world.Host.ClientAsync("admin-1");
        var items = (await (await admin.GetAsync($"/api/v1/environments?{query}")).NodeAsync())["items"]!.AsArray();
        Assert.Equal(found, items.Count);
        Assert.All(items, i => Assert.Equal(world.Ids["env"], (string)i!["id"]!));
    }
}
