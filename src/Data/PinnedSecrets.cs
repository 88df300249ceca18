using Microsoft.EntityFrameworkCore;

namespace Portkey.Portal.Data;

/// <summary>Reads rows with their secrets: by a query of their own, so that values and manifests do not come once for each
/// secret.</summary>
public static class PinnedSecrets
{
    /// <summary>With the versions of secrets that each takes.</summary>
    public static IQueryable<ChangeRequest> WithSecrets(this IQueryable<ChangeRequest> requests) =>
        requests.Include(r => r.Secrets).AsSplitQuery();

    /// <summary>With the versions of secrets that each takes.</summary>
    public static IQueryable<Revision> WithSecrets(this IQueryable<Revision> revisions) => revisions.Include(r => r.Secrets).AsSplitQuery();
}
