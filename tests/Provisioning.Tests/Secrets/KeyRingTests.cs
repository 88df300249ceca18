using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Secrets;

/// <summary>The key ring of the local vault has a protection of its own.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly LocalVaultFolder folder = new();

    [Fact]
    public void Ring_MadeNew_IsEncrypted_AndNothingWarnsOfAnOpenOne()
    {
        Protect(folder.Services(), "text");
        var ring = Assert.Single(Ring());
        Assert.Contains("encryptedByKeyFile", ring, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", ring, StringComparison.Ordinal);
        Assert.DoesNotContain("No XML encryptor", folder.Log.Text, StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.KeyFile));
    }

    [Fact]
    public void Ring_OpenedAgain_ReadsWhatItWrote()
    {
        var text = Protect(folder.Services(), "text");
        Assert.Equal("text", Unprotect(folder.Services(), text));
        Assert.Single(Ring());
    }

    [Fact]
    public void Ring_FromBeforeItWasProtected_StillOpens_AndLiesOpenNoMore()
    {
        var before = new ServiceCollection().AddLogging();
        before.AddDataProtection().SetApplicationName("portkey-portal").PersistKeysToFileSystem(new DirectoryInfo(Path.Combine(folder.Data, "keys")));
        using var old = before.BuildServiceProvider();
        var text = Protect(old, "text");
        var value = XElement.Parse(Assert.Single(Ring())).Descendants("masterKey").Single().Value.Trim();
        Assert.Equal("text", Unprotect(folder.Services(), text));
        Assert.Equal("text", Unprotect(folder.Services(), text));
        var ring = Assert.Single(Ring());
        Assert.DoesNotContain(value, ring, StringComparison.Ordinal);
        Assert.Contains("encryptedByKeyFile", ring, StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeyFile_MadeByManyAtOnce_IsOneAndTheSame()
    {
        var names = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => KeyRing.NameOf(Keys().Current))));
        Assert.Single(names.Distinct(StringComparer.Ordinal));
        Assert.Equal([folder.KeyFile], Directory.GetFiles(Path.GetDirectoryName(folder.KeyFile)!));
    }

    [Fact]
    public void KeyFile_OfTheUser_IsMadeInTheHomeFolder()
    {
        using var home = new TemporaryFolder();
        var keys = Keys(file: "", home.Path);
        Assert.NotEmpty(keys.Current);
        Assert.True(File.Exists(home.Combine("portkey-portal/keyring.key")));
        Assert.False(File.Exists(Path.Combine(folder.Data, "keyring.key")));
    }

    [Fact]
    public void KeyFile_WithoutAHomeFolder_LiesBesideTheDataAndSaysSo_AndIsFoundAgainLater()
    {
        using var home = new TemporaryFolder();
        Directory.CreateDirectory(folder.Data);
        File.WriteAllText(home.Combine("file"), "");
        var name = KeyRing.NameOf(Keys(file: "", home.Combine("file")).Current);
        Assert.Contains("Critical: THE KEY RING IS PROTECTED BY A KEY THAT LIES BESIDE IT", folder.Log.Text, StringComparison.Ordinal);
        var later = Keys(file: "", home.Path);
        Assert.NotEqual(name, KeyRing.NameOf(later.Current));
        Assert.NotNull(later.Find(name));
        Assert.Null(later.Find("000000000000"));
    }

    [Theory]
    [InlineData("file/keyring.key")]
    [InlineData("short.key")]
    public void KeyFile_ThatIsNone_SaysWhatToDo(string name)
    {
        using var home = new TemporaryFolder();
        File.WriteAllText(home.Combine("file"), "");
        File.WriteAllText(home.Combine("short.key"), "0123");
        var problem = Assert.Throws<InvalidOperationException>(() => Keys(home.Combine(name)).Current);
        Assert.Contains("32 random bytes", problem.Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private KeyRingKeys Keys(string? file = null, string? home = null)
    {
        var options = Options.Create(new ProvisioningOptions { DataDirectory = folder.Data, KeyRingKeyFile = file ?? folder.KeyFile });
        return new KeyRingKeys(options, new Microsoft.Extensions.Logging.Logger<KeyRingKeys>(new OneLog(folder.Log)), home);
    }

    private string[] Ring() => [.. Directory.GetFiles(Path.Combine(folder.Data, "keys"), "key-*.xml").Select(File.ReadAllText)];

    private static string Protect(IServiceProvider services, string text) => services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect(text);

    private static string Unprotect(IServiceProvider services, string text) => services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Unprotect(text);

    private sealed class OneLog(LogLines log) : Microsoft.Extensions.Logging.ILoggerFactory
    {
        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => log;

        public void AddProvider(Microsoft.Extensions.Logging.ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
