using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>What may be valid on a provider's other side and is of no version.</summary>
internal static class ProviderMarks
{
    /// <summary>Writes one down within the caller's transaction; twice is once, and one without a name is none.</summary>
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

    /// <summary>Takes one away within the caller's transaction.</summary>
    public static Task RemoveAsync(PortalDbContext db, Guid credential, string mark, CancellationToken cancellationToken) =>
        db.ProviderMarks.Where(m => m.SecretReferenceId == credential && m.Mark == mark).ExecuteDeleteAsync(cancellationToken);
}
