using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;

namespace Portkey.Portal.Tests.Features.Catalog;

/// <summary>How secrets get into a cluster, by the API.</summary>
public sealed class SecretDeliveryApiTests(PortalHost host) : IClassFixture<PortalHost>
{
    private const string Id = "11111111-2222-4333-8444-555555555555";
    private const string External =
        """{"mode":"externalSecrets","storeKind":"ClusterSecretStore","storeName":"portkey","refreshInterval":"30m"}""";

    [Fact]
    public async Task Put_OnKeyVault_IsKept_ShownAndInHistory_AndTheSameAgainIsNot()
    {
        await using var azure = OnKeyVault();
        var changed = await (await PutAsync(azure, "sandbox", External)).NodeAsync();
        Assert.Equal(
            """{"mode":"externalSecrets","storeKind":"ClusterSecretStore","storeName":"portkey","refreshInterval":"30m"}""",
            Written(changed["secretDelivery"]!)
        );
        await PutAsync(azure, (string)changed["id"]!, External);
        var csi = await (
            await PutAsync(azure, (string)changed["id"]!, $$"""{"mode":"csi","vault":"portkey","tenantId":"{{Id}}","clientId":"{{Id}}"}""")
        ).NodeAsync();
        Assert.Equal(
            $$"""{"mode":"csi","vault":"https://portkey.vault.azure.net/","tenantId":"{{Id}}","clientId":"{{Id}}"}""",
            Written(csi["secretDelivery"]!)
        );

        var client = await ClientAsync(azure, "auditor");
        var listed = (await (await client.GetAsync("/api/v1/clusters")).NodeAsync())["items"]!
            .AsArray()
            .Single(c => (string)c!["name"]! == "sandbox")!;
        Assert.Equal("csi", (string)listed["secretDelivery"]!["mode"]!);
        var events = (await (await client.GetAsync("/api/v1/audit?action=cluster.secretDelivery")).NodeAsync())["items"]!.AsArray();
        Assert.Equal(2, events.Count);
        await (await PutAsync(azure, "sandbox", """{"mode":"portal"}""")).NodeAsync();
    }

    [Theory]
    [InlineData("{}", "mode")]
    [InlineData("""{"mode":"vault"}""", "mode")]
    [InlineData("""{"mode":"portal","storeName":"portkey"}""", "storeName")]
    [InlineData("""{"mode":"portal","store":"portkey"}""", "store")]
    [InlineData("""{"mode":7}""", "mode")]
    [InlineData(
        """{"mode":"externalSecrets","storeKind":"Store","storeName":"{{ .Values }}","refreshInterval":"often"}""",
        "refreshInterval storeKind storeName"
    )]
    [InlineData("""{"mode":"csi","vault":"https://example.org","tenantId":"x"}""", "clientId tenantId vault")]
    [InlineData(
        """{"mode":"csi","vault":"not-the-portals","tenantId":"11111111-2222-4333-8444-555555555555","clientId":"11111111-2222-4333-8444-555555555555"}""",
        "vault"
    )]
    public async Task Put_WhatIsWrong_IsNamedByFieldAtOnce(string body, string fields)
    {
        await using var azure = OnKeyVault();
        var problem = await (await PutAsync(azure, "sandbox", body)).ProblemAsync(400, "invalid");
        Assert.Equal(fields.Split(' '), problem["errors"]!.AsObject().Select(e => e.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Put_OnALocalVault_OtherWaysAreRefusedInWordsToActOn()
    {
        var problem = await (await PutAsync(host, "sandbox", External)).ProblemAsync(400, "invalid");
        Assert.Contains("local vault", problem["errors"]!["mode"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.True((await PutAsync(host, "sandbox", """{"mode":"portal"}""")).IsSuccessStatusCode);
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    public async Task Put_NoSuchCluster_Is404(string cluster) =>
        await (await PutAsync(host, cluster, """{"mode":"portal"}""")).ProblemAsync(404, "not-found");

    private WebApplicationFactory<Program> OnKeyVault() =>
        host.WithWebHostBuilder(b =>
        {
            b.UseSetting("Portal:Vault:Kind", "azure");
            b.UseSetting("Portal:Vault:Address", "https://portkey.vault.azure.net");
        });

    private static async Task<HttpResponseMessage> PutAsync(WebApplicationFactory<Program> portal, string cluster, string body) =>
        await (await ClientAsync(portal, "admin-1")).PutAsync($"/api/v1/clusters/{cluster}/secret-delivery", HttpText.Json(body));

    private static async Task<HttpClient> ClientAsync(WebApplicationFactory<Program> portal, string persona)
    {
        var client = portal.CreateClient(new() { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new("Bearer", await client.GetStringAsync($"/dev/token/{persona}"));
        return client;
    }

    private static string Written(JsonNode view) =>
        new JsonObject(
            view.AsObject().Where(f => f.Value is not null).Select(f => KeyValuePair.Create(f.Key, f.Value?.DeepClone()))
        ).ToJsonString();
}
