using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Data.PostgreSql;
using Portkey.Portal.Data.Sqlite;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Keys;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Engine.Preflight.Jobs;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Catalog.Charts;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Rotations;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Quartz;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Registers everything below the portal.</summary>
public static class ProvisioningServices
{
    /// <summary>Adds use cases and, for the role <c>worker</c>, the engine. Services are singletons that open their own units of
    /// work.</summary>
    public static IServiceCollection AddProvisioning(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(ProvisioningOptions.Section);
        var options = section.Get<ProvisioningOptions>() ?? new ProvisioningOptions();
        services.AddOptions<ProvisioningOptions>().Bind(section).ValidateOnStart();
        services
            .AddOptions<RateCard>()
            .Bind(section.GetSection("RateCard"))
            .Validate(
                card =>
                    card
                        is
                    {
                        VcpuMonth: null or >= 0,
                        MemoryGibMonth: null or >= 0,
                        StorageGibMonth: >= 0,
                        LoadBalancerMonth: >= 0,
                        PublicAddressMonth: >= 0,
                        RequestsPerMinutePerVcpu: > 0
                    },
                $"{RateCard.Section}: use prices of 0 or more, and more than 0 requests a minute."
            )
            .Validate(
                card => card.VcpuMonth is null == card.MemoryGibMonth is null,
                $"{RateCard.Section}: give VcpuMonth and MemoryGibMonth together, or neither for the prices of the table of nodes."
            )
            .ValidateOnStart();
        services
            .AddOptions<PreflightOptions>()
            .Bind(section.GetSection("Preflight"))
            .Validate(p => p.TimeoutSeconds is >= 1 and <= 60, $"{PreflightOptions.Section}:TimeoutSeconds: use 1 to 60.")
            .Validate(p => p.JobTimeoutSeconds is >= 5 and <= 90, $"{PreflightOptions.Section}:JobTimeoutSeconds: use 5 to 90.")
            .Validate(
                p => p.JobImage.Length == 0 || ImageReference.TryParse(p.JobImage) is not null,
                $"{PreflightOptions.Section}:JobImage: name an image with a tag or a digest, such as docker.io/library/node:22, or leave it out."
            )
            .Validate(
                p => p.AllowedRanges.All(EgressRule.IsRange),
                $"{PreflightOptions.Section}:AllowedRanges: list CIDR ranges, such as 127.0.0.0/8."
            )
            .Validate(
                p =>
                    new[]
                    {
                        p.BlobEndpoint.Replace("{account}", "a", StringComparison.Ordinal),
                        p.PineconeEndpoint,
                        p.OpenAiEndpoint,
                        p.ControlPlaneEndpoint,
                    }.All(a => Uri.TryCreate(a, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"),
                $"{PreflightOptions.Section}: endpoints are full addresses that start with https:// or http://."
            )
            .ValidateOnStart();
        services
            .AddOptions<StreamProbeOptions>()
            .Bind(section.GetSection("StreamProbe"))
            .Validate(
                s =>
                    s.Url.Length == 0
                    || (
                        Uri.TryCreate(s.Url, UriKind.Absolute, out var url)
                        && url.Scheme is "http" or "https"
                        && url.UserInfo.Length == 0
                        && url.Query.Length == 0
                    ),
                $"{StreamProbeOptions.Section}:Url: name an http or https address without credentials and query, such as http://echo.internal:8080/v1, or leave it out."
            )
            .Validate(s => s.Concurrent is >= 1 and <= 100, $"{StreamProbeOptions.Section}:Concurrent: use 1 to 100.")
            .Validate(s => s.MostCut is >= 0 and <= 100000, $"{StreamProbeOptions.Section}:MostCut: use 0 to 100000.")
            .Validate(s => s.EndSeconds is >= 1 and <= 600, $"{StreamProbeOptions.Section}:EndSeconds: use 1 to 600.")
            .ValidateOnStart();
        services
            .AddOptions<RotationOptions>()
            .Bind(section.GetSection("Rotation"))
            .Validate(r => r.SoakSeconds is >= 0 and <= 86400, $"{RotationOptions.Section}:SoakSeconds: use 0 to 86400.")
            .ValidateOnStart();
        services
            .AddOptions<KeyIssuingOptions>()
            .Bind(section.GetSection("KeyIssuing"))
            .Validate(
                m => KeyIssuingOptions.IsEndpoint(m.ManagementEndpoint),
                $"{KeyIssuingOptions.Section}:ManagementEndpoint: give the address of Azure's management API, https://management.azure.com, without a path."
            )
            .Validate(m => m.TimeoutSeconds is >= 3 and <= 60, $"{KeyIssuingOptions.Section}:TimeoutSeconds: use 3 to 60.")
            .Validate(m => m.ScheduleSeconds is >= 1 and <= 3600, $"{KeyIssuingOptions.Section}:ScheduleSeconds: use 1 to 3600.")
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProvisioningOptions>, ProvisioningOptionsValidator>();
        services.AddPooledDbContextFactory<PortalDbContext>(
            (provider, db) => UseDatabase(db, provider.GetRequiredService<IOptions<ProvisioningOptions>>().Value)
        );
        services.AddKeyRing().AddVault(section.GetSection("Vault"), reads: options.IsWorker);
        services
            .AddSingleton(TimeProvider.System)
            .AddSingleton<Failpoints>()
            .AddSingleton<LiveUpdates>()
            .AddSingleton<UnitOfWork>()
            .AddSingleton<AuditKey>()
            .AddSingleton<AuditKeyOpening>()
            .AddSingleton<AuditTrail>()
            .AddSingleton<AuditSealer>()
            .AddSingleton<AuditVerifier>()
            .AddSingleton<AuditService>()
            .AddSingleton<PeopleService>()
            .AddSingleton<ClusterTrust>()
            .AddSingleton<ClusterProbe>()
            .AddSingleton<CostEstimate>()
            .AddSingleton<CatalogService>()
            .AddSingleton<VaultAddresses>()
            .AddSingleton<SecretDeliveryService>()
            .AddSingleton<PreflightJobsService>()
            .AddSingleton<ClusterTest>()
            .AddSingleton<SecretStore>()
            .AddSingleton<EnvironmentService>()
            .AddSingleton<CredentialService>()
            .AddSingleton<CredentialPolicies>()
            .AddSingleton<CredentialCalendars>()
            .AddSingleton<OutboundGuard>()
            .AddSingleton<IOutboundHttp>(s => s.GetRequiredService<OutboundGuard>())
            .AddSingleton<HelmRunner>()
            .AddSingleton<ChartStore>()
            .AddSingleton<RenderTurns>()
            .AddSingleton<Renderer>()
            .AddSingleton<ChartTrial>()
            .AddSingleton<ChartRegistration>()
            .AddSingleton<ChartLifecycle>()
            .AddSingleton<ChartPlaces>()
            .AddSingleton<ImagePins>()
            .AddSingleton<Proposals>()
            .AddSingleton<Decisions>()
            .AddSingleton<RequestService>()
            .AddSingleton<FindService>()
            .AddSingleton<DraftService>()
            .AddSingleton<WaitingRequests>()
            .AddSingleton<AskAgain>()
            .AddSingleton<ImportService>()
            .AddSingleton<ClusterVersions>()
            .AddSingleton<ReservedNamespaces>()
            .AddSingleton<CommandFingerprint>()
            .AddSingleton<OrphanRemoval>()
            .AddSingleton<ImportExpiry>()
            .AddSingleton<IssueSignal>()
            .AddSingleton<IssueRequests>()
            .AddSingleton<CredentialProviders>()
            .AddSingleton<SharedCredentials>()
            .AddSingleton<ClusterKubeconfigs>()
            .AddSingleton<RotationService>()
            .AddSingleton<Bootstrap>()
            .AddSingleton<ChangeContent>()
            .AddSingleton<ChangeProposals>()
            .AddSingleton<ChangeService>()
            .AddSingleton<ClusterRegistration>()
            .AddSingleton<WorkSignal>()
            .AddSingleton<PreflightSignal>()
            .AddSingleton<RotationSignal>()
            .AddSingleton<OperationService>()
            .AddSingleton<Seeder>();
        Effect<ClusterRegistration>(services);
        Effect<ClusterKubeconfigs>(services);
        Effect<SecretDeliveryService>(services);
        Effect<ChartRegistration>(services);
        Effect<PreflightJobsService>(services);
        Effect<CredentialPolicies>(services);
        Effect<CredentialProviders>(services);
        services.AddHostedService<SealService>();
        services.AddAccess(section, options);
        if (options.IsWorker)
        {
            AddWorker(services, options, section.GetSection("KeyIssuing").Get<KeyIssuingOptions>() ?? new KeyIssuingOptions());
        }

        return services;
    }

    /// <summary>Brings the database up to date, opens the portal's keys and seeds what a first run needs. Call it before serving.</summary>
    /// <exception cref="StartRefusedException">The keys do not fit the history.</exception>
    public static async Task InitializeProvisioningAsync(this IServiceProvider services, CancellationToken cancellationToken)
    {
        var options = services.GetRequiredService<IOptions<ProvisioningOptions>>().Value;
        Directory.CreateDirectory(options.DataDirectory);
        PrivateFiles.Mend(options, services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(PrivateFiles)));
        await using (
            var db = await services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync(cancellationToken)
        )
        {
            await DatabaseUpdate.RunAsync(db, cancellationToken);
        }

        await services.GetRequiredService<AuditKeyOpening>().OpenAsync(cancellationToken);
        services.GetRequiredService<ISecretWriter>(); // so that its warnings come at startup, not with the first secret
        await services.GetRequiredService<HelmRunner>().VersionAsync(cancellationToken);
        await services.GetRequiredService<Seeder>().SeedAsync(cancellationToken);
    }

    private static void AddWorker(IServiceCollection services, ProvisioningOptions options, KeyIssuingOptions issuing)
    {
        services
            .AddSingleton<ClusterConnections>()
            .AddSingleton<ClusterWriter>()
            .AddSingleton<ClusterSecrets>()
            .AddSingleton<RolloutWatcher>()
            .AddSingleton<PodDiagnostics>()
            .AddSingleton<HealthInspector>()
            .AddSingleton<GatewayProbe>()
            .AddSingleton<ClusterPinning>()
            .AddSingleton<HealthSweep>()
            .AddSingleton<PreflightRunner>()
            .AddSingleton<NetworkJobLeftovers>()
            .AddSingleton<Reminders>()
            .AddSingleton<VaultScan>()
            .AddSingleton<RotationRunner>();
        As<IHelm, HelmRunner>(services);
        As<IClusters, ClusterConnections>(services);
        As<IClusterWriter, ClusterWriter>(services);
        As<IRollouts, RolloutWatcher>(services);
        As<ISecretDelivery, ClusterSecrets>(services);
        As<IHealthInspector, HealthInspector>(services);
        As<IGatewayProbe, GatewayProbe>(services);
        As<IPreflight, PreflightRunner>(services);
        services.AddSingleton<IStreamCaller, StreamCaller>();
        services.AddKeyIssuing().AddOperations();
        services.AddHostedService<PreflightDispatcher>();
        services.AddHostedService<RotationDispatcher>();
        services.AddQuartz(quartz =>
        {
            Every<ReconcileJob>(quartz, TimeSpan.FromSeconds(2));
            Every<HealthSweepJob>(quartz, TimeSpan.FromSeconds(options.HealthIntervalSeconds));
            Every<SessionJob>(quartz, TimeSpan.FromMinutes(10));
            Every<ReminderJob>(quartz, TimeSpan.FromHours(1));
            Every<ChangeJob>(quartz, TimeSpan.FromHours(1));
            Every<LeftoversJob>(quartz, TimeSpan.FromMinutes(5));
            Every<VaultScanJob>(quartz, TimeSpan.FromHours(1));
            Every<ScheduleJob>(quartz, TimeSpan.FromSeconds(issuing.ScheduleSeconds));
        });
        services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
    }

    // Narrow interfaces for operations to parts that others use in full.
    private static void As<TAsked, T>(IServiceCollection services)
        where TAsked : class
        where T : class, TAsked => services.AddSingleton<TAsked>(provider => provider.GetRequiredService<T>());

    private static void Effect<T>(IServiceCollection services)
        where T : class, IChangeEffect => services.AddSingleton<IChangeEffect>(provider => provider.GetRequiredService<T>());

    private static void Every<T>(IQuartzBuilder quartz, TimeSpan interval)
        where T : IJob => quartz.ScheduleJob<T>(t => t.StartNow().WithSimpleSchedule(s => s.WithInterval(interval).RepeatForever()));

    private static void UseDatabase(DbContextOptionsBuilder db, ProvisioningOptions options)
    {
        if (options.DatabaseProvider.Equals("PostgreSql", StringComparison.OrdinalIgnoreCase))
        {
            db.UsePortalPostgreSql(options.ConnectionString, idleInTransaction: TimeSpan.FromSeconds(options.LeaseSeconds));
        }
        else
        {
            db.UsePortalSqlite(
                options.ConnectionString.Length > 0
                    ? options.ConnectionString
                    : $"Data Source={Path.Combine(options.DataDirectory, "portal.db")};Default Timeout=15"
            );
        }
    }
}
