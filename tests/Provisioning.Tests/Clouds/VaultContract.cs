using System.Text;
using Portkey.Portal.Provisioning.Clouds;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

/// <summary>What every vault does, whatever keeps the secrets. Each vault has these tests as its own.</summary>
public abstract class VaultContract
{
    private static readonly SecretAttributes Attributes = new("0198c0de-0000-7000-8000-000000000001", "OPENAI_API_KEY");

    /// <summary>Opens it anew: what one has stored, the next one reads.</summary>
    protected abstract ISecretVault Open();

    [Theory]
    [InlineData("canary-4711")]
    [InlineData("line\nline\t\"quoted\" \\ <&> {} ключ 鍵 🔑")]
    [InlineData(" ")]
    public async Task Get_OfAVaultOpenedAnew_GivesWhatWasSet(string value)
    {
        var version = await SetAsync(Open(), "env-1-key", value);
        Assert.Equal(value, (await Open().GetAsync("env-1-key", version, default)).Reveal());
    }

    [Fact]
    public async Task Set_Again_IsAnotherVersion_AndTheFirstOneStays()
    {
        var vault = Open();
        var (first, second) = (await SetAsync(vault, "env-1-key", "one"), await SetAsync(vault, "env-1-key", "two"));
        Assert.NotEqual(first, second);
        Assert.Equal("one", (await vault.GetAsync("env-1-key", first, default)).Reveal());
        Assert.Equal("two", (await vault.GetAsync("env-1-key", second, default)).Reveal());
    }

