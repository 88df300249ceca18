using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Data;

namespace Portkey.Portal.Tests.Features.Requests;

/// <summary>What the vendor says of a version shows at each place where it matters.</summary>
public sealed class VendorNotesApiTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Notes_OfAVersion_ShowInCatalogueCheckRequestEnvironmentAndUpgrade()
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var charts = (await (await lead.GetAsync("/api/v1/charts")).NodeAsync())["items"]!.AsArray();
        var chart = charts.First(c => (string?)c!["edition"] == "enterprise" && (bool)c["isDefault"]!)!;
        Assert.Equal((string)chart["imageTag"]!, (string?)chart["pinnedImage"]!["tag"]);
        Assert.All(chart["newerImages"]!.AsArray(), i => Assert.NotEqual("", (string?)i!["source"]));

        var check = await (await lead.PostAsync("/api/v1/requests/check", HttpText.Json(Create("2.6.1")))).NodeAsync();
        Assert.Empty(check["problems"]!.AsArray());
        Says(check, "loses cost attribution");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Create("2.6.1")))).NodeAsync();
        Says(made, "loses cost attribution");
        var approval = await admin.PostAsync(
            $"/api/v1/requests/{made["id"]}/approve",
            HttpText.Json(new JsonObject { ["digest"] = $"{made["digest"]}", ["reason"] = "as asked" })
        );
        Assert.True(approval.IsSuccessStatusCode, await approval.Content.ReadAsStringAsync());

        var id = (string)made["environmentId"]!;
        Assert.Empty((await (await lead.GetAsync($"/api/v1/environments/{id}")).NodeAsync())["findings"]!.AsArray()); // nothing runs yet
        await AppliedAsync(id);
        Says(await (await lead.GetAsync($"/api/v1/environments/{id}")).NodeAsync(), "loses cost attribution");

        var upgrade = Create("2.8.0")["spec"]!.DeepClone();
        upgrade.AsObject().Remove("secrets");
        upgrade["dataService"] = true;
        upgrade["dataServiceImage"] = new JsonObject { ["tag"] = "1.7.0" };
        var refused = await (
            await lead.PostAsync($"/api/v1/environments/{id}/change", HttpText.Json(new JsonObject { ["spec"] = upgrade }))
        ).ProblemAsync(400, "invalid");
        var text = (string)Assert.Single(refused["errors"]!["spec.imageTag"]!.AsArray())!;
        Assert.Contains(
            "no data service runs yet, with gateway 2.6.1. First ask for a change to a data service >=1.7.0",
            text,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Environment_WhoseRevisionWasChangedPastThePortal_IsShownWithoutWhatIsReadOffItsText()
    {
        using var lead = await host.ClientAsync("lead-payments");
        using var admin = await host.ClientAsync("admin-1");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Create("2.6.1", "noted-changed")))).NodeAsync();
        var approval = await admin.PostAsync(
            $"/api/v1/requests/{made["id"]}/approve",
            HttpText.Json(new JsonObject { ["digest"] = $"{made["digest"]}", ["reason"] = "as asked" })
        );
        Assert.True(approval.IsSuccessStatusCode, await approval.Content.ReadAsStringAsync());
        var id = (string)made["environmentId"]!;
        await AppliedAsync(id);
        await using (var db = await host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync())
        {
            await db
                .Revisions.Where(r => r.EnvironmentId == Guid.Parse(id))
                .ExecuteUpdateAsync(s => s.SetProperty(r => r.Content.ManifestYaml, "a: ["));
        }

        var seen = await (await lead.GetAsync($"/api/v1/environments/{id}")).NodeAsync();
        Assert.Equal("noted-changed", (string?)seen["name"]);
        Assert.Null(seen["cost"]);
        Assert.True((await lead.GetAsync($"/api/v1/environments/{id}/findings")).IsSuccessStatusCode);
    }

    private static void Says(JsonNode answer, string words) =>
        Assert.Contains(
            answer["findings"]!.AsArray(),
            f => (string?)f!["kind"] == "vendor" && ((string)f["message"]!).Contains(words, StringComparison.Ordinal)
        );

    private static JsonObject Create(string tag, string name = "noted")
    {
        var body = PortalHost.Create(name);
        body["spec"] = new JsonObject
        {
            ["edition"] = "enterprise",
            ["imageTag"] = tag,
            ["network"] = new JsonObject { ["exposure"] = "internal" },
            ["settings"] = new JsonObject
            {
                ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666",
                ["SERVICE_NAME"] = "noted",
                ["CACHE_STORE"] = "redis",
            },
            ["secrets"] = new JsonObject { ["PORTKEY_CLIENT_AUTH"] = "client-key" },
        };
        return body;
    }

    // What a worker does when it has applied a revision; none runs here.
    private async Task AppliedAsync(string environment)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        var row = await db.Environments.AsTracking().FirstAsync(e => e.Id == Guid.Parse(environment));
        row.AppliedRevision = 1;
        row.MoveTo(EnvironmentState.Ready);
        await db.SaveChangesAsync();
    }
}
