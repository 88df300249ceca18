using Portkey.Portal.Provisioning.Clouds;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

/// <summary>The vault of a laptop keeps the contract, and what is on the disk opens nothing.</summary>
public sealed class LocalVaultTests : VaultContract, IDisposable
{
    private readonly LocalVaultFolder folder = new();

    [Fact]
    public async Task Set_AnyValue_LeavesNothingReadableOnDisk()
    {
        await SetAsync(Open(), "env-1-key", "canary-4711");
        foreach (
            var file in Directory
                .GetFiles(folder.Data, "*", SearchOption.AllDirectories)
                .Where(f => f.Contains("vault", StringComparison.Ordinal))
        )
        {
            Assert.DoesNotContain("canary-4711", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task Get_OfAFileCopiedOverAnother_IsDamaged()
    {
        var vault = Open();
        var version = await SetAsync(vault, "env-1-key", "one");
        File.Copy(Path.Combine(folder.Data, "vault", "env-1-key.json"), Path.Combine(folder.Data, "vault", "env-2-key.json"));
        await FailsAsync(VaultFailure.Damaged, () => vault.GetAsync("env-2-key", version, default));
    }

    [Fact]
    public async Task Get_WithAnotherKeyFile_IsDamaged()
    {
        var version = await SetAsync(Open(), "env-1-key", "one");
        File.WriteAllBytes(folder.KeyFile, new byte[32]);
        await FailsAsync(VaultFailure.Damaged, () => Open().GetAsync("env-1-key", version, default));
    }

    [Fact]
    public async Task Open_OfAFileFromBeforeThereWereAttributes_ReadsAndListsIt()
    {
        var vault = Open();
        var version = await SetAsync(vault, "env-1-key", "one");
        var file = Path.Combine(folder.Data, "vault", "env-1-key.json");
        var (head, tail) = (await File.ReadAllTextAsync(file)).Split(",\"attributes\"", 2) is [var h, var t] ? (h, t) : ("", "");
        Assert.NotEmpty(tail);
        await File.WriteAllTextAsync(file, head + "}]");
        Assert.Equal("one", (await Open().GetAsync("env-1-key", version, default)).Reveal());
        Assert.Equal(("env-1-key", "", true), (await ListAsync(Open())).Select(e => (e.Name, e.EnvironmentId, e.IsEnabled)).Single());
    }

    [Fact]
    public async Task DisableAndDelete_Done_LeaveNoValueBehind()
    {
        var vault = Open();
        var disabled = await SetAsync(vault, "env-1-key", "one");
        await SetAsync(vault, "env-2-key", "two");
        await vault.DisableAsync("env-1-key", disabled, default);
        await vault.DeleteAsync("env-2-key", default);
        Assert.All(
            Directory.GetFiles(Path.Combine(folder.Data, "vault"), "*.json"),
            f => Assert.Contains("\"value\":\"\"", File.ReadAllText(f), StringComparison.Ordinal)
        );
    }

    public void Dispose() => folder.Dispose();

    protected override ISecretVault Open() => folder.Open();
}
