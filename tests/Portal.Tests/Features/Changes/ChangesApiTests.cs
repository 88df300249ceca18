using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Data;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Features.Changes;

/// <summary>Two persons for what rules everything, through the real pipeline.</summary>
public sealed class ChangesApiTests
{
    [Fact]
    public async Task Bootstrap_OneAdministratorRegistersAtOnce_AndTheHistoryNamesServerAuthorityTlsAndIdentity()
    {
        await using var host = new PortalHost();
        await using var cluster = await TinyCluster.StartAsync();
        var ada = await host.ClientAsync("admin-1");
        var made = await RegisterAsync(ada, "one", cluster.Kubeconfig());
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var pins = (await made.NodeAsync())["pins"]!;
        Assert.Equal(
            (cluster.Address, cluster.Fingerprint, cluster.Uid, "verified"),
            ((string)pins["server"]!, (string)pins["authority"]!, (string)pins["uid"]!, (string)pins["tls"]!)
        );
        var events = (await (await ada.GetAsync("/api/v1/audit?action=cluster.registered")).NodeAsync())["items"]!
            .AsArray()
            .Select(e => (string)e!["after"]!)
            .ToList();
        Assert.Contains(
            events,
            e =>
                e.Contains(cluster.Address, StringComparison.Ordinal)
                && e.Contains(cluster.Fingerprint, StringComparison.Ordinal)
                && e.Contains(cluster.Uid, StringComparison.Ordinal)
                && e.Contains("verified", StringComparison.Ordinal)
        );
        Assert.True((bool)(await (await ada.GetAsync("/api/v1/changes")).NodeAsync())["items"]![0]!["isBootstrap"]!);

        // The same cluster under a second name.
        await (await RegisterAsync(ada, "two", cluster.Kubeconfig())).ProblemAsync(409, "cluster-known");
    }

