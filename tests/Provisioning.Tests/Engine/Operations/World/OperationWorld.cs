using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Data.Sqlite;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations.World;

/// <summary>
/// A database of one test with an environment whose requests are approved as the portal approves them, beside a Helm, a cluster and a vault
/// that remember. Each <see cref="Worker"/> is a process of its own on all of it.
/// </summary>
internal sealed class OperationWorld : IDbContextFactory<PortalDbContext>, IAsyncDisposable
{
    public const string Namespace = "payments-checkout";

    public const string Guardrails = "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: gateway\n";

    private static readonly Lazy<byte[]> Migrated = new(Migrate);

    private readonly TemporaryFolder folder = new();
    private readonly List<Worker> workers = [];
    private readonly DbContextOptions<PortalDbContext> options;
    private readonly Dictionary<string, SecretPin> pins = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Guid> references = new(StringComparer.Ordinal);
    private readonly string chart;
    private ChartVersion? version;

    private OperationWorld()
    {
        chart = folder.Combine("chart");
        options = OptionsOf(folder.Combine("portal.db"));
        Work = new UnitOfWork(this);
        Trail = new AuditTrail(Key, TimeProvider.System);
        Cluster = new FakeCluster(Helm);
    }

    public string Folder => folder.Path;

    public string ChartFolder => chart;

    public UnitOfWork Work { get; }

