using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Reads of the differences between vault and portal.</summary>
internal static class OrphanQueries
{
    public static IQueryable<SecretAnomaly> Visible(PortalDbContext db, Access access)
    {
        if (access.ReadsAll)
        {
            return db.SecretAnomalies;
        }

        var visible = CredentialQueries.Visible(db, access).Select(r => (Guid?)r.Id);
        return db.SecretAnomalies.Where(a => a.SecretReferenceId != null && visible.Contains(a.SecretReferenceId));
    }

    public static IQueryable<OrphanRow> Rows(PortalDbContext db, IQueryable<SecretAnomaly> query) =>
        query.Select(a => new OrphanRow(
            a.Id,
            a.Kind,
            a.VaultName,
            a.VaultVersion,
            a.SecretReferenceId,
            db.SecretReferences.Where(r => r.Id == a.SecretReferenceId).Select(r => r.Key).FirstOrDefault() ?? "",
            a.Detail,
            a.Since
        ));
}
