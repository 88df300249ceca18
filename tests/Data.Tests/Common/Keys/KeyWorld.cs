using Portkey.Portal.Provisioning.Clouds.Known;
using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Keys;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Data.Tests.Common.Keys;

/// <summary>Processes as far as their keys go: each with a data folder and a key file, on one database.</summary>
internal sealed class KeyWorld(TestDatabase database) : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<ServiceProvider> started = [];

    public string KeyFile => folder.Combine("keyring.key");

    /// <summary>Data folder of that process.</summary>
    public string Data(string process) => Directory.CreateDirectory(folder.Combine(process)).FullName;

    /// <summary>Its parts, before it opened its keys.</summary>
    public ServiceProvider Process(string process, string? keyFile = null, string oldKeyFile = "")
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System).AddSingleton<IHostEnvironment>(new Laptop());
        services
            .AddOptions<ProvisioningOptions>()
            .Configure(o => (o.DataDirectory, o.KeyRingKeyFile, o.OldKeyRingKeyFile) = (Data(process), keyFile ?? KeyFile, oldKeyFile));
        services.AddOptions<VaultOptions>();
        services
            .AddKeyRing()
            .AddSingleton<IDbContextFactory<PortalDbContext>>(database)
            .AddSingleton(database.Work)
            .AddSingleton<AuditKey>()
            .AddSingleton<AuditTrail>()
            .AddSingleton(KnownClouds.Of(new VaultOptions()))
            .AddSingleton<AuditSealer>()
            .AddSingleton<AuditVerifier>()
            .AddSingleton<AuditKeyOpening>();
        var provider = services.BuildServiceProvider();
        started.Add(provider);
        return provider;
    }

    /// <summary>One that opened its keys.</summary>
    public async Task<ServiceProvider> StartAsync(string process, string? keyFile = null, string oldKeyFile = "")
    {
        var provider = Process(process, keyFile, oldKeyFile);
        await provider.GetRequiredService<AuditKeyOpening>().OpenAsync(CancellationToken.None);
        return provider;
    }

    /// <summary>Why it does not start.</summary>
    public async Task<string> RefusalAsync(string process, string? keyFile = null) =>
        (await Xunit.Assert.ThrowsAsync<StartRefusedException>(() => StartAsync(process, keyFile))).Message;

    /// <summary>What a data folder of before held: the audit key, and a ring that lies open.</summary>
    public async Task<(byte[] AuditKey, string Text)> OfBeforeAsync(string process)
    {
        var keys = Directory.CreateDirectory(Path.Combine(Data(process), "keys"));
        var key = RandomNumberGenerator.GetBytes(32);
        await File.WriteAllTextAsync(Path.Combine(keys.FullName, "audit.key"), Convert.ToHexStringLower(key));
        var before = new ServiceCollection().AddLogging();
        before.AddDataProtection().SetApplicationName("portkey-portal").PersistKeysToFileSystem(keys);
        await using var old = before.BuildServiceProvider();
        return (key, Protect(old, "of before"));
    }

    public static Task AppendAsync(ServiceProvider process, string target) =>
        process
            .GetRequiredService<UnitOfWork>()
            .WriteAsync(
                db =>
                    process
                        .GetRequiredService<AuditTrail>()
                        .AppendAsync(
                            db,
                            new Caller("admin-1", "", ""),
                            new AuditEntry("test.happened", "test", target, target),
                            CancellationToken.None
                        ),
                CancellationToken.None
            );

    public static string Protect(IServiceProvider process, string text) =>
        process.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Protect(text);

    public static string Unprotect(IServiceProvider process, string text) =>
        process.GetRequiredService<IDataProtectionProvider>().CreateProtector("test").Unprotect(text);

    public static Task<AuditVerdict> VerifyAsync(IServiceProvider process) =>
        process.GetRequiredService<AuditVerifier>().VerifyAsync(CancellationToken.None);

    public void Dispose()
    {
        started.ForEach(p => p.Dispose());
        folder.Dispose();
    }

    private sealed class Laptop : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Development";

        public string ApplicationName { get; set; } = "tests";

        public string ContentRootPath { get; set; } = "/";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
