using Azure;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

/// <summary>What only a Key Vault has: sign-in, tags, other people's secrets, vaults of teams, and secrets that stay out of every
/// text.</summary>
public sealed class KeyVaultTests : IAsyncLifetime
{
    private static readonly SecretAttributes Attributes = new("env-1", "OPENAI_API_KEY");
    private KeyVaultWorld world = null!;

    public async ValueTask InitializeAsync() => world = await KeyVaultWorld.StartAsync();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task FirstCall_WithoutAToken_TakesTheChallenge_AndSignsInOnceForAll()
    {
        var vault = world.Open();
        await vault.SetAsync("a", new SecretValue("one"), Attributes, default);
        await vault.SetAsync("b", new SecretValue("two"), Attributes, default);
        Assert.Equal(
            [
                ("PUT", "/secrets/a", 401),
                ("POST", $"/{KeyVaultSignIn.Tenant}/oauth2/v2.0/token", 200),
                ("PUT", "/secrets/a", 200),
                ("PUT", "/secrets/b", 200),
            ],
            world.Server.Log.Calls.Where(c => c.Path != "/common/discovery/instance").Select(c => (c.Method, c.Path, c.Status))
        );
    }

    [Fact]
    public async Task Set_AnySecret_TagsItAndSaysNothingOfItsValue()
    {
        await world
            .Open()
            .SetAsync(
                "a",
                new SecretValue("canary-4711"),
                Attributes with
                {
                    ContentType = "application/yaml",
                    ExpiresAt = new DateTime(2031, 1, 1, 0, 0, 0, DateTimeKind.Utc),
                },
                default
            );
        var stored = world.Server.Store(world.Server.Address.Host).Secrets["a"].Single();
        Assert.Equal(
            ["environment=env-1", "managed-by=portkey-portal", "purpose=OPENAI_API_KEY"],
            stored.Tags.Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal)
        );
        Assert.Equal(("application/yaml", 1924992000L), (stored.ContentType, stored.Expires));
    }

    [Fact]
    public async Task Disable_OfAVersion_LeavesItsTagsAndExpiry()
    {
        var vault = world.Open();
        var version = await vault.SetAsync(
            "a",
            new SecretValue("one"),
            Attributes with
            {
                ExpiresAt = DateTime.UtcNow.AddDays(1),
            },
            default
        );
        await vault.DisableAsync("a", version, default);
        var stored = world.Server.Store(world.Server.Address.Host).Secrets["a"].Single();
        Assert.Equal((false, 3, true), (stored.IsEnabled, stored.Tags.Count, stored.Expires is not null));
    }

    [Fact]
    public async Task List_AmongSecretsOfOthers_SkipsThemWithoutACall()
    {
        world.Server.PageSize = 2;
        var store = world.Server.Store(world.Server.Address.Host);
        for (var i = 0; i < 5; i++)
        {
            store.Secrets[$"foreign-{i}"] = [new KeyVaultVersion { Id = new string('a', 32), Value = "theirs" }];
        }

        var version = await world.Open().SetAsync("mine", new SecretValue("one"), Attributes, default);
        var entries = new List<VaultEntry>();
        await foreach (var entry in world.Open().ListAsync(default))
        {
            entries.Add(entry);
        }

        Assert.Equal(("mine", version), entries.Select(e => (e.Name, e.Version)).Single());
        Assert.Equal(
            ["/secrets", "/secrets", "/secrets", "/secrets/mine/versions"],
            world.Calls("GET").Select(c => c.Path).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Secrets_OfATeamWithAVault_GoThereAndAreListedByTheirFullName()
    {
        var teams = KeyVaultServer.AddressOf("search-tests");
        var vault = world.Open(o => o.Teams["search"] = teams.ToString());
        Assert.Equal(("search/env-1-key", "env-1-key"), (vault.NameFor("search", "env-1-key"), vault.NameFor("payments", "env-1-key")));
        var version = await vault.SetAsync("search/env-1-key", new SecretValue("theirs"), Attributes, default);
        await vault.SetAsync("env-1-key", new SecretValue("ours"), Attributes, default);
        Assert.Equal("theirs", (await vault.GetAsync("search/env-1-key", version, default)).Reveal());
        Assert.Equal("theirs", world.Server.Store(teams.Host).Secrets["env-1-key"].Single().Value);
        Assert.Equal("ours", world.Server.Store(world.Server.Address.Host).Secrets["env-1-key"].Single().Value);
        var names = new List<string>();
        await foreach (var entry in vault.ListAsync(default))
        {
            names.Add(entry.Name);
        }

        Assert.Equal(["env-1-key", "search/env-1-key"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Deleted_ByThePortal_CanBeRecoveredByAnOperator_AndNotPurgedUnderProtection()
    {
        var vault = world.Open();
        var version = await vault.SetAsync("a", new SecretValue("one"), Attributes, default);
        await vault.DeleteAsync("a", default);
        world.Server.IsPurgeProtected = true;
        await Assert.ThrowsAsync<VaultException>(() => vault.GetAsync("a", version, default));
        var operators = world.OpenPlain();
        Assert.Equal(403, (await Assert.ThrowsAsync<RequestFailedException>(() => operators.PurgeDeletedSecretAsync("a"))).Status);
        await (await operators.StartRecoverDeletedSecretAsync("a")).WaitForCompletionAsync();
        Assert.Equal("one", (await vault.GetAsync("a", version, default)).Reveal());
    }

    [Fact]
    public async Task Texts_OfEveryFailure_HoldNoValueNoTokenAndNoQuery()
    {
        var vault = world.Open(o => o.TimeoutSeconds = 10);
        var texts = new List<string>();
        foreach (
            var fault in new Action<KeyVaultFaults>[]
            {
                f => f.Answer(400, "<html>blocked: {body}</html>"),
                f => f.Answer(500, "{body}", 4),
                f => f.Answer(200, "{body"),
                f => f.Fail(403, "Forbidden", "ForbiddenByRbac"),
                f => f.Fail(409, "Conflict", "ObjectIsDeletedButRecoverable"),
                f => f.Break(4),
                f => f.Throttle(1, 600),
            }
        )
        {
            world.Server.Faults.Clear();
            fault(world.Server.Faults);
            texts.Add(
                (
                    await Assert.ThrowsAsync<VaultException>(() => vault.SetAsync("a", new SecretValue("canary-4711"), Attributes, default))
                ).ToString()
            );
        }

        var all = string.Join('\n', texts) + world.Log.Text;
        Assert.Contains("/secrets/a", world.Log.Text, StringComparison.Ordinal); // it did listen
        Assert.DoesNotContain("canary", all, StringComparison.Ordinal);
        Assert.DoesNotContain("bearer.", all, StringComparison.Ordinal);
        Assert.DoesNotContain("federated.", all, StringComparison.Ordinal);
        Assert.DoesNotContain("api-version", string.Join('\n', texts), StringComparison.Ordinal);
    }
}
