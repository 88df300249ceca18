using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Data.Tests;

/// <summary>Rows that many tests need.</summary>
internal static class TestRows
{
    public static DateTime Now => DateTime.UtcNow;

    public static Team Team(string name) => new() { Name = name, DisplayName = name };

    public static Cluster Cluster(string name = "sandbox") => new() { Name = name, DisplayName = name, KubeconfigSource = "file:/nowhere" };

    public static GatewayEnvironment Environment(Team team, Cluster cluster, string name, string? ns = null) => new()
    {
        Id = Guid.NewGuid(),
        Name = name,
        TeamId = team.Id,
        ClusterId = cluster.Id,
        Namespace = ns ?? $"{team.Name}-{name}",
        ReleaseName = "portkey-gateway",
        Edition = Edition.Oss,
        Profile = "dev",
        CreatedAt = Now,
        CreatedBy = "lead",
    };

    public static Operation Operation(GatewayEnvironment environment, DateTime? notBefore = null) => new()
    {
        EnvironmentId = environment.Id,
        ChangeRequestId = Guid.NewGuid(),
        Kind = RequestKind.Create,
        Revision = 1,
        NotBefore = notBefore ?? Now.AddSeconds(-1),
        CreatedAt = Now,
        RequestedBy = "lead",
    };

    public static Task AddAsync(this UnitOfWork work, params object[] rows) => work.WriteAsync(
        async db =>
        {
            // One at a time, so that the queue's sequence is the order of the arguments.
            foreach (var row in rows)
            {
                db.Add(row);
                await db.SaveChangesAsync();
            }
        },
        CancellationToken.None);
}
