using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Data.Sqlite;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Keys;
using Portkey.Portal.Provisioning.Hosting;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

/// <summary>A data folder with a key file apart, and what a portal has on it.</summary>
internal sealed class LocalVaultFolder : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<ServiceProvider> opened = [];

    public string Data => folder.Combine("data");

    public string KeyFile => folder.Combine("keyring.key");

    public string Database => folder.Combine("portal.db");

    public LogLines Log { get; } = new();

    public ISecretVault Open(string environment = "Development") => Services(environment).GetRequiredService<ISecretVault>();

    public ServiceProvider Services(string environment = "Development", bool reads = true, params (string Key, string Value)[] settings)
    {
        Directory.CreateDirectory(Data);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(s => "Vault:" + s.Key, s => (string?)s.Value))
            .Build();
        var services = new ServiceCollection()
            .AddLogging(l => l.ClearProviders().SetMinimumLevel(LogLevel.Trace).AddProvider(Log))
            .AddSingleton<IHostEnvironment>(new HostEnvironment(environment))
            .AddSingleton(TimeProvider.System);
        services.AddOptions<ProvisioningOptions>().Configure(o => (o.DataDirectory, o.KeyRingKeyFile) = (Data, KeyFile));
        services.AddDbContextFactory<PortalDbContext>(db => db.UsePortalSqlite($"Data Source={Database};Pooling=False"));
        var provider = services.AddKeyRing().AddVault(configuration.GetSection("Vault"), reads).BuildServiceProvider();
        opened.Add(provider);
        if (!File.Exists(Database))
        {
            using var db = provider.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContext();
            db.Database.Migrate();
        }

        return provider;
    }

    public void Dispose()
    {
        opened.ForEach(p => p.Dispose());
        Log.Dispose();
        folder.Dispose();
    }

    private sealed class HostEnvironment(string name) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = name;

        public string ApplicationName { get; set; } = "tests";

        public string ContentRootPath { get; set; } = "/";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}

/// <summary>Everything that was logged.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly List<string> lines = [];

    public string Text
    {
        get
        {
            lock (lines)
            {
                return string.Join('\n', lines);
            }
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => Add($"{logLevel}: {formatter(state, exception)} {exception}");

    public void Add(string line)
    {
        lock (lines)
        {
            lines.Add(line);
        }
    }

    public void Dispose() { }
}
