using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Hosting;

/// <summary>The whole portal as its own process on a Key Vault, signed in as a workload identity in AKS is; nothing in it knows that Azure
/// is a stand-in.</summary>
public sealed class KeyVaultPortalTests
{
    [Fact]
    public async Task Secret_GivenToThePortal_IsInTheKeyVaultOfItsTeam_AndNowhereElse()
    {
        await using var azure = await KeyVaultServer.StartAsync();
        var teams = KeyVaultServer.AddressOf("payments-" + Guid.NewGuid().ToString("n")[..8]);
        await using var portal = await PortalProcess.StartAsync(
            new PortalOptions { Variables = On(azure, ("Teams__payments", teams.ToString())) }
        );
        using var client = await portal.ClientAsync("lead-payments");
        var answer = await client.PostAsync(
            "/api/v1/import",
            new StringContent("SERVICE_NAME=gateway\nPORTKEY_CLIENT_AUTH=canary-4711-0123456789")
        );
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync() + portal.Log);
        var id = Guid.Parse((string)(await answer.NodeAsync())["id"]!);

        var (name, versions) = Assert.Single(azure.Store(teams.Host).Secrets);
        Assert.Equal($"env-{id:N}-portkey-client-auth", name);
        Assert.Equal("canary-4711-0123456789", Assert.Single(versions).Value);
        Assert.Equal(
            ("portkey-portal", id.ToString(), "PORTKEY_CLIENT_AUTH"),
            (versions[0].Tags["managed-by"], versions[0].Tags["environment"], versions[0].Tags["purpose"])
        );
        Assert.Empty(azure.Store(azure.Address.Host).Secrets);
        Assert.False(Directory.Exists(Path.Combine(portal.DataFolder, "vault")));
        Assert.DoesNotContain("canary", portal.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("LOCAL VAULT", portal.Log, StringComparison.Ordinal);
        foreach (
            var file in Directory
                .GetFiles(portal.DataFolder, "*", SearchOption.AllDirectories)
                .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal))
        )
        {
            Assert.DoesNotContain("canary-4711", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Refusal_ByTheVault_ReachesTheUserInWordsToActOn()
    {
        await using var azure = await KeyVaultServer.StartAsync();
        await using var portal = await PortalProcess.StartAsync(new PortalOptions { Variables = On(azure) });
        using var client = await portal.ClientAsync("lead-payments");
        azure.Faults.Forbid("ForbiddenByRbac");
        var answer = await client.PostAsync("/api/v1/import", new StringContent("PORTKEY_CLIENT_AUTH=canary-4711-0123456789"));
        var problem = await answer.ProblemAsync(409, "vault-forbidden");
        Assert.Contains("'Key Vault Secrets Officer'", (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", problem.ToJsonString() + portal.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Portal_StartedTwice_HasItsKeyRingUnderAKeyApart_AndNothingWarnsOfAnOpenOne()
    {
        using var keys = new TemporaryFolder();
        await using var portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["Portal__Roles__0"] = "web",
                    ["Portal__KeyRingKeyFile"] = keys.Combine("keyring.key"),
                },
            }
        );
        using var client = await portal.ClientAsync("lead-payments");
        var log = portal.Log;
        await portal.RestartAsync();
        Assert.Equal("lead-payments", (string?)JsonNode.Parse(await client.GetStringAsync("/api/v1/me"))!["personId"]);
        Assert.False(Directory.Exists(Path.Combine(portal.DataFolder, "keys")));
        foreach (var file in Directory.GetFiles(portal.DataFolder, "portal.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain("masterKey", await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("XML encryptor", log + portal.Log, StringComparison.Ordinal);
        Assert.True(File.Exists(keys.Combine("keyring.key")));
    }

    private static Dictionary<string, string?> On(KeyVaultServer azure, params (string Key, string Value)[] settings)
    {
        var variables = new Dictionary<string, string?>(azure.Environment, StringComparer.Ordinal)
        {
            ["Portal__Roles__0"] = "web",
            ["Portal__Vault__Kind"] = "azure",
            ["Portal__Vault__Address"] = azure.Address.ToString(),
        };
        foreach (var (key, value) in settings)
        {
            variables["Portal__Vault__" + key] = value;
        }

        return variables;
    }
}
