using Npgsql;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.BadDays;

/// <summary>A portal on PostgreSQL with a cluster of its own, so that both may be treated badly; patience is shortened, nothing
/// else.</summary>
public sealed class BadDaysProduct : IAsyncLifetime
{
    private readonly PostgreSqlServer server = new();
    private string database = "";
    private SandboxProcess? sandbox;
    private PortalProcess? portal;

    public SandboxProcess Sandbox => sandbox!;

    public PortalProcess Portal => portal!;

    public async ValueTask InitializeAsync()
    {
        await server.InitializeAsync();
        database = await server.CreateDatabaseAsync();
        sandbox = await SandboxProcess.StartAsync();
        portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                Kubeconfig = sandbox.Kubeconfig,
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["Portal__DatabaseProvider"] = "PostgreSql",
                    ["Portal__ConnectionString"] = database,
                    ["Portal__RolloutTimeoutSeconds"] = "20",
                    ["Portal__HealthIntervalSeconds"] = "3",
                    ["Portal__LeaseSeconds"] = "8",
                },
            }
        );
    }

    public async Task<Api> ApiAsync(string persona) => new(await Portal.ClientAsync(persona));

    /// <summary>What only the operator of the database can do.</summary>
    public async Task<int> ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends every connection to its database.</summary>
    public Task EndConnectionsAsync() => PostgreSqlServer.EndConnectionsAsync(database);

    public async ValueTask DisposeAsync()
    {
        if (portal is not null)
        {
            await portal.DisposeAsync();
        }

        if (sandbox is not null)
        {
            await sandbox.DisposeAsync();
        }

        await server.DisposeAsync();
    }
}

/// <summary>One after the other, on a portal, database and clusters of their own: what they freeze, fill and kill is nobody
/// else's.</summary>
[CollectionDefinition(Name)]
public sealed class BadDaysCollection : ICollectionFixture<BadDaysProduct>
{
    public const string Name = "bad days";
}
