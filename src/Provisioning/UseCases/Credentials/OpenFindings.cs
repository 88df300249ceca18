using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Open findings.</summary>
internal static class OpenFindings
{
    /// <summary>Of one kind, about one setting of an environment.</summary>
    public static IQueryable<Finding> About(PortalDbContext db, Guid environment, string kind, string setting) =>
        db.Findings.Where(f => f.EnvironmentId == environment && f.Kind == kind && f.SubjectName == setting && f.ResolvedAt == null);
}
