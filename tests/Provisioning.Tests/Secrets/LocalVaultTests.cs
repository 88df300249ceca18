using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Secrets;

public sealed class LocalVaultTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Get_AfterARestart_GivesWhatWasSet_AndNothingOfItIsReadableOnDisk()
    {
        var version = await Open().SetAsync("env-1-key", new SecretValue("canary-4711"), default);
        Assert.Equal("canary-4711", (await Open().GetAsync("env-1-key", version, default)).Reveal());
        foreach (var file in Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Where(f => f.Contains("vault", StringComparison.Ordinal)))
        {
            Assert.DoesNotContain("canary-4711", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task Get_OfADisabledVersion_IsRefused_AndTheOthersStay()
    {
        var vault = Open();
        var first = await vault.SetAsync("env-1-key", new SecretValue("one"), default);
        var second = await vault.SetAsync("env-1-key", new SecretValue("two"), default);
        await vault.DisableAsync("env-1-key", first, default);
        await vault.DisableAsync("env-1-key", first, default);
        Assert.Equal(VaultFailure.Disabled, (await Assert.ThrowsAsync<VaultException>(() => vault.GetAsync("env-1-key", first, default))).Failure);
        Assert.Equal("two", (await vault.GetAsync("env-1-key", second, default)).Reveal());
    }

    [Theory]
    [InlineData("../keys/x")]
    [InlineData("")]
    [InlineData("Upper")]
    [InlineData("a\nb")]
    public async Task Set_UnderANameThatIsNone_IsRefused(string name) =>
        await Assert.ThrowsAsync<VaultException>(() => Open().SetAsync(name, new SecretValue("x"), default));

    [Fact]
    public async Task Set_OfMoreThanKeyVaultTakes_IsRefused() =>
        await Assert.ThrowsAsync<VaultException>(() => Open().SetAsync("env-1-key", new SecretValue(new string('x', 1024 * 1024)), default));

    [Fact]
    public async Task Set_FromTwoVaultsAtOnce_LosesNothing()
    {
        LocalVault[] vaults = [Open(), Open()];
        var versions = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => vaults[i % 2].SetAsync("env-1-key", new SecretValue($"value {i}"), default)));
        for (var i = 0; i < versions.Length; i++)
        {
            Assert.Equal($"value {i}", (await vaults[0].GetAsync("env-1-key", versions[i], default)).Reveal());
        }
    }

    [Fact]
    public async Task Get_OfAFileCopiedOverAnother_IsDamaged()
    {
        var vault = Open();
        var version = await vault.SetAsync("env-1-key", new SecretValue("one"), default);
        File.Copy(Path.Combine(folder.Path, "vault", "env-1-key.json"), Path.Combine(folder.Path, "vault", "env-2-key.json"));
        Assert.Equal(VaultFailure.Damaged, (await Assert.ThrowsAsync<VaultException>(() => vault.GetAsync("env-2-key", version, default))).Failure);
    }

    public void Dispose() => folder.Dispose();

    private LocalVault Open()
    {
        var services = new ServiceCollection().AddLogging().AddSingleton<IHostEnvironment>(new HostEnvironment());
        services.AddOptions<ProvisioningOptions>().Configure(o => o.DataDirectory = folder.Path);
        return services.AddLocalVault().BuildServiceProvider().GetRequiredService<LocalVault>();
    }

    private sealed class HostEnvironment : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Development";

        public string ApplicationName { get; set; } = "tests";

        public string ContentRootPath { get; set; } = "/";

        public Microsoft.Extensions.FileProviders.IFileProvider ContentRootFileProvider { get; set; } = new Microsoft.Extensions.FileProviders.NullFileProvider();
    }
}