    public AuditKey Key { get; } = AuditKey.Of([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);

    public AuditTrail Trail { get; }

    public FakeHelm Helm { get; } = new();

    public FakeCluster Cluster { get; }

    public FakeVault Vault { get; } = new();

    public FakePreflight Preflight { get; } = new();

    public QuickTime Time { get; } = new();

    public Team Team { get; } = new() { Name = "payments", DisplayName = "Payments" };

    public Data.Cluster Row { get; } =
        new()
        {
            Name = "sandbox",
            DisplayName = "Sandbox",
            KubeconfigSource = "file:/nowhere",
        };

    public Guid Environment { get; } = Guid.CreateVersion7();

    /// <summary>Options of every worker that is made from now on.</summary>
    public Action<ProvisioningOptions> Configure { get; set; } = _ => { };

    public RotationOptions Rotation { get; } = new() { SoakSeconds = 0 };

    public StreamProbeOptions Streams { get; } = new();

    public static async Task<OperationWorld> CreateAsync()
    {
        var world = new OperationWorld();
        await File.WriteAllBytesAsync(world.folder.Combine("portal.db"), Migrated.Value);
        Directory.CreateDirectory(Path.Combine(world.chart, "templates"));
        await File.WriteAllTextAsync(
            Path.Combine(world.chart, "Chart.yaml"),
            "apiVersion: v2\nname: gateway\nversion: 1.7.7\nappVersion: 2.13.0\n"
        );
        await File.WriteAllTextAsync(Path.Combine(world.chart, "templates", "all.yaml"), "kind: ConfigMap\n");
        world.version = new ChartVersion
        {
            Edition = Edition.Oss,
            Source = ChartSource.Directory,
            Location = world.chart,
            Name = "gateway",
            Version = "1.7.7",
            AppVersion = "2.13.0",
            Digest = ChartFiles.Digest(world.chart),
            ImageTag = "1.15.2",
            RegisteredAt = DateTime.UtcNow,
            RegisteredBy = "admin-1",
        };
        await world.AddAsync(
            world.Team,
            world.Row,
            world.version,
            new Person
            {
                Id = "lead",
                DisplayName = "Lead",
                Teams =
                {
                    new TeamMember { TeamId = world.Team.Id, PersonId = "lead" },
                },
            },
            new Person { Id = "stranger", DisplayName = "Stranger" }
        );
        return world;
    }

    /// <summary>One more process.</summary>
    public Worker Start()
    {
        var worker = new Worker(this);
        workers.Add(worker);
        return worker;
    }

    public PortalDbContext CreateDbContext() => new(options);

    /// <summary>Stores a new version of a secret of the environment; what is approved from now on pins it.</summary>
    public async Task<SecretPin> StoreAsync(string key, string provider = "")
    {
        var name = $"env-{key.ToLowerInvariant().Replace('_', '-')}";
        var number = pins.GetValueOrDefault(key)?.Number + 1 ?? 1;
        var pin = new SecretPin(name, number, $"{name}-version-{number}");
        Vault.Put(pin.VaultName, pin.VaultVersion, $"value-{number}-of-{key}");
        await Work.WriteAsync(
            async db =>
            {
                var reference = await db.SecretReferences.FirstOrDefaultAsync(r => r.VaultName == name);
                if (reference is null)
                {
                    reference = new SecretReference
                    {
                        EnvironmentId = Environment,
                        TeamId = Team.Id,
                        Key = key,
                        VaultName = name,
                        Provider = provider,
                    };
                    db.SecretReferences.Add(reference);
                }

                references[name] = reference.Id;

                db.Add(
                    new SecretVersion
                    {
                        SecretReferenceId = reference.Id,
                        Number = number,
                        VaultVersion = pin.VaultVersion,
                        CreatedBy = "lead",
                        CreatedAt = DateTime.UtcNow,
                    }
                );
            },
            TestContext.Current.CancellationToken
        );
        return pins[key] = pin;
    }

    /// <summary>Manifests of a gateway that takes the secrets pinned now; another tag is another revision.</summary>
    public string Gateway(string tag = "1", int graceSeconds = 30)
    {
        var environment =
            SecretPins.OfEnvironment(pins).Count == 0
                ? ""
                : $"        envFrom:\n        - secretRef:\n            name: {SecretPins.ClusterSecretName("portkey-gateway", pins)}\n";
        var pull = PullSecret.Of("portkey-gateway", Spec, pins) is { } secret
            ? $"      imagePullSecrets:\n      - name: {secret.Name}\n"
            : "";
        return $"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: portkey-gateway\nspec:\n  template:\n    spec:\n      terminationGracePeriodSeconds: {graceSeconds}\n{pull}      containers:\n      - name: gateway\n        image: gateway:{tag}\n{environment}";
    }

    public EnvironmentSpec Spec { get; set; } = new() { Edition = Edition.Oss };

    /// <summary>A request that was approved, with its operation in the queue.</summary>
    public async Task<Operation> ApproveAsync(RequestKind kind = RequestKind.Create, string? gateway = null, string guardrails = Guardrails)
    {
        var before = await FindAsync();
        var number = before?.ApprovedRevision ?? 0;
        var request = new ChangeRequest
        {
            Kind = kind,
            TeamId = Team.Id,
            EnvironmentId = Environment,
            EnvironmentName = "checkout",
            ClusterId = Row.Id,
            Namespace = Namespace,
            BaseRevision = number,
            Content = new()
            {
                Profile = "dev",
                SpecJson = PortalJson.Write(Spec),
                ChartVersionId = version!.Id,
                ValuesYaml = $"revision: {number + 1}\n",
                ManifestYaml = Manifests.Join(gateway ?? Gateway($"{number + 1}"), guardrails),
                Digest = "",
            },
            Secrets =
            [
                .. pins.Select(p => new RequestSecret
                {
                    Key = p.Key,
                    SecretReferenceId = references[p.Value.VaultName],
                    VaultName = p.Value.VaultName,
                    Number = p.Value.Number,
                    VaultVersion = p.Value.VaultVersion,
                }),
            ],
            FindingsJson = "[]",
            PolicyJson = "{}",
            Reason = "test",
            RequestedBy = "lead",
            RequestedAt = DateTime.UtcNow,
        };
        var digest = ContentDigest.Of(request, "portkey-gateway", version.Digest);
        request = With(request, digest);
        return await Work.WriteAsync(
            async db =>
            {
                var environment = await db.Environments.AsTracking().FirstOrDefaultAsync(e => e.Id == Environment);
                if (environment is null)
                {
                    environment = new GatewayEnvironment
                    {
                        Id = Environment,
                        Name = "checkout",
                        TeamId = Team.Id,
                        ClusterId = Row.Id,
                        Namespace = Namespace,
                        ReleaseName = "portkey-gateway",
                        Edition = Edition.Oss,
                        Profile = "dev",
                        CreatedAt = DateTime.UtcNow,
                        CreatedBy = "lead",
                    };
                    db.Add(environment);
                }

                if (kind == RequestKind.Delete)
                {
                    environment.MoveTo(EnvironmentState.Deleting);
                }
                else if (++environment.ApprovedRevision > 1)
                {
                    environment.MoveTo(EnvironmentState.Changing);
                }

                var operation = OperationPlan.New(
                    Environment,
                    request.Id,
                    kind,
                    kind == RequestKind.Delete ? 0 : environment.ApprovedRevision,
                    "admin-1",
                    DateTime.UtcNow
                );
                request.MoveTo(RequestState.Approved);
                request.OperationId = operation.Id;
                db.AddRange(
                    request,
                    operation,
                    new Approval
                    {
                        ChangeRequestId = request.Id,
                        DecidedBy = "admin-1",
                        Decision = Decision.Approve,
                        Digest = digest,
                        Reason = "",
                        At = DateTime.UtcNow,
                    }
                );
                if (kind != RequestKind.Delete)
                {
                    db.Add(RevisionOf(request, environment.ApprovedRevision));
                }

                await Trail.AppendAsync(
                    db,
                    new Caller("admin-1", "127.0.0.1", "test"),
                    new AuditEntry("request.approved", "request", request.Id.ToString(), "checkout")
                    {
                        EnvironmentId = Environment,
                        TeamId = Team.Id,
                        RequestDigest = digest,
                    },
                    TestContext.Current.CancellationToken
                );
                return operation;
            },
            TestContext.Current.CancellationToken
        );
    }

    /// <summary>An environment that was created and serves.</summary>
    public async Task<Worker> ServingAsync()
    {
        var worker = Start();
        var created = await ApproveAsync();
        await worker.RunAsync();
        Assert.Equal(OperationState.Succeeded, (await OperationAsync(created.Id)).State);
        return worker;
    }

    public Task<GatewayEnvironment?> FindAsync() =>
        Work.ReadAsync(db => db.Environments.FirstOrDefaultAsync(e => e.Id == Environment), TestContext.Current.CancellationToken);

    public async Task<GatewayEnvironment> EnvironmentAsync() => (await FindAsync())!;

    public Task<Operation> OperationAsync(Guid id) =>
        Work.ReadAsync(db => db.Operations.Include(o => o.Steps).FirstAsync(o => o.Id == id), TestContext.Current.CancellationToken);

    public Task<ChangeRequest> RequestAsync(Guid operation) =>
        Work.ReadAsync(db => db.ChangeRequests.FirstAsync(r => r.OperationId == operation), TestContext.Current.CancellationToken);

    /// <summary>Steps with their states, in order.</summary>
    public async Task<string> StepsAsync(Guid id) =>
        string.Join(' ', (await OperationAsync(id)).Steps.OrderBy(s => s.Order).Select(s => $"{s.Name}:{s.State}"));

    public Task<List<string>> LogAsync(Guid id) =>
        Work.ReadAsync(
            db => db.OperationLog.Where(l => l.OperationId == id).OrderBy(l => l.Id).Select(l => l.Step + ": " + l.Text).ToListAsync(),
            TestContext.Current.CancellationToken
        );

    public Task<List<string>> ActionsAsync() =>
        Work.ReadAsync(
            db => db.AuditEvents.OrderBy(e => e.Index).Select(e => e.Action).ToListAsync(),
            TestContext.Current.CancellationToken
        );

    public Task<List<Finding>> FindingsAsync() =>
        Work.ReadAsync(db => db.Findings.Where(f => f.ResolvedAt == null).ToListAsync(), TestContext.Current.CancellationToken);

    /// <summary>Versions of secrets with their states, such as <c>REDIS_URL v1 Disabled</c>.</summary>
    public Task<List<string>> VersionsAsync() =>
        Work.ReadAsync(
            async db =>
                (await db.SecretReferences.Include(r => r.Versions).OrderBy(r => r.Key).ToListAsync())
                    .SelectMany(r => r.Versions.OrderBy(v => v.Number).Select(v => $"{r.Key} v{v.Number} {v.State}"))
                    .ToList(),
            TestContext.Current.CancellationToken
        );

    public Task AddAsync(params object[] rows) =>
        Work.WriteAsync(
            db =>
            {
                db.AddRange(rows);
                return Task.CompletedTask;
            },
            TestContext.Current.CancellationToken
        );

    /// <summary>As somebody does who can write to the database.</summary>
    public Task SqlAsync(FormattableString sql) =>
        Work.WriteAsync(db => db.Database.ExecuteSqlAsync(sql), TestContext.Current.CancellationToken);

    /// <summary>The time of the operation's next attempt has come.</summary>
    public Task ComeAsync(Guid id) =>
        Work.WriteAsync(
            db => db.Operations.Where(o => o.Id == id).ExecuteUpdateAsync(s => s.SetProperty(o => o.NotBefore, DateTime.UnixEpoch)),
            TestContext.Current.CancellationToken
        );

    /// <summary>The lease of whoever has the environment has run out, as after a crash.</summary>
    public Task ExpireAsync() =>
        Work.WriteAsync(
            db =>
                db.Environments.Where(e => e.Id == Environment)
                    .ExecuteUpdateAsync(s => s.SetProperty(e => e.Lease.Until, DateTime.UnixEpoch)),
            TestContext.Current.CancellationToken
        );

    /// <summary>Seconds until the next attempt, by the database's clock.</summary>
    public async Task<double> DelayAsync(Guid id) => ((await OperationAsync(id)).NotBefore - DateTime.UtcNow).TotalSeconds;

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in workers)
        {
            await worker.DisposeAsync();
        }