    [Fact]
    public async Task Cluster_AfterTheBootstrap_WaitsForASecondAdministrator_WhoMayNotBeTheFirst()
    {
        await using var host = new PortalHost();
        await using var cluster = await TinyCluster.StartAsync();
        var (ada, ben) = await TwoAsync(host);
        var waiting = await RegisterAsync(ada, "one", cluster.Kubeconfig());
        Assert.Equal(HttpStatusCode.Accepted, waiting.StatusCode);
        Assert.NotNull(waiting.Headers.RetryAfter);
        var change = (await waiting.NodeAsync())["change"]!;
        Assert.Equal($"/api/v1/changes/{change["id"]}", waiting.Headers.Location!.ToString());
        Assert.Equal("pending", (string)change["state"]!);
        Assert.DoesNotContain("canary", change.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(change["facts"]!.AsArray(), f => (string)f!["name"]! == "Server" && (string)f["after"]! == cluster.Address);
        Assert.DoesNotContain(
            "\"one\"",
            await (await ada.GetAsync("/api/v1/clusters")).Content.ReadAsStringAsync(),
            StringComparison.Ordinal
        );

        // Alone; again; with what he did not see.
        await (await DecideAsync(ada, change, "approve")).ProblemAsync(403, "forbidden");
        await (await RegisterAsync(ada, "one", cluster.Kubeconfig())).ProblemAsync(409, "change-pending");
        await (await DecideAsync(ben, change, "approve", "sha256:0000")).ProblemAsync(409, "stale-digest");
        await (await DecideAsync(await host.ClientAsync("lead-payments"), change, "approve")).ProblemAsync(403, "forbidden");
        await (await DecideAsync(await host.ClientAsync("auditor"), change, "approve")).ProblemAsync(403, "forbidden");

        Assert.Equal("approved", (string)(await (await DecideAsync(ben, change, "approve")).NodeAsync())["state"]!);
        Assert.Contains("\"one\"", await (await ada.GetAsync("/api/v1/clusters")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await (await DecideAsync(ben, change, "reject")).ProblemAsync(409, "not-pending");
    }

    [Fact]
    public async Task Kubeconfig_OfOneAdministratorAlone_ReplacesNothing_AndARowChangedMeanwhileIsStale()
    {
        await using var host = new PortalHost();
        await using var cluster = await TinyCluster.StartAsync();
        await using var theirs = await TinyCluster.StartAsync();
        var ada = await host.ClientAsync("admin-1");
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(ada, "one", cluster.Kubeconfig())).StatusCode);
        var before = await SourceAsync(host);
        var ben = await host.ClientAsync("admin-2");
        await ben.GetAsync("/api/v1/me");

        // Seen: one administrator, a proxy in between, TLS off, a foreign cluster.
        var refused = await (await ReplaceAsync(ada, theirs.Kubeconfig())).ProblemAsync(400, "invalid");
        Assert.Contains("another cluster", refused["errors"]!["kubeconfig"]!.ToJsonString(), StringComparison.Ordinal);
        var waiting = await ReplaceAsync(ada, cluster.Kubeconfig() + "\n# anew\n");
        Assert.Equal(HttpStatusCode.Accepted, waiting.StatusCode);
        Assert.Equal(before, await SourceAsync(host));
        var change = (await waiting.NodeAsync())["change"]!;

        // Between proposal and approval somebody with the database changes where it leads.
        await ChangeAsync(
            host,
            "UPDATE governance_changes SET payload_json = replace(payload_json, 'https://127.0.0.1', 'https://127.0.0.2'), vault_version = 'theirs' WHERE state = 'Pending'"
        );
        await (await DecideAsync(ben, change, "approve")).ProblemAsync(409, "stale-digest");
        Assert.Equal(before, await SourceAsync(host));
        await ChangeAsync(
            host,
            "UPDATE governance_changes SET payload_json = replace(payload_json, 'https://127.0.0.2', 'https://127.0.0.1') WHERE state = 'Pending'"
        );
        await (await DecideAsync(ben, change, "approve")).ProblemAsync(409, "stale-digest");
        Assert.Equal(HttpStatusCode.OK, (await ada.PostAsync($"/api/v1/changes/{change["id"]}/cancel", HttpText.Json("{}"))).StatusCode);

        var again = (await (await ReplaceAsync(ada, cluster.Kubeconfig() + "\n# anew\n")).NodeAsync())["change"]!;
        Assert.Equal(HttpStatusCode.OK, (await DecideAsync(ben, again, "approve")).StatusCode);
        Assert.NotEqual(before, await SourceAsync(host));
    }

    [Theory]
    [InlineData("token: canary-token, as: system:admin", "", "user.as")]
    [InlineData("token: canary-token", ", proxy-url: 'http://127.0.0.1:1'", "cluster.proxy-url")]
    [InlineData("token: canary-token", ", tls-server-name: x", "cluster.tls-server-name")]
    [InlineData("username: a, password: canary-token", "", "user.password")]
    public async Task Kubeconfig_WithAFieldThatIsNotHonoured_IsRefusedByName_AndNobodyIsAsked(string user, string endpoint, string field)
    {
        await using var host = new PortalHost();
        await using var cluster = await TinyCluster.StartAsync();
        var problem = await (
            await RegisterAsync(await host.ClientAsync("admin-1"), "one", cluster.Kubeconfig(user, endpoint))
        ).ProblemAsync(400, "invalid");
        Assert.Contains(field, problem["errors"]!["kubeconfig"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", problem.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(0, cluster.Asked);
    }

    [Fact]
    public async Task SecretDeliveryAndRegistration_ByOneAlone_Wait_AndWhatNobodyMayIsNotProposed()
    {
        await using var plain = new PortalHost();
        await using var host = plain.WithWebHostBuilder(b =>
        {
            b.UseSetting("Portal:Vault:Kind", "azure");
            b.UseSetting("Portal:Vault:Address", "https://portkey.vault.azure.net");
        });
        var (ada, ben) = (await ClientAsync(host, "admin-1"), await ClientAsync(host, "admin-2"));
        await ben.GetAsync("/api/v1/me");
        const string asked =
            """{"mode":"externalSecrets","storeKind":"ClusterSecretStore","storeName":"portkey","refreshInterval":"30m"}""";
        var waiting = await ada.PutAsync("/api/v1/clusters/sandbox/secret-delivery", HttpText.Json(asked));
        Assert.Equal(HttpStatusCode.Accepted, waiting.StatusCode);
        var change = (await waiting.NodeAsync())["change"]!;
        Assert.Equal("portal", await ModeAsync(ada));
        await (await DecideAsync(ada, change, "approve")).ProblemAsync(403, "forbidden");
        Assert.Equal(HttpStatusCode.OK, (await DecideAsync(ben, change, "approve")).StatusCode);
        Assert.Equal("externalSecrets", await ModeAsync(ada));
        Assert.Equal(HttpStatusCode.OK, (await ada.PutAsync("/api/v1/clusters/sandbox/secret-delivery", HttpText.Json(asked))).StatusCode); // it is so already

        await (await (await ClientAsync(host, "lead-payments")).GetAsync("/api/v1/changes")).ProblemAsync(403, "forbidden");
        Assert.Equal(HttpStatusCode.OK, (await (await ClientAsync(host, "auditor")).GetAsync("/api/v1/changes?state=approved")).StatusCode);
    }

    [Fact]
    public async Task JobsOfPreflight_AreOff_AndNeedTwoAdministrators_NeverALead()
    {
        await using var host = new PortalHost();
        var (ada, ben) = await TwoAsync(host);
        const string path = "/api/v1/clusters/sandbox/preflight-jobs";
        const string asked = """{"allowed":true}""";
        Assert.False(await AllowedAsync(ada));
        await (await (await host.ClientAsync("lead-payments")).PutAsync(path, HttpText.Json(asked))).ProblemAsync(403, "forbidden");
        await (await ada.PutAsync(path, HttpText.Json("{}"))).ProblemAsync(400, "invalid");
        await (await ada.PutAsync(path, HttpText.Json("""{"allowed":"yes"}"""))).ProblemAsync(400, "invalid");

        var waiting = await ada.PutAsync(path, HttpText.Json(asked));
        Assert.Equal(HttpStatusCode.Accepted, waiting.StatusCode);
        var change = (await waiting.NodeAsync())["change"]!;
        await (await DecideAsync(ada, change, "approve")).ProblemAsync(403, "forbidden");
        Assert.False(await AllowedAsync(ada));
        Assert.Equal(HttpStatusCode.OK, (await DecideAsync(ben, change, "approve")).StatusCode);
        Assert.True(await AllowedAsync(ada));
        Assert.Equal(HttpStatusCode.OK, (await ada.PutAsync(path, HttpText.Json(asked))).StatusCode); // it is so already

        static async Task<bool> AllowedAsync(HttpClient client) =>
            (await (await client.GetAsync("/api/v1/clusters")).NodeAsync())["items"]!
                .AsArray()
                .Single(c => c!["name"]!.ToString() == "sandbox")!["preflightJobs"]!.GetValue<bool>();
    }

    [Fact]
    public async Task ChartWithAWaiver_ByOneAlone_Waits_AndOneWithoutIsRegisteredAtOnce()
    {
        await using var host = new PortalHost();
        using var folder = new TemporaryFolder();
        var (ada, ben) = await TwoAsync(host);
        Assert.Equal(HttpStatusCode.Created, (await ChartAsync(ada, Chart(folder, "7.7.7"), null)).StatusCode);
        var waiting = await ChartAsync(ada, Chart(folder, "7.7.8"), "it needs to");
        Assert.Equal(HttpStatusCode.Accepted, waiting.StatusCode);
        var change = (await waiting.NodeAsync())["change"]!;
        Assert.DoesNotContain("7.7.8", await (await ada.GetAsync("/api/v1/charts")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await DecideAsync(ben, change, "approve")).StatusCode);
        var chart = (await (await ada.GetAsync("/api/v1/charts")).NodeAsync())["items"]!
            .AsArray()
            .Single(c => (string)c!["version"]! == "7.7.8")!;
        Assert.Equal("it needs to", (string)chart["podSecurityWaiver"]!);
    }

    private static string Chart(TemporaryFolder folder, string version)
    {
        var path = folder.Combine(version);
        ChartCopy.Write(path, version);
        return path;
    }

    private static async Task<HttpResponseMessage> ChartAsync(HttpClient client, string location, string? waiver) =>
        await client.PostAsync(
            "/api/v1/charts",
            HttpText.Json(
                new JsonObject
                {
                    ["source"] = "directory",
                    ["location"] = location,
                    ["edition"] = "oss",
                    ["podSecurityWaiver"] = waiver,
                }
            )
        );

    private static async Task<HttpResponseMessage> RegisterAsync(HttpClient client, string name, string kubeconfig) =>
        await client.PostAsync("/api/v1/clusters", HttpText.Json(new JsonObject { ["name"] = name, ["kubeconfig"] = kubeconfig }));

    private static async Task<HttpResponseMessage> ReplaceAsync(HttpClient client, string kubeconfig) =>
        await client.PutAsync("/api/v1/clusters/one/kubeconfig", new StringContent(kubeconfig));

    private static async Task<HttpResponseMessage> DecideAsync(HttpClient client, JsonNode change, string verb, string? digest = null) =>
        await client.PostAsync(
            $"/api/v1/changes/{change["id"]}/{verb}",
            HttpText.Json(new JsonObject { ["digest"] = digest ?? (string)change["digest"]!, ["reason"] = "for a test" })
        );

    private static async Task<(HttpClient Ada, HttpClient Ben)> TwoAsync(PortalHost host)
    {
        var (ada, ben) = (await host.ClientAsync("admin-1"), await host.ClientAsync("admin-2"));
        await ada.GetAsync("/api/v1/me");
        await ben.GetAsync("/api/v1/me");
        return (ada, ben);
    }

    private static async Task<HttpClient> ClientAsync(Microsoft.AspNetCore.Mvc.Testing.WebApplicationFactory<Program> host, string persona)
    {
        var client = host.CreateClient(new() { AllowAutoRedirect = false });
        client.DefaultRequestHeaders.Authorization = new("Bearer", await client.GetStringAsync($"/dev/token/{persona}"));
        return client;
    }

    private static async Task<string> ModeAsync(HttpClient client) =>
        (string)
            (await (await client.GetAsync("/api/v1/clusters")).NodeAsync())["items"]!
                .AsArray()
                .Single(c => (string)c!["name"]! == "sandbox")!["secretDelivery"]!["mode"]!;

    private static async Task<string> SourceAsync(PortalHost host)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        return await db.Clusters.Where(c => c.Name == "one").Select(c => c.KubeconfigSource).SingleAsync();
    }

    private static async Task ChangeAsync(PortalHost host, string sql)
    {
        await using var db = await host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        Assert.Equal(1, await db.Database.ExecuteSqlRawAsync(sql));
    }
}
