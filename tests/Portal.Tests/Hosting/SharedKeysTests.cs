using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Hosting;

/// <summary>Whole portals as processes with folders of their own, on one database: they are one portal, or do not start.</summary>
public sealed class SharedKeysTests
{
    [Fact]
    public async Task Processes_WithFoldersOfTheirOwn_TakeEachOthersTokensAndCookies_AndOneWithAnotherKeyRefuses()
    {
        await using var server = new Database();
        var connection = await server.StartAsync();
        using var keys = new TemporaryFolder();
        var (first, second) = (
            PortalProcess.StartAsync(On(connection, keys.Combine("one.key"))),
            PortalProcess.StartAsync(On(connection, keys.Combine("one.key")))
        );
        await using var one = await first;
        await using var two = await second;

        var token = await one.TokenAsync("auditor");
        foreach (var portal in (PortalProcess[])[one, two])
        {
            using var client = new HttpClient
            {
                BaseAddress = portal.BaseUrl,
                DefaultRequestHeaders = { Authorization = new("Bearer", token) },
            };
            Assert.Equal("auditor", (string?)JsonNode.Parse(await client.GetStringAsync("/api/v1/me"))!["personId"]);
            var verdict = JsonNode.Parse(await client.GetStringAsync("/api/v1/audit/verify"))!;
            Assert.True((bool)verdict["intact"]!, verdict.ToJsonString());
        }

        var cookies = new CookieContainer();
        using (
            var browser = new HttpClient(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false })
            {
                BaseAddress = one.BaseUrl,
            }
        )
        {
            (await browser.GetAsync("/dev/sign-in?persona=auditor")).Dispose();
        }

        using var elsewhere = new HttpClient(new HttpClientHandler { CookieContainer = cookies, AllowAutoRedirect = false })
        {
            BaseAddress = two.BaseUrl,
        };
        Assert.Equal("auditor", (string?)JsonNode.Parse(await elsewhere.GetStringAsync("/api/v1/me"))!["personId"]);
        Assert.Contains("Every process on this database must see the same folder", two.Log, StringComparison.Ordinal);

        var refused = await RefusalAsync(On(connection, keys.Combine("another.key")));
        Assert.Contains("Portal:KeyRingKeyFile", refused, StringComparison.Ordinal);
        Assert.Contains("another.key", refused, StringComparison.Ordinal);

        await using (var source = NpgsqlDataSource.Create(connection))
        await using (var command = source.CreateCommand("DELETE FROM portal_keys"))
        {
            await command.ExecuteNonQueryAsync();
        }

        Assert.Contains(
            "row (audit, 1) of table portal_keys is missing",
            await RefusalAsync(On(connection, keys.Combine("one.key"))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task KeyEncryptionSecret_InKeyVault_WrapsTheKeys_AndIsAskedForWhenItIsMissing()
    {
        await using var azure = await KeyVaultServer.StartAsync();
        using var keys = new TemporaryFolder();
        var variables = new Dictionary<string, string?>(azure.Environment, StringComparer.Ordinal)
        {
            ["Portal__Roles__0"] = "web",
            ["Portal__Vault__Kind"] = "azure",
            ["Portal__Vault__Address"] = azure.Address.ToString(),
            ["Portal__Vault__TimeoutSeconds"] = "10",
            ["Portal__KeyEncryptionSecret"] = "portal-keys",
            ["Portal__KeyRingKeyFile"] = keys.Combine("unused.key"),
        };
        var refused = await RefusalAsync(new PortalOptions { Variables = variables });
        Assert.Contains("az keyvault secret set --name portal-keys", refused, StringComparison.Ordinal);

        var value = Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        Put(azure, "1111", value);
        await using var portal = await PortalProcess.StartAsync(new PortalOptions { Variables = variables });
        using var client = await portal.ClientAsync("auditor");
        Assert.True((bool)JsonNode.Parse(await client.GetStringAsync("/api/v1/audit/verify"))!["intact"]!);
        Assert.False(File.Exists(keys.Combine("unused.key")));
        Assert.DoesNotContain(value, portal.Log, StringComparison.Ordinal);

        // A new version wraps anew by what the one of before opens.
        Put(azure, "2222", Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)));
        await portal.RestartAsync();
        Assert.Equal("auditor", (string?)JsonNode.Parse(await client.GetStringAsync("/api/v1/me"))!["personId"]);
        Assert.Contains("were wrapped by secret 'portal-keys'", portal.Log, StringComparison.Ordinal);
    }

    private static void Put(KeyVaultServer azure, string version, string value)
    {
        var store = azure.Store(azure.Address.Host);
        lock (store.Gate)
        {
            if (!store.Secrets.TryGetValue("portal-keys", out var versions))
            {
                store.Secrets["portal-keys"] = versions = [];
            }

            versions.Add(new KeyVaultVersion { Id = version, Value = value });
        }
    }

    private static PortalOptions On(string connection, string keyFile) =>
        new()
        {
            Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Portal__Roles__0"] = "web",
                ["Portal__DatabaseProvider"] = "PostgreSql",
                ["Portal__ConnectionString"] = connection,
                ["Portal__KeyRingKeyFile"] = keyFile,
            },
        };

    // What a process says that ends by itself.
    private static async Task<string> RefusalAsync(PortalOptions options)
    {
        var said = (
            await Assert.ThrowsAnyAsync<Exception>(async () => await (await PortalProcess.StartAsync(options)).DisposeAsync())
        ).Message;
        Assert.Contains("The portal does not start:", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
        return said;
    }

    private sealed class Database : IAsyncDisposable
    {
        private readonly PostgreSqlServer server = new();

        public async Task<string> StartAsync()
        {
            await server.InitializeAsync();
            return await server.CreateDatabaseAsync();
        }

        public ValueTask DisposeAsync() => server.DisposeAsync();
    }
}