    [Theory]
    [InlineData("../keys/x")]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("a\nb")]
    [InlineData("a/b/c")]
    [InlineData("/a")]
    [InlineData("a_b")]
    [InlineData("a?x=1")]
    public async Task AnyCall_UnderANameThatIsNone_IsRefused(string name)
    {
        var vault = Open();
        await FailsAsync(VaultFailure.NotFound, () => SetAsync(vault, name, "x"));
        await FailsAsync(VaultFailure.NotFound, () => vault.GetAsync(name, new string('0', 32), default));
        await FailsAsync(VaultFailure.NotFound, () => vault.DisableAsync(name, new string('0', 32), default));
        await FailsAsync(VaultFailure.NotFound, () => vault.DeleteAsync(name, default));
    }

    [Fact]
    public async Task Set_OfTheLongestValue_IsTaken_AndOneByteMoreIsNot()
    {
        var vault = Open();
        var longest = new string('x', (25 * 1024) - 2) + "é"; // two bytes
        Assert.Equal(25 * 1024, Encoding.UTF8.GetByteCount(longest));
        var version = await SetAsync(vault, "env-1-key", longest);
        Assert.Equal(longest, (await vault.GetAsync("env-1-key", version, default)).Reveal());
        await FailsAsync(VaultFailure.Forbidden, () => SetAsync(vault, "env-1-key", longest + "x"));
    }

    [Theory]
    [InlineData("env-1-key", "00000000000000000000000000000000")]
    [InlineData("env-1-key", "")]
    [InlineData("env-1-key", "../env-2-key")]
    [InlineData("env-9-none", "00000000000000000000000000000000")]
    public async Task GetAndDisable_OfWhatIsNotThere_SayNotFound(string name, string version)
    {
        var vault = Open();
        await SetAsync(vault, "env-1-key", "one");
        await FailsAsync(VaultFailure.NotFound, () => vault.GetAsync(name, version, default));
        await FailsAsync(VaultFailure.NotFound, () => vault.DisableAsync(name, version, default));
    }

    [Fact]
    public async Task Get_OfADisabledVersion_IsRefused_AndTheOthersStay()
    {
        var vault = Open();
        var (first, second) = (await SetAsync(vault, "env-1-key", "one"), await SetAsync(vault, "env-1-key", "two"));
        await vault.DisableAsync("env-1-key", first, default);
        await vault.DisableAsync("env-1-key", first, default);
        await FailsAsync(VaultFailure.Disabled, () => Open().GetAsync("env-1-key", first, default));
        Assert.Equal("two", (await vault.GetAsync("env-1-key", second, default)).Reveal());
    }

    [Fact]
    public async Task Delete_TakesAllVersions_Twice_AndLeavesTheNameTaken()
    {
        var vault = Open();
        var (first, second) = (await SetAsync(vault, "env-1-key", "one"), await SetAsync(vault, "env-1-key", "two"));
        await vault.DisableAsync("env-1-key", first, default);
        await vault.DeleteAsync("env-1-key", default);
        await vault.DeleteAsync("env-1-key", default);
        await vault.DeleteAsync("env-9-never-there", default);
        foreach (var version in new[] { first, second })
        {
            await FailsAsync(VaultFailure.NotFound, () => Open().GetAsync("env-1-key", version, default));
            await FailsAsync(VaultFailure.NotFound, () => vault.DisableAsync("env-1-key", version, default));
        }

        var problem = await FailsAsync(VaultFailure.Conflict, () => SetAsync(vault, "env-1-key", "three"));
        Assert.False(problem.IsTransient);
        Assert.Contains("deleted", problem.Message, StringComparison.OrdinalIgnoreCase);
        await SetAsync(vault, "env-9-never-there", "four");
    }

    [Fact]
    public async Task List_OfVersions_TellsAttributesAndNoValue_AndLeavesOutWhatIsDeleted()
    {
        var vault = Open();
        var expiry = new DateTime(2031, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        var first = await vault.SetAsync("env-1-key", new SecretValue("canary-1"), Attributes with { ExpiresAt = expiry }, default);
        var second = await vault.SetAsync("env-1-key", new SecretValue("canary-2"), Attributes, default);
        var other = await vault.SetAsync(
            "cluster-1-kubeconfig",
            new SecretValue("canary-3"),
            new SecretAttributes("", "kubeconfig"),
            default
        );
        await SetAsync(vault, "env-2-gone", "canary-4");
        await vault.DisableAsync("env-1-key", first, default);
        await vault.DeleteAsync("env-2-gone", default);

        var entries = await ListAsync(Open());
        Assert.Equal(
            new[] { first, second, other }.Order(StringComparer.Ordinal),
            entries.Select(e => e.Version).Order(StringComparer.Ordinal)
        );
        var entry = entries.Single(e => e.Version == first);
        Assert.Equal(
            ("env-1-key", false, expiry, Attributes.EnvironmentId, Attributes.Purpose),
            (entry.Name, entry.IsEnabled, entry.ExpiresAt, entry.EnvironmentId, entry.Purpose)
        );
        Assert.Equal(
            (true, null),
            (entries.Single(e => e.Version == second).IsEnabled, entries.Single(e => e.Version == second).ExpiresAt)
        );
        Assert.Equal(
            ("", "kubeconfig"),
            (entries.Single(e => e.Version == other).EnvironmentId, entries.Single(e => e.Version == other).Purpose)
        );
        Assert.All(entries, e => Assert.InRange(DateTime.UtcNow - e.CreatedAt, TimeSpan.FromSeconds(-2), TimeSpan.FromMinutes(2)));
        Assert.DoesNotContain("canary", string.Join(' ', entries), StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_OfManySecrets_MissesNone()
    {
        var vault = Open();
        var stored = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 30; i++)
        {
            stored.Add(await SetAsync(vault, $"env-{i % 27}-key", "x"));
        }

        Assert.Equal(stored.Order(StringComparer.Ordinal), (await ListAsync(vault)).Select(e => e.Version).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Get_OfAnExpiredSecret_StillGivesIt()
    {
        var vault = Open();
        var version = await vault.SetAsync(
            "env-1-key",
            new SecretValue("old"),
            Attributes with
            {
                ExpiresAt = DateTime.UtcNow.AddDays(-1),
            },
            default
        );
        Assert.Equal("old", (await vault.GetAsync("env-1-key", version, default)).Reveal());
    }

    [Fact]
    public async Task Set_FromTwoVaultsAtOnce_LosesNothing()
    {
        ISecretVault[] vaults = [Open(), Open()];
        var versions = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => SetAsync(vaults[i % 2], "env-1-key", $"value {i}")));
        for (var i = 0; i < versions.Length; i++)
        {
            Assert.Equal($"value {i}", (await vaults[0].GetAsync("env-1-key", versions[i], default)).Reveal());
        }
    }

    [Fact]
    public async Task AnyCall_Cancelled_IsCancelledAndNoFailure()
    {
        var vault = Open();
        var version = await SetAsync(vault, "env-1-key", "one");
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            vault.SetAsync("env-1-key", new SecretValue("two"), Attributes, cancelled)
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => vault.GetAsync("env-1-key", version, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => vault.DisableAsync("env-1-key", version, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => vault.DeleteAsync("env-1-key", cancelled));
        Assert.Equal("one", (await vault.GetAsync("env-1-key", version, default)).Reveal());
    }

    [Fact]
    public void NameFor_ATeamWithoutAVault_IsThePlainName()
    {
        Assert.Equal("env-1-key", Open().NameFor("payments", "env-1-key"));
        Assert.Equal("env-1-key", Open().NameFor("", "env-1-key"));
    }

    [Fact]
    public async Task AnyCall_UnderTheNameOfAVaultThatIsNotKnown_SaysWhichSettingIsMissing()
    {
        var problem = await FailsAsync(VaultFailure.NotFound, () => Open().GetAsync("gone/env-1-key", new string('0', 32), default));
        Assert.Contains("Portal:Vault", problem.Message, StringComparison.Ordinal);
    }

    protected static Task<string> SetAsync(ISecretWriter vault, string name, string value) =>
        vault.SetAsync(name, new SecretValue(value), Attributes, default);

    protected static async Task<VaultException> FailsAsync(VaultFailure failure, Func<Task> call)
    {
        var problem = await Assert.ThrowsAsync<VaultException>(call);
        Assert.True(failure == problem.Failure, $"{problem.Failure} instead of {failure}: {problem.Message}");
        return problem;
    }

    protected static async Task<List<VaultEntry>> ListAsync(ISecretVault vault)
    {
        var entries = new List<VaultEntry>();
        await foreach (var entry in ((IVaultInventory)vault).ListAsync(default))
        {
            entries.Add(entry);
        }

        return entries;
    }
}
