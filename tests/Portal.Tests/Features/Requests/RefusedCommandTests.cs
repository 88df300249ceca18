using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Tests.Features.Requests;

/// <summary>A command that is refused leaves nothing in the vault, and a repeated key with other content changes nothing.</summary>
public sealed class RefusedCommandTests : IAsyncLifetime
{
    private readonly FakeVault vault = new();
    private readonly PortalHost real = new();
    private WebApplicationFactory<Program> host = null!;
    private HttpClient lead = null!;
    private HttpClient admin = null!;

    public async ValueTask InitializeAsync()
    {
        host = real.WithWebHostBuilder(b => b.ConfigureTestServices(s => s.AddSingleton<ISecretWriter>(vault)));
        (lead, admin) = (await ClientAsync("lead-payments"), await ClientAsync("admin-1"));
    }

    public async ValueTask DisposeAsync()
    {
        lead.Dispose();
        admin.Dispose();
        await host.DisposeAsync();
        await real.DisposeAsync();
    }

    [Fact]
    public async Task Import_WhoseSecondSecretTheVaultRefuses_LeavesNothing()
    {
        vault.Refuses = "-redis-url";
        await (
            await lead.PostAsync(
                "/api/v1/import",
                new StringContent("PORTKEY_CLIENT_AUTH=client-key\nREDIS_URL=redis://cache.example.com:6379\n")
            )
        ).ProblemAsync(409);
        Assert.Equal(1, vault.Stored);
        Assert.Empty(vault.Enabled);
    }

    [Fact]
    public async Task Propose_WhoseSecondSecretTheVaultRefuses_LeavesNothing()
    {
        vault.Refuses = "-redis-url";
        await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Create("half", "client-key")))).ProblemAsync(409);
        Assert.Equal(1, vault.Stored);
        Assert.Empty(vault.Enabled);
    }

    [Fact]
    public async Task Propose_OneNameManyTimesAtOnce_LeavesOnlyTheWinnersSecrets()
    {
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(i => lead.PostAsync("/api/v1/requests", HttpText.Json(Create("raced", $"client-key-{i}"))))
        );
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        await OnlyNamedAsync();
        Assert.Equal(2, vault.Enabled.Count);
    }

    [Fact]
    public async Task RegisterCluster_NameThatIsTaken_StoresNothing()
    {
        await (await admin.PostAsync("/api/v1/clusters", HttpText.Json("""{"name":"sandbox","kubeconfig":"whatever"}"""))).ProblemAsync(
            409,
            "name-taken"
        );
        Assert.Equal(0, vault.Stored);
    }

    [Fact]
    public async Task Propose_SameKeyOtherSecretValue_Is409AndChangesNothing()
    {
        lead.DefaultRequestHeaders.Add("Idempotency-Key", "with-a-secret");
        var first = await lead.PostAsync("/api/v1/requests", HttpText.Json(Create("keyed", "client-key")));
        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        var (made, before) = (await first.NodeAsync(), vault.Enabled.Keys.Order(StringComparer.Ordinal).ToList());

        await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Create("keyed", "another-key")))).ProblemAsync(
            409,
            "idempotency-key-reused"
        );
        Assert.Equal(before, vault.Enabled.Keys.Order(StringComparer.Ordinal));

        // The same once more, whatever order its fields have, is still the first one.
        var again = Create("keyed", "client-key");
        var spec = again["spec"]!.AsObject();
        again["spec"] = new JsonObject(spec.Reverse().Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
        Assert.Equal(
            (string?)made["id"],
            (string?)(await (await lead.PostAsync("/api/v1/requests", HttpText.Json(again))).NodeAsync())["id"]
        );
        Assert.Equal(before, vault.Enabled.Keys.Order(StringComparer.Ordinal));
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        var kept = (await db.IdempotencyRecords.SingleAsync()).RequestHash;
        Assert.DoesNotContain("client-key", kept, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("change", """{"spec":{"edition":"enterprise","secrets":{"PORTKEY_CLIENT_AUTH":"KEY"}}}""")]
    [InlineData("upgrade", """{"chartVersion":"9.9.KEY"}""")]
    [InlineData("rotate", """{"key":"PORTKEY_CLIENT_AUTH","issue":false,"reason":"KEY"}""")]
    [InlineData("rollback", """{"revision":1,"reason":"KEY"}""")]
    [InlineData("delete", """{"reason":"KEY"}""")]
    public async Task EveryCall_KeyThatWasUsedForSomethingElse_Is409AndStoresNothing(string verb, string body)
    {
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(Create("every-" + verb, "client-key")))).NodeAsync();
        Assert.True(
            (
                await admin.PostAsync(
                    $"/api/v1/requests/{made["id"]}/approve",
                    HttpText.Json(new JsonObject { ["digest"] = $"{made["digest"]}" })
                )
            ).IsSuccessStatusCode
        );
        lead.DefaultRequestHeaders.Add("Idempotency-Key", "one-of-each");
        var path = $"/api/v1/environments/{made["environmentId"]}/";
        var removal = await lead.PostAsync(path + "delete", HttpText.Json("""{"reason":"first"}"""));
        Assert.Equal(HttpStatusCode.Created, removal.StatusCode);
        var stored = vault.Stored;

        await (await lead.PostAsync(path + verb, HttpText.Json(body.Replace("KEY", "7", StringComparison.Ordinal)))).ProblemAsync(
            409,
            "idempotency-key-reused"
        );
        Assert.Equal(stored, vault.Stored);
        Assert.Equal(
            2,
            (await (await lead.GetAsync($"/api/v1/requests?environment={made["environmentId"]}")).NodeAsync())["items"]!.AsArray().Count
        );
    }

    private static JsonObject Create(string name, string secret)
    {
        var body = PortalHost.Create(name);
        body["spec"] = new JsonObject
        {
            ["edition"] = "enterprise",
            ["settings"] = new JsonObject
            {
                ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666",
                ["SERVICE_NAME"] = name,
                ["CACHE_STORE"] = "custom",
            },
            ["secrets"] = new JsonObject { ["PORTKEY_CLIENT_AUTH"] = secret, ["REDIS_URL"] = "redis://cache.example.com:6379" },
            ["network"] = new JsonObject { ["exposure"] = "internal" },
        };
        return body;
    }

    private async Task<HttpClient> ClientAsync(string persona)
    {
        var client = host.CreateClient(new() { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new("Bearer", await client.GetStringAsync($"/dev/token/{persona}"));
        return client;
    }

    private async Task OnlyNamedAsync()
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        var named = await db.SecretReferences.SelectMany(r => r.Versions, (r, v) => r.VaultName + "/" + v.VaultVersion).ToListAsync();
        Assert.Equal(named.Order(StringComparer.Ordinal), vault.Enabled.Keys.Order(StringComparer.Ordinal));
    }
}
