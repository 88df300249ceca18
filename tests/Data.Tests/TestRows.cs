using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Data.Tests;

/// <summary>Rows that many tests need.</summary>
internal static class TestRows
{
    public static DateTime Now => DateTime.UtcNow;

    public static Team Team(string name) => new() { Name = name, DisplayName = name };

    public static Cluster Cluster(string name = "sandbox") =>
        new()
        {
            Name = name,
            DisplayName = name,
            KubeconfigSource = "file:/nowhere",
        };

    public static GatewayEnvironment Environment(Team team, Cluster cluster, string name, string? ns = null) =>
        new()
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

    public static Operation Operation(
        GatewayEnvironment environment,
        DateTime? notBefore = null,
        RequestKind kind = RequestKind.Create
    ) =>
        new()
        {
            EnvironmentId = environment.Id,
            ChangeRequestId = Guid.NewGuid(),
            Kind = kind,
            Revision = 1,
            NotBefore = notBefore ?? Now.AddSeconds(-1),
            CreatedAt = Now,
            RequestedBy = "lead",
        };

    /// <summary>Content of a request or a revision that says as little as can be.</summary>
    public static EnvironmentContent Content(ChartVersion chart, string digest, string spec = "{}", string manifest = "") =>
        new()
        {
            Profile = "dev",
            SpecJson = spec,
            ChartVersionId = chart.Id,
            ValuesYaml = "",
            ManifestYaml = manifest,
            Digest = digest,
        };

    /// <summary>A version of a credential, as a request has it.</summary>
    public static RequestSecret Asked(SecretReference reference, int number, string? vaultVersion = null) =>
        new()
        {
            Key = reference.Key,
            SecretReferenceId = reference.Id,
            VaultName = reference.VaultName,
            Number = number,
            VaultVersion = vaultVersion ?? $"{reference.Id:N}-{number}",
        };

    /// <summary>A version of a credential, as a revision has it.</summary>
    public static RevisionSecret Approved(SecretReference reference, int number) =>
        new()
        {
            Key = reference.Key,
            SecretReferenceId = reference.Id,
            VaultName = reference.VaultName,
            Number = number,
            VaultVersion = $"{reference.Id:N}-{number}",
        };

    public static Task AddAsync(this UnitOfWork work, params object[] rows) =>
        work.WriteAsync(
            async db =>
            {
                // One at a time, so that the queue's sequence is the order of the arguments.
                foreach (var row in rows)
                {
                    db.Add(row);
                    await db.SaveChangesAsync();
                }
            },
            CancellationToken.None
        );
}
