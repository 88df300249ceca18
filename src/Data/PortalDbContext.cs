using Microsoft.EntityFrameworkCore;

namespace Portkey.Portal.Data;

/// <summary>Everything the portal remembers, on SQLite or PostgreSQL. Times are UTC; secrets are never here.</summary>
public sealed class PortalDbContext(DbContextOptions<PortalDbContext> options) : DbContext(options)
{
    /// <summary>Teams.</summary>
    public DbSet<Team> Teams => Set<Team>();

    /// <summary>Team members.</summary>
    public DbSet<TeamMember> TeamMembers => Set<TeamMember>();

    /// <summary>People.</summary>
    public DbSet<Person> People => Set<Person>();

    /// <summary>Clusters.</summary>
    public DbSet<Cluster> Clusters => Set<Cluster>();

    /// <summary>Chart versions.</summary>
    public DbSet<ChartVersion> ChartVersions => Set<ChartVersion>();

    /// <summary>Values files that were read.</summary>
    public DbSet<Import> Imports => Set<Import>();

    /// <summary>Profiles.</summary>
    public DbSet<Profile> Profiles => Set<Profile>();

    /// <summary>Environments.</summary>
    public DbSet<GatewayEnvironment> Environments => Set<GatewayEnvironment>();

    /// <summary>Revisions.</summary>
    public DbSet<Revision> Revisions => Set<Revision>();

    /// <summary>Releases.</summary>
    public DbSet<Release> Releases => Set<Release>();

    /// <summary>Change requests.</summary>
    public DbSet<ChangeRequest> ChangeRequests => Set<ChangeRequest>();

    /// <summary>Preflights.</summary>
    public DbSet<PreflightRun> PreflightRuns => Set<PreflightRun>();

    /// <summary>Decisions.</summary>
    public DbSet<Approval> Approvals => Set<Approval>();

    /// <summary>Drafts.</summary>
    public DbSet<Draft> Drafts => Set<Draft>();

    /// <summary>Idempotency records.</summary>
    public DbSet<IdempotencyRecord> IdempotencyRecords => Set<IdempotencyRecord>();

    /// <summary>Operations.</summary>
    public DbSet<Operation> Operations => Set<Operation>();

    /// <summary>Steps of operations.</summary>
    public DbSet<OperationStep> OperationSteps => Set<OperationStep>();

    /// <summary>Turns of clusters and teams in the queue.</summary>
    public DbSet<QueueTurn> QueueTurns => Set<QueueTurn>();

    /// <summary>Log lines of operations.</summary>
    public DbSet<OperationLogLine> OperationLog => Set<OperationLogLine>();

    /// <summary>Secret references.</summary>
    public DbSet<SecretReference> SecretReferences => Set<SecretReference>();

    /// <summary>Secret versions.</summary>
    public DbSet<SecretVersion> SecretVersions => Set<SecretVersion>();

    /// <summary>Secrets of requests.</summary>
    public DbSet<RequestSecret> RequestSecrets => Set<RequestSecret>();

    /// <summary>Secrets of revisions.</summary>
    public DbSet<RevisionSecret> RevisionSecrets => Set<RevisionSecret>();

    /// <summary>Secrets of imports.</summary>
    public DbSet<ImportSecret> ImportSecrets => Set<ImportSecret>();

    /// <summary>Settings of providers.</summary>
    public DbSet<ProviderSetting> ProviderSettings => Set<ProviderSetting>();

    /// <summary>What providers have to revoke.</summary>
    public DbSet<ProviderMark> ProviderMarks => Set<ProviderMark>();

    /// <summary>Who waits for a new value, and the results.</summary>
    public DbSet<IssueRequest> IssueRequests => Set<IssueRequest>();

    /// <summary>Uses of shared credentials.</summary>
    public DbSet<SecretUse> SecretUses => Set<SecretUse>();

    /// <summary>Differences between vault and portal.</summary>
    public DbSet<SecretAnomaly> SecretAnomalies => Set<SecretAnomaly>();

    /// <summary>Rotations of shared credentials.</summary>
    public DbSet<Rotation> Rotations => Set<Rotation>();

    /// <summary>Environments of rotations.</summary>
    public DbSet<RotationMember> RotationMembers => Set<RotationMember>();

    /// <summary>Entry points that environments have to themselves.</summary>
    public DbSet<EndpointClaim> EndpointClaims => Set<EndpointClaim>();

    /// <summary>Changes of portal-wide rules.</summary>
    public DbSet<GovernanceChange> GovernanceChanges => Set<GovernanceChange>();

    /// <summary>The end of the bootstrap; at most one row.</summary>
    public DbSet<BootstrapEnd> BootstrapEnds => Set<BootstrapEnd>();

    /// <summary>Health history.</summary>
    public DbSet<HealthSample> HealthSamples => Set<HealthSample>();

    /// <summary>Findings.</summary>
    public DbSet<Finding> Findings => Set<Finding>();

    /// <summary>Browsers that are signed in.</summary>
    public DbSet<Session> Sessions => Set<Session>();

    /// <summary>Sign-ins and refusals.</summary>
    public DbSet<SecurityEvent> SecurityEvents => Set<SecurityEvent>();

    /// <summary>Audit events.</summary>
    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();

    /// <summary>Heads of the audit chains.</summary>
    public DbSet<AuditChainHead> AuditChainHeads => Set<AuditChainHead>();

    /// <summary>Seals outside the database.</summary>
    public DbSet<AuditSealStream> AuditSealStreams => Set<AuditSealStream>();

    /// <summary>The portal's own keys, wrapped.</summary>
    public DbSet<PortalKey> PortalKeys => Set<PortalKey>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder) =>
        modelBuilder.ApplyConfigurationsFromAssembly(typeof(PortalDbContext).Assembly);

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<DateTime>().HaveConversion<UtcConverter>();
        configurationBuilder.Properties<string>().HaveMaxLength(400);
        foreach (var type in typeof(PortalDbContext).Assembly.GetTypes().Where(t => t.IsEnum && t.IsPublic))
        {
            configurationBuilder.Properties(type).HaveConversion<string>().HaveMaxLength(32);
        }
    }
}