        Cluster.Dispose();
        folder.Dispose();
    }

    private static DbContextOptions<PortalDbContext> OptionsOf(string path)
    {
        var builder = new DbContextOptionsBuilder<PortalDbContext>();
        builder.UsePortalSqlite($"Data Source={path};Default Timeout=15;Pooling=False");
        return builder.Options;
    }

    private static byte[] Migrate()
    {
        using var apart = new TemporaryFolder();
        var path = apart.Combine("portal.db");
        using (var db = new PortalDbContext(OptionsOf(path)))
        {
            db.Database.Migrate();
            db.Database.ExecuteSqlRaw("PRAGMA journal_mode=WAL; PRAGMA wal_checkpoint(TRUNCATE);");
        }

        SqliteConnection.ClearAllPools();
        return File.ReadAllBytes(path);
    }

    private static ChangeRequest With(ChangeRequest r, string digest) =>
        new()
        {
            Kind = r.Kind,
            TeamId = r.TeamId,
            EnvironmentId = r.EnvironmentId,
            EnvironmentName = r.EnvironmentName,
            ClusterId = r.ClusterId,
            Namespace = r.Namespace,
            BaseRevision = r.BaseRevision,
            Content = Content(r.Content, digest),
            Secrets = r.Secrets,
            FindingsJson = r.FindingsJson,
            PolicyJson = r.PolicyJson,
            Reason = r.Reason,
            RequestedBy = r.RequestedBy,
            RequestedAt = r.RequestedAt,
        };

    private static EnvironmentContent Content(EnvironmentContent c, string digest) =>
        new()
        {
            Profile = c.Profile,
            SpecJson = c.SpecJson,
            ChartVersionId = c.ChartVersionId,
            ValuesYaml = c.ValuesYaml,
            ManifestYaml = c.ManifestYaml,
            Digest = digest,
        };

    private static Revision RevisionOf(ChangeRequest r, int number) =>
        new()
        {
            EnvironmentId = r.EnvironmentId,
            Number = number,
            ChangeRequestId = r.Id,
            Kind = r.Kind,
            Content = r.Content.Copy(),
            CreatedAt = DateTime.UtcNow,
            CreatedBy = "lead",
            Secrets =
            [
                .. r.Secrets.Select(s => new RevisionSecret
                {
                    Key = s.Key,
                    SecretReferenceId = s.SecretReferenceId,
                    VaultName = s.VaultName,
                    Number = s.Number,
                    VaultVersion = s.VaultVersion,
                }),
            ],
        };
}
