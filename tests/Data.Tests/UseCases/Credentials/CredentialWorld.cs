using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Data.Tests.UseCases.Credentials;

/// <summary>Two teams with a few credentials, for the tests of lists and jobs.</summary>
internal sealed class CredentialWorld
{
    private CredentialWorld(TestDatabase database) => Database = database;

    public static DateTime Now { get; } = new(2026, 11, 26, 12, 0, 0, DateTimeKind.Utc);

    public TestDatabase Database { get; }

    public Team Payments { get; } = TestRows.Team("payments");

    public Team Search { get; } = TestRows.Team("search");

    public Cluster Cluster { get; } = TestRows.Cluster();

    public static Caller As(string person) => new(person, "127.0.0.1", "test");

    public static async Task<CredentialWorld> CreateAsync(TestDatabase database)
    {
        var world = new CredentialWorld(database);
        await database.Work.AddAsync(
            world.Payments,
            world.Search,
            world.Cluster,
            new Person
            {
                Id = "admin",
                DisplayName = "Admin",
                IsAdministrator = true,
            },
            new Person
            {
                Id = "auditor",
                DisplayName = "Auditor",
                IsAuditor = true,
            },
            new Person { Id = "lead", DisplayName = "Lead" },
            new Person { Id = "other", DisplayName = "Other" },
            new TeamMember { TeamId = world.Payments.Id, PersonId = "lead" },
            new TeamMember { TeamId = world.Search.Id, PersonId = "other" }
        );
        return world;
    }

    public async Task<GatewayEnvironment> EnvironmentAsync(string name, Team? team = null)
    {
        var environment = TestRows.Environment(team ?? Payments, Cluster, name);
        await Database.Work.AddAsync(environment);
        return environment;
    }

    public async Task<SecretReference> CredentialAsync(
        GatewayEnvironment environment,
        string key,
        DateTime? expiresAt = null,
        SecretVersionState state = SecretVersionState.Current
    )
    {
        var reference = new SecretReference
        {
            EnvironmentId = environment.Id,
            TeamId = environment.TeamId,
            Key = key,
            VaultName = $"env-{environment.Id:N}-{key.ToLowerInvariant()}",
            ExpiresAt = expiresAt,
            LastRotatedAt = Now.AddDays(-10),
        };
        await Database.Work.AddAsync(reference, Version(reference, 1, state));
        return reference;
    }

    public async Task<SecretReference> SharedAsync(string name, string key, params GatewayEnvironment[] users)
    {
        var reference = new SecretReference
        {
            EnvironmentId = null,
            TeamId = null,
            Name = name,
            Key = key,
            VaultName = $"shared-{name}",
            LastRotatedAt = Now.AddDays(-10),
        };
        await Database.Work.AddAsync([
            reference,
            Version(reference, 1),
            .. users.Select(u => new SecretUse
            {
                EnvironmentId = u.Id,
                Key = key,
                SecretReferenceId = reference.Id,
            }),
        ]);
        return reference;
    }

    public static SecretVersion Version(SecretReference reference, int number, SecretVersionState state = SecretVersionState.Current) =>
        new()
        {
            SecretReferenceId = reference.Id,
            Number = number,
            VaultVersion = $"{reference.Id:N}-{number}",
            State = state,
            CreatedBy = "lead",
            CreatedAt = Now.AddDays(-10),
        };

    public Task<SecretReference> ReadAsync(SecretReference reference) =>
        Database.Work.ReadAsync(db => db.SecretReferences.FirstAsync(r => r.Id == reference.Id), CancellationToken.None);

    public Task<List<Finding>> FindingsAsync(GatewayEnvironment environment) =>
        Database.Work.ReadAsync(
            db => db.Findings.Where(f => f.EnvironmentId == environment.Id).OrderBy(f => f.Since).ToListAsync(),
            CancellationToken.None
        );

    public Task<List<AuditEvent>> EventsAsync(string action) =>
        Database.Work.ReadAsync(
            db => db.AuditEvents.Where(e => e.Action == action).OrderBy(e => e.Id).ToListAsync(),
            CancellationToken.None
        );
}
