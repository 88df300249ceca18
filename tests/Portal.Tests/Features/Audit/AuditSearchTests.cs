using System.Text.Json.Nodes;

namespace Portkey.Portal.Tests.Features.Audit;

/// <summary>History is found by what people see of it: names, words and parts of both.</summary>
public sealed class AuditSearchTests(PortalHost host) : IClassFixture<PortalHost>, IAsyncLifetime
{
    private readonly string name = "found-" + Guid.NewGuid().ToString("N")[..8];
    private HttpClient auditor = null!;

    public async ValueTask InitializeAsync()
    {
        auditor = await host.ClientAsync("auditor");
        using var lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var create = PortalHost.Create(name);
        create["reason"] = "For the Summer sale";
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(create))).NodeAsync();
        (
            await admin.PostAsync(
                $"/api/v1/requests/{made["id"]}/approve",
                HttpText.Json(new JsonObject { ["digest"] = (string)made["digest"]!, ["reason"] = "fine" })
            )
        ).EnsureSuccessStatusCode();
    }

    public ValueTask DisposeAsync()
    {
        auditor.Dispose();
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData("actor=lead-payments", "request.proposed")]
    [InlineData("actor=Lena", "request.proposed")]
    [InlineData("actor=lena%20pay", "request.proposed")]
    [InlineData("action=Request%20approved", "request.approved")]
    [InlineData("action=approved%20request", "request.approved")]
    [InlineData("action=request.approved", "request.approved")]
    [InlineData("text=summer%20SALE", "request.proposed")]
    [InlineData("team=payments&action=request.approved", "request.approved")]
    [InlineData("team=Payments&action=request.approved", "request.approved")]
    public async Task Search_ByWhatIsShown_FindsTheEvent(string query, string action)
    {
        var found = await ItemsAsync($"environment={name}&{query}");
        Assert.Equal([action], found.Select(e => (string?)e!["action"]).Distinct());
        Assert.Equal([name], found.Select(e => (string?)e!["environmentName"]).Distinct());
        Assert.Equal(["Payments"], found.Select(e => (string?)e!["teamName"]).Distinct());
    }

    [Theory]
    [InlineData("actor=Nobody%20here")]
    [InlineData("action=cooked")]
    [InlineData("team=search")]
    [InlineData("text=summer%20winter")]
    public async Task Search_ByWhatIsNotThere_FindsNothing(string query) => Assert.Empty(await ItemsAsync($"environment={name}&{query}"));

    [Fact]
    public async Task Search_ByPartOfTheEnvironmentsName_FindsItsEvents() =>
        Assert.NotEmpty(await ItemsAsync($"environment={name[..^2]}"));

    [Fact]
    public async Task Search_ByAnEnvironmentThatNothingIsCalledLike_IsNotFound() =>
        await (await auditor.GetAsync("/api/v1/audit?environment=no-such-thing")).ProblemAsync(404);

    [Fact]
    public async Task Search_ByThePortal_FindsWhatNobodyAskedFor()
    {
        var found = await ItemsAsync("actor=The%20portal");
        Assert.NotEmpty(found);
        Assert.All(found, e => Assert.Equal(("system", "The portal"), ((string?)e!["actor"], (string?)e["actorName"])));
    }

    [Fact]
    public async Task Search_AsAnotherTeam_FindsNothing()
    {
        using var other = await host.ClientAsync("lead-search");
        Assert.Empty((await (await other.GetAsync("/api/v1/audit?text=summer%20sale")).NodeAsync())["items"]!.AsArray());
    }

    private async Task<JsonArray> ItemsAsync(string query) =>
        (await (await auditor.GetAsync($"/api/v1/audit?{query}")).NodeAsync())["items"]!.AsArray();
}
