using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Data.PostgreSql;
using Portkey.Portal.Data.Sqlite;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Charts;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Credentials;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Governance;
using Portkey.Portal.Provisioning.Health;
using Portkey.Portal.Provisioning.Helm;
using Portkey.Portal.Provisioning.Imports;
using Portkey.Portal.Provisioning.Keys;
using Portkey.Portal.Provisioning.Kubernetes;
using Portkey.Portal.Provisioning.Minting;
using Portkey.Portal.Provisioning.Monitoring;
using Portkey.Portal.Provisioning.Operations;
using Portkey.Portal.Provisioning.Preflight;
using Portkey.Portal.Provisioning.Requests;
using Portkey.Portal.Provisioning.Rotations;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Provisioning.Sync;
using Portkey.Portal.Provisioning.Teams;
using Quartz;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Registers everything below the portal.</summary>
public static class ProvisioningServices
{
    /// <summary>Adds use cases and, for the role <c>worker</c>, the engine. Services are singletons that open their own units of work.</summary>
    public static IServiceCollection AddProvisioning(this IServiceCollection services, IConfiguration configuration)
    {
        var section = configuration.GetSection(ProvisioningOptions.Section);
        var options = section.Get<ProvisioningOptions>() ?? new ProvisioningOptions();
        services.AddOptions<ProvisioningOptions>().Bind(section).ValidateOnStart();
        services.AddOptions<RateCard>().Bind(section.GetSection("RateCard"))
            .Validate(card => card is { VcpuMonth: >= 0, MemoryGibMonth: >= 0, StorageGibMonth: >= 0, RequestsPerMinutePerVcpu: > 0 }, $"{RateCard.Section}: use prices of 0 or more, and more than 0 requests a minute.").ValidateOnStart();
        services.AddOptions<PreflightOptions>().Bind(section.GetSection("Preflight"))
            .Validate(p => p.TimeoutSeconds is >= 1 and <= 60, $"{PreflightOptions.Section}:TimeoutSeconds: use 1 to 60.")
            .Validate(p => p.AllowedRanges.All(EgressRule.IsRange), $"{PreflightOptions.Section}:AllowedRanges: list CIDR ranges, such as 127.0.0.0/8.")
            .Validate(p => new[] { p.BlobEndpoint.Replace("{account}", "a", StringComparison.Ordinal), p.PineconeEndpoint, p.OpenAiEndpoint, p.ControlPlaneEndpoint }.All(a => Uri.TryCreate(a, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"), $"{PreflightOptions.Section}: endpoints are full addresses that start with https:// or http://.")
            .ValidateOnStart();
        services.AddOptions<RotationOptions>().Bind(section.GetSection("Rotation"))
            .Validate(r => r.SoakSeconds is >= 0 and <= 86400, $"{RotationOptions.Section}:SoakSeconds: use 0 to 86400.").ValidateOnStart();
        services.AddOptions<MintingOptions>().Bind(section.GetSection("Minting"))
            .Validate(m => MintingOptions.IsEndpoint(m.ManagementEndpoint), $"{MintingOptions.Section}:ManagementEndpoint: give the address of Azure's management API, https://management.azure.com, without a path.")
            .Validate(m => m.TimeoutSeconds is >= 3 and <= 60, $"{MintingOptions.Section}:TimeoutSeconds: use 3 to 60.")
            .Validate(m => m.ScheduleSeconds is >= 1 and <= 3600, $"{MintingOptions.Section}:ScheduleSeconds: use 1 to 3600.").ValidateOnStart();
        services.AddSingleton<IValidateOptions<ProvisioningOptions>, ProvisioningOptionsValidator>();
        services.AddPooledDbContextFactory<PortalDbContext>((provider, db) => UseDatabase(db, provider.GetRequiredService<IOptions<ProvisioningOptions>>().Value));
        services.AddKeyRing().AddVault(section.GetSection("Vault"), reads: options.IsWorker);
        services.AddSingleton(TimeProvider.System).AddSingleton<Failpoints>().AddSingleton<LiveUpdates>().AddSingleton<UnitOfWork>()
            .AddSingleton<AuditKey>().AddSingleton<AuditKeyOpening>().AddSingleton<AuditTrail>().AddSingleton<AuditSealer>().AddSingleton<AuditVerifier>().AddSingleton<AuditService>()
            .AddSingleton<PeopleService>().AddSingleton<ClusterTrust>().AddSingleton<ClusterProbe>().AddSingleton<CatalogService>().AddSingleton<VaultAddresses>().AddSingleton<SecretSyncService>().AddSingleton<SecretStore>().AddSingleton<EnvironmentService>()
            .AddSingleton<CredentialService>().AddSingleton<CredentialPolicies>().AddSingleton<CredentialCalendars>()
            .AddSingleton<OutboundGuard>().AddSingleton<IOutboundHttp>(s => s.GetRequiredService<OutboundGuard>()).AddSingleton<HelmRunner>().AddSingleton<ChartStore>().AddSingleton<RenderTurns>().AddSingleton<Renderer>().AddSingleton<ChartTrial>().AddSingleton<ChartRegistration>()
            .AddSingleton<Proposals>().AddSingleton<Decisions>().AddSingleton<RequestService>().AddSingleton<DraftService>().AddSingleton<ImportService>()
            .AddSingleton<ReservedNamespaces>().AddSingleton<CommandFingerprint>().AddSingleton<OrphanRemoval>().AddSingleton<ImportExpiry>()
            .AddSingleton<MintBell>().AddSingleton<MintDesk>().AddSingleton<CredentialProviders>()
            .AddSingleton<SharedCredentials>().AddSingleton<ClusterKubeconfigs>().AddSingleton<RotationService>()
            .AddSingleton<Bootstrap>().AddSingleton<ChangeContent>().AddSingleton<ChangeDesk>().AddSingleton<ChangeService>().AddSingleton<ClusterRegistration>()
            .AddSingleton<Doorbell>().AddSingleton<PreflightBell>().AddSingleton<RotationBell>().AddSingleton<OperationService>().AddSingleton<Seeder>();
        Effect<ClusterRegistration>(services);
        Effect<ClusterKubeconfigs>(services);
        Effect<SecretSyncService>(services);
        Effect<ChartRegistration>(services);
        Effect<CredentialPolicies>(services);
        Effect<CredentialProviders>(services);
        services.AddHostedService<SealService>();
        services.AddAccess(section, options);
        if (options.IsWorker)
        {
            AddWorker(services, options, section.GetSection("Minting").Get<MintingOptions>() ?? new MintingOptions());
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
        await using (var db = await services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync(cancellationToken))
        {
            await DatabaseUpdate.RunAsync(db, cancellationToken);
        }

        await services.GetRequiredService<AuditKeyOpening>().OpenAsync(cancellationToken);
        services.GetRequiredService<ISecretWriter>(); // what it has to say belongs to the start, not to the first secret
        await services.GetRequiredService<HelmRunner>().VersionAsync(cancellationToken);
        await services.GetRequiredService<Seeder>().SeedAsync(cancellationToken);
    }

    private static void AddWorker(IServiceCollection services, ProvisioningOptions options, MintingOptions minting)
    {
        services.AddSingleton<ClusterConnections>().AddSingleton<ClusterWriter>().AddSingleton<ClusterSecrets>().AddSingleton<RolloutWatcher>().AddSingleton<PodDiagnostics>().AddSingleton<ReleaseLabels>()
            .AddSingleton<HealthInspector>().AddSingleton<GatewayProbe>().AddSingleton<ClusterPinning>().AddSingleton<HealthSweep>()
            .AddSingleton<OperationQueue>().AddSingleton<ReleaseRecords>().AddSingleton<ApprovalCheck>().AddSingleton<PreflightRunner>().AddSingleton<PreflightStep>().AddSingleton<ApplySteps>().AddSingleton<RemoveSteps>().AddSingleton<RetireStep>().AddSingleton<MintedVersions>().AddSingleton<ProbeStep>().AddSingleton<SoakStep>()
            .AddSingleton<OperationOutcome>().AddSingleton<OperationRunner>().AddSingleton<Reminders>().AddSingleton<VaultScan>().AddSingleton<RotationRunner>();
        services.AddSingleton<WaitClock>().AddSingleton<WaitStep>().AddSingleton<Supersession>().AddSingleton<WaitingRoom>();
        services.AddHostedService(provider => provider.GetRequiredService<WaitingRoom>()); // stops after the dispatcher, which still enters it
        services.AddMinting().AddHostedService<OperationDispatcher>();
        services.AddHostedService<PreflightDispatcher>();
        services.AddHostedService<RotationDispatcher>();
        services.AddQuartz(quartz =>
        {
            Every<ReconcileJob>(quartz, TimeSpan.FromSeconds(2));
            Every<HealthSweepJob>(quartz, TimeSpan.FromSeconds(options.HealthIntervalSeconds));
            Every<SessionJob>(quartz, TimeSpan.FromMinutes(10));
            Every<ReminderJob>(quartz, TimeSpan.FromHours(1));
            Every<ChangeJob>(quartz, TimeSpan.FromHours(1));
            Every<VaultScanJob>(quartz, TimeSpan.FromHours(1));
            Every<ScheduleJob>(quartz, TimeSpan.FromSeconds(minting.ScheduleSeconds));
        });
        services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
    }

    private static void Effect<T>(IServiceCollection services)
        where T : class, IChangeEffect =>
        services.AddSingleton<IChangeEffect>(provider => provider.GetRequiredService<T>());

    private static void Every<T>(IQuartzBuilder quartz, TimeSpan interval)
        where T : IJob =>
        quartz.ScheduleJob<T>(t => t.StartNow().WithSimpleSchedule(s => s.WithInterval(interval).RepeatForever()));

    private static void UseDatabase(DbContextOptionsBuilder db, ProvisioningOptions options)
    {
        if (options.DatabaseProvider.Equals("PostgreSql", StringComparison.OrdinalIgnoreCase))
        {
            db.UsePortalPostgreSql(options.ConnectionString, idleInTransaction: TimeSpan.FromSeconds(options.LeaseSeconds));
        }
        else
        {
            db.UsePortalSqlite(options.ConnectionString.Length > 0 ? options.ConnectionString : $"Data Source={Path.Combine(options.DataDirectory, "portal.db")};Default Timeout=15");
        }
    }
}
