using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data.PostgreSql;
using Portkey.Portal.Data.Sqlite;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests;

/// <summary>A migrated database of one test, on the provider that the test names, with the product's own parts on top.</summary>
public sealed class TestDatabase : IDbContextFactory<PortalDbContext>, IDisposable
{
    public const string Sqlite = "sqlite";
    public const string PostgreSql = "postgresql";

    private readonly TemporaryFolder folder = new();
    private readonly DbContextOptions<PortalDbContext> contextOptions;

    private TestDatabase(string provider, string connectionString)
    {
        (Provider, ConnectionString) = (provider, connectionString);
        var builder = new DbContextOptionsBuilder<PortalDbContext>();
        if (provider == PostgreSql)
        {
            builder.UsePortalPostgreSql(connectionString);
        }
        else
        {
            builder.UsePortalSqlite($"Data Source={folder.Combine("portal.db")};Default Timeout=15;Pooling=False");
        }

        contextOptions = builder.Options;
        Work = new UnitOfWork(this);
        Key.Use(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32));
        Trail = new AuditTrail(Key, TimeProvider.System);
        Content = new ChangeContent(Key);
        Bootstrap = new Bootstrap(Work, Trail, TimeProvider.System);
        Proposals = new ChangeProposals(Work, Bootstrap, Content, Trail, new LiveUpdates(), TimeProvider.System);
        Restart();
    }

    public static TheoryData<string> Providers => [Sqlite, PostgreSql];

    public string Provider { get; }

    /// <summary>Of PostgreSQL; empty on SQLite.</summary>
    public string ConnectionString { get; }

    public UnitOfWork Work { get; }

    public AuditTrail Trail { get; }

    public ChangeContent Content { get; }

    public Bootstrap Bootstrap { get; }

    public ChangeProposals Proposals { get; }

    public AuditSealer Sealer { get; private set; } = null!;

    public AuditVerifier Verifier { get; private set; } = null!;

    internal AuditKey Key { get; } = new();

    /// <summary>Folder beside the database.</summary>
    public string Folder => folder.Path;

    /// <summary>Where seals are.</summary>
    public string SealsFolder => folder.Combine("audit");

    /// <summary>Sealer and verifier as after the start of a process, which remembers nothing.</summary>
    public void Restart(Action<ProvisioningOptions>? configure = null) => (Sealer, Verifier) = Another(configure);

    /// <summary>Those of one more process.</summary>
    public (AuditSealer Sealer, AuditVerifier Verifier) Another(Action<ProvisioningOptions>? configure = null)
    {
        var options = new ProvisioningOptions { DataDirectory = folder.Path };
        configure?.Invoke(options);
        var sealer = new AuditSealer(
            Work,
            Trail,
            Key,
            Microsoft.Extensions.Options.Options.Create(options),
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<AuditSealer>.Instance
        );
        return (sealer, new AuditVerifier(Work, Trail, sealer, TimeProvider.System));
    }

    public static async Task<TestDatabase> CreateAsync(string provider, PostgreSqlServer server)
    {
        var database = new TestDatabase(provider, provider == PostgreSql ? await server.CreateDatabaseAsync() : "");
        await using var db = database.CreateDbContext();
        await db.Database.MigrateAsync();
        if (provider == Sqlite)
        {
            await db.Database.ExecuteSqlRawAsync("PRAGMA journal_mode=WAL;");
        }

        return database;
    }

    public PortalDbContext CreateDbContext() => new(contextOptions);

    /// <summary>One more worker's view of the queue.</summary>
    public OperationQueue Queue(int leaseSeconds = 30) =>
        new(Work, Microsoft.Extensions.Options.Options.Create(new ProvisioningOptions { LeaseSeconds = leaseSeconds }));

    public async Task ExecuteAsync(string sql)
    {
        await using var db = CreateDbContext();
        await db.Database.ExecuteSqlRawAsync(sql);
    }

    /// <summary>Takes the guard away, as somebody with rights on the database could.</summary>
    public Task DropGuardsAsync() =>
        ExecuteAsync(
            Provider == PostgreSql
                ? "DROP TRIGGER audit_events_append_only ON audit_events"
                : "DROP TRIGGER audit_events_no_update; DROP TRIGGER audit_events_no_delete; DROP TRIGGER audit_events_no_replace"
        );

    public Task AppendAsync(Guid? environment, string target) =>
        Work.WriteAsync(
            db =>
                Trail.AppendAsync(
                    db,
                    new Caller("admin-1", "127.0.0.1", "test"),
                    new AuditEntry("test.happened", "test", target, target) { EnvironmentId = environment, After = new { target } },
                    CancellationToken.None
                ),
            CancellationToken.None
        );

    public void Dispose() => folder.Dispose();
}
