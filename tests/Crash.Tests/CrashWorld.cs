using System.Diagnostics;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Crash.Tests;

/// <summary>One portal process with its own failpoints.</summary>
public sealed record Worker(PortalProcess Portal, ArmedFailpoints Points) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Portal.DisposeAsync();
        Points.Dispose();
    }
}

/// <summary>A cluster, a database and one or two portals on them, all as processes that can be killed, and the ledger of what they acknowledged.</summary>
public sealed class CrashWorld : IAsyncDisposable
{
    public const int LeaseSeconds = 3;

    private readonly TemporaryFolder data = new();
    private readonly List<Worker> workers = [];

    private CrashWorld(Database database, CrashReport report, SandboxProcess sandbox, PostgreSqlServer? server)
    {
        Database = database;
        Report = report;
        Sandbox = sandbox;
        Server = server;
        Ledger = new Ledger(this);
    }

    public Database Database { get; }

    public CrashReport Report { get; }

    public SandboxProcess Sandbox { get; }

    /// <summary>Null on SQLite.</summary>
    public PostgreSqlServer? Server { get; }

    public WatchedHelm Helm { get; } = new();

    public Ledger Ledger { get; }

    public Worker First => workers[0];

    public Worker Second => workers[1];

    /// <summary>Starts it all with that many portals; the variables are for the last one.</summary>
    public static async Task<CrashWorld> StartAsync(Database database, CrashReport report, int portals = 1, IReadOnlyDictionary<string, string?>? variables = null)
    {
        PostgreSqlServer? server = null;
        if (database == Database.PostgreSql)
        {
            server = new PostgreSqlServer();
            await server.InitializeAsync();
        }

        var world = new CrashWorld(database, report, await SandboxProcess.StartAsync(), server);
        try
        {
            var connection = server is null ? null : await server.CreateDatabaseAsync();
            for (var i = 1; i <= portals; i++)
            {
                await world.AddAsync(connection, i == portals ? variables : null);
            }

            await world.Ledger.SignInAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the first portal again as often as it dies, until every armed point has fired. Answers with how often.</summary>
    public async Task<int> OutliveAsync(string fault)
    {
        var deaths = 0;
        while (First.Points.Waiting.Count > 0)
        {
            await Eventually.TrueAsync(() => First.Portal.HasExited, $"one of {string.Join(", ", First.Points.Waiting)} is reached", TimeSpan.FromSeconds(60));
            deaths++;
            Report.Count(fault, Database);
            await First.Portal.RelaunchAsync(); // not waited for: the next point may come before it is ready
        }

        await First.Portal.WaitReadyAsync();
        return deaths;
    }

    public async ValueTask DisposeAsync()
    {
        Ledger.Dispose();
        foreach (var worker in workers)
        {
            await worker.DisposeAsync();
        }

        await Sandbox.DisposeAsync();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        Helm.Dispose();
        data.Dispose();
    }

    private async Task AddAsync(string? connection, IReadOnlyDictionary<string, string?>? more)
    {
        var points = new ArmedFailpoints();
        var variables = new Dictionary<string, string?>(more ?? new Dictionary<string, string?>(), StringComparer.Ordinal)
        {
            ["Portal__LeaseSeconds"] = $"{LeaseSeconds}",
            ["Portal__RolloutTimeoutSeconds"] = "60",
            ["Portal__FailpointsDirectory"] = points.Directory,
        };
        if (connection is not null)
        {
            variables["Portal__DatabaseProvider"] = "PostgreSql";
            variables["Portal__ConnectionString"] = connection;
        }

        // Both on the same folder: the local vault and the audit key are there.
        workers.Add(new Worker(
            await PortalProcess.StartAsync(new PortalOptions { Kubeconfig = Sandbox.Kubeconfig, HelmPath = Helm.Path, DataFolder = data.Path, Variables = variables }), points));
    }
}
