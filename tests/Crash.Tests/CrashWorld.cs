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

/// <summary>A cluster, a database and one or two portals on them, all as processes that can be killed, and the ledger of what they
/// acknowledged.</summary>
public sealed class CrashWorld : IAsyncDisposable
{
    public const int LeaseSeconds = 3;

    /// <summary>How long an operation may take after its last fault: two lease periods until somebody is at it again, and the time of the
    /// work itself, which is some seconds on two cores.</summary>
    public static TimeSpan RecoveryLimit =>
        TimeSpan.FromSeconds(2 * LeaseSeconds) + (CrashReport.IsLong ? TimeSpan.FromSeconds(30) : TimeSpan.FromSeconds(90));

    /// <summary>
    /// More for what needs the cluster's own controllers after their API server was gone: they come back by a backoff of their own, and the
    /// portal waits for them.
    /// </summary>
    public static TimeSpan ClusterPatience => TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder data = new();
    private readonly List<Worker> workers = [];
    private readonly bool ownsCluster;
    private string kubeconfig = "";

    private CrashWorld(Database database, CrashReport report, TestCluster cluster, bool ownsCluster, PostgreSqlServer? server)
    {
        Database = database;
        Report = report;
        Cluster = cluster;
        this.ownsCluster = ownsCluster;
        Server = server;
        Ledger = new Ledger(this);
    }

    public Database Database { get; }

    public CrashReport Report { get; }

    /// <summary>Kubernetes itself; shared by the worlds, which work in namespaces of their own.</summary>
    public TestCluster Cluster { get; }

    /// <summary>This world's own way to the API server.</summary>
    public FaultProxy Proxy { get; private set; } = null!;

    /// <summary>Null on SQLite.</summary>
    public PostgreSqlServer? Server { get; }

    public WatchedHelm Helm { get; } = new();

    public Ledger Ledger { get; }

    public Worker First => workers[0];

    public Worker Second => workers[1];

    /// <summary>Starts it all with that many portals; the variables are for the last one. Who stops the API server needs one of its
    /// own.</summary>
    public static async Task<CrashWorld> StartAsync(
        Database database,
        CrashReport report,
        int portals = 1,
        IReadOnlyDictionary<string, string?>? variables = null,
        bool ownCluster = false
    )
    {
        PostgreSqlServer? server = null;
        if (database == Database.PostgreSql)
        {
            server = new PostgreSqlServer();
            await server.InitializeAsync();
        }

        var world = new CrashWorld(
            database,
            report,
            ownCluster ? await TestCluster.StartAsync(Target.RealServer) : await report.Cluster,
            ownCluster,
            server
        );
        try
        {
            (world.Proxy, world.kubeconfig) = await world.Cluster.AnotherWayAsync();
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
            await Eventually.TrueAsync(
                () => First.Portal.HasExited,
                $"one of {string.Join(", ", First.Points.Waiting)} is reached",
                TimeSpan.FromSeconds(180)
            );
            deaths++;
            Report.Count(fault, Database);
            await First.Portal.RelaunchAsync(); // not waited for: the next point may come before it is ready
        }

        // A point is noted a moment before its process dies: the last one may be about to.
        await Task.Delay(TimeSpan.FromMilliseconds(500), TestContext.Current.CancellationToken);
        if (First.Portal.HasExited)
        {
            deaths++;
            Report.Count(fault, Database);
            await First.Portal.RelaunchAsync();
        }

        await First.Portal.WaitReadyAsync();
        return deaths;
    }

    /// <summary>The end of what each portal wrote, for a failure's message.</summary>
    public string Logs() =>
        string.Join(
            '\n',
            workers.Select(
                (w, i) =>
                    $"--- portal {i + 1}{(w.Portal.HasExited ? " (ended)" : "")}:\n{(w.Portal.Log is { Length: > 4000 } log ? log[^4000..] : w.Portal.Log)}"
            )
        );

    /// <summary>Stops the API server of a world's own cluster; where the cluster was given, the way to it.</summary>
    public async Task StopApiServerAsync()
    {
        if (Cluster.Plane is { } plane)
        {
            await plane.KillServerAsync();
        }
        else
        {
            Proxy.Fault("refuse");
        }
    }

    public async Task StartApiServerAsync()
    {
        if (Cluster.Plane is { } plane)
        {
            await plane.StartServerAsync();
        }
        else
        {
            Proxy.Fault("none");
        }
    }

    public async ValueTask DisposeAsync()
    {
        Ledger.Dispose();
        foreach (var worker in workers)
        {
            await worker.DisposeAsync();
        }

        if (Proxy is not null)
        {
            await Proxy.DisposeAsync();
        }

        if (ownsCluster)
        {
            await Cluster.DisposeAsync();
        }

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
            ["Portal__WaitInPlaceSeconds"] = "0", // every operation gives its worker back and is taken up again
            ["Portal__FailpointsDirectory"] = points.Directory,
        };
        if (connection is not null)
        {
            variables["Portal__DatabaseProvider"] = "PostgreSql";
            variables["Portal__ConnectionString"] = connection;
        }

        // Both on the same folder: the local vault and the audit key are there.
        workers.Add(
            new Worker(
                await PortalProcess.StartAsync(
                    new PortalOptions
                    {
                        Kubeconfig = kubeconfig,
                        HelmPath = Helm.Path,
                        DataFolder = data.Path,
                        Variables = variables,
                    }
                ),
                points
            )
        );
    }
}
