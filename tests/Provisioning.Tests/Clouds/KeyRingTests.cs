using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Keys;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

/// <summary>The portal's keys are wrapped by a key of its own place.</summary>
public sealed class KeyRingTests : IDisposable
{
    private readonly LocalVaultFolder folder = new();

    [Fact]
    public void Ring_MadeNew_IsWrappedInTheDatabase_AndNothingWarnsOfAnOpenOne()
    {
        Protect(folder.Services(), "text");
        var ring = Assert.Single(Ring());
        Assert.Equal(("ring", KeyWrap.NameOf(Keys().Current.Bytes)), (ring.Purpose, ring.WrappedBy));
        Assert.DoesNotContain("masterKey", Encoding.UTF8.GetString(ring.Wrapped), StringComparison.Ordinal);
        Assert.Contains(
            "masterKey",
            Encoding.UTF8.GetString(KeyWrap.Unwrap(Keys().Current.Bytes, ring.Purpose, ring.Id, ring.Wrapped)),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("No XML encryptor", folder.Log.Text, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(folder.Data, "keys")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.KeyFile));
    }

    [Fact]
    public void Ring_OpenedAgain_ReadsWhatItWrote()
    {
        var text = Protect(folder.Services(), "text");
        Assert.Equal("text", Unprotect(folder.Services(), text));
        Assert.Single(Ring());
    }

    // As the ring in files was encrypted, until it came into the database.
    [Fact]
    public async Task RingFile_EncryptedByTheKeyFile_IsOpenedForTheDatabase()
    {
        var keys = Directory.CreateDirectory(Path.Combine(folder.Data, "keys"));
        var plain = Encoding.UTF8.GetBytes("<masterKey>of before</masterKey>");
        var closed = new byte[12 + plain.Length + 16];
        RandomNumberGenerator.Fill(closed.AsSpan(0, 12));
        using (var cipher = new AesGcm(Keys().Current.Bytes, 16))
        {
            cipher.Encrypt(closed.AsSpan(0, 12), plain, closed.AsSpan(12, plain.Length), closed.AsSpan(12 + plain.Length));
        }

        await File.WriteAllTextAsync(
            Path.Combine(keys.FullName, "key-1.xml"),
            $"""<key id="1"><encryptedSecret xmlns="http://schemas.asp.net/2015/03/dataProtection" decryptorType="gone"><encryptedByKeyFile xmlns="" key="{Keys().Current.Name}">{Convert.ToBase64String(closed)}</encryptedByKeyFile></encryptedSecret></key>"""
        );
        await File.WriteAllTextAsync(Path.Combine(keys.FullName, "key-2.xml"), """<key id="2"><masterKey>planted</masterKey></key>""");
        var files = folder.Services().GetRequiredService<OldKeyFiles>();
        var (id, key) = Assert.Single(await files.RingAsync(open: false, CancellationToken.None));
        Assert.Equal(("key-1", "of before"), (id, key.Value));
        Assert.Equal(2, (await files.RingAsync(open: true, CancellationToken.None)).Count);
    }

    [Fact]
    public void Wrapped_ForOnePlace_OpensInNoOther()
    {
        var (key, plain) = (RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
        var wrapped = KeyWrap.Wrap(key, "audit", "1", plain);
        Assert.Equal(plain, KeyWrap.Unwrap(key, "audit", "1", wrapped));
        Assert.ThrowsAny<CryptographicException>(() => KeyWrap.Unwrap(key, "ring", "1", wrapped));
        Assert.ThrowsAny<CryptographicException>(() => KeyWrap.Unwrap(key, "audit", "2", wrapped));
        Assert.ThrowsAny<CryptographicException>(() => KeyWrap.Unwrap(RandomNumberGenerator.GetBytes(32), "audit", "1", wrapped));
        Assert.ThrowsAny<CryptographicException>(() => KeyWrap.Unwrap(key, "audit", "1", wrapped.AsSpan(0, 27)));
    }

    [Fact]
    public async Task KeyFile_MadeByManyAtOnce_IsOneAndTheSame()
    {
        for (var round = 0; round < 30; round++)
        {
            File.Delete(folder.KeyFile);
            using var together = new Barrier(6);
            var names = await Task.WhenAll(
                Enumerable
                    .Range(0, 6)
                    .Select(_ =>
                        Task.Factory.StartNew(
                            () =>
                            {
                                var keys = Keys();
                                together.SignalAndWait();
                                return keys.Current.Name;
                            },
                            CancellationToken.None,
                            TaskCreationOptions.LongRunning,
                            TaskScheduler.Default
                        )
                    )
            );
            Assert.Single(names.Distinct(StringComparer.Ordinal));
        }

        var many = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => Keys().Current.Name)));
        Assert.Single(many.Distinct(StringComparer.Ordinal));
        Assert.Equal([folder.KeyFile], Directory.GetFiles(Path.GetDirectoryName(folder.KeyFile)!));
    }

    [Fact]
    public void KeyFile_OfTheUser_IsMadeInTheHomeFolder()
    {
        using var home = new TemporaryFolder();
        var keys = Keys(file: "", home.Path);
        Assert.NotEmpty(keys.Current.Bytes);
        Assert.True(File.Exists(home.Combine("portkey-portal/keyring.key")));
        Assert.False(File.Exists(Path.Combine(folder.Data, "keyring.key")));
    }

    [Fact]
    public async Task KeyFile_WithoutAHomeFolder_LiesBesideTheDataAndSaysSo_AndIsFoundAgainLater()
    {
        using var home = new TemporaryFolder();
        Directory.CreateDirectory(folder.Data);
        File.WriteAllText(home.Combine("file"), "");
        var name = Keys(file: "", home.Combine("file")).Current.Name;
        Assert.Contains(
            "Critical: THE PORTAL'S KEYS ARE WRAPPED BY A KEY STORED BESIDE THE DATA",
            folder.Log.Text,
            StringComparison.Ordinal
        );
        var later = Keys(file: "", home.Path);
        Assert.NotEqual(name, later.Current.Name);
        Assert.NotNull(await later.FindAsync(name, CancellationToken.None));
        Assert.Null(await later.FindAsync("000000000000", CancellationToken.None));
    }

    [Theory]
    [InlineData("file/keyring.key")]
    [InlineData("short.key")]
    public void KeyFile_ThatIsNone_SaysWhatToDo(string name)
    {
        using var home = new TemporaryFolder();
        File.WriteAllText(home.Combine("file"), "");
        File.WriteAllText(home.Combine("short.key"), "0123");
        var problem = Assert.Throws<StartRefusedException>(() => Keys(home.Combine(name)).Current);
        Assert.Contains("32 random bytes", problem.Message, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private WrappingKeys Keys(string? file = null, string? home = null)
    {
        var options = Options.Create(new ProvisioningOptions { DataDirectory = folder.Data, KeyRingKeyFile = file ?? folder.KeyFile });
        return new WrappingKeys(options, new Microsoft.Extensions.Logging.Logger<WrappingKeys>(new OneLog(folder.Log)), home: home);
    }

    private List<PortalKey> Ring()
    {
        using var db = folder.Services().GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContext();
        return [.. db.PortalKeys];
    }

    private static string Protect(IServiceProvider services, string text) =>
        services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect(text);

    private static string Unprotect(IServiceProvider services, string text) =>
        services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Unprotect(text);

    private sealed class OneLog(LogLines log) : Microsoft.Extensions.Logging.ILoggerFactory
    {
        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => log;

        public void AddProvider(Microsoft.Extensions.Logging.ILoggerProvider provider) { }

        public void Dispose() { }
    }
}
