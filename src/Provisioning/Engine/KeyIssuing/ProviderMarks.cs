using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>What may be valid at a provider and belongs to no version.</summary>
internal static class ProviderMarks
{
    /// <summary>Records one within the caller's transaction; repeats are ignored, and so is one without a name.</summary>
    public static async Task AddAsync(PortalDbContext db, Guid credential, string mark, DateTime now, CancellationToken cancellationToken)
    {
        if (
            mark.Length > 0
            && !await db.ProviderMarks.AnyAsync(m => m.SecretReferenceId == credential && m.Mark == mark, cancellationToken)
        )
        {
            db.ProviderMarks.Add(
                new ProviderMark
                {
                    SecretReferenceId = credential,
                    Mark = mark,
                    At = now,
                }
            );
        }
    }

    /// <summary>Removes one within the caller's transaction.</summary>
    public static Task RemoveAsync(PortalDbContext db, Guid credential, string mark, CancellationToken cancellationToken) =>
        db.ProviderMarks.Where(m => m.SecretReferenceId == credential && m.Mark == mark).ExecuteDeleteAsync(cancellationToken);
}
