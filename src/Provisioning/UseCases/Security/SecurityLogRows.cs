using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Security;

/// <summary>Rows of the security log.</summary>
internal sealed class SecurityLogRows(UnitOfWork work)
{
    private const int LongestText = 200;

    /// <summary>Adds new rows and counts up open ones; answers with the new ones and their ids.</summary>
    public async Task<IReadOnlyList<(SecurityLogWriter.Entry Entry, long Row)>> WriteAsync(
        IReadOnlyList<SecurityLogWriter.Entry> batch,
        CancellationToken cancellationToken
    )
    {
        var added = await work.WriteAsync(
            async db =>
            {
                foreach (var entry in batch.Where(e => e.Row is not null))
                {
                    await db
                        .SecurityEvents.Where(e => e.Id == entry.Row)
                        .ExecuteUpdateAsync(
                            set => set.SetProperty(e => e.Count, e => e.Count + entry.Count).SetProperty(e => e.LastAt, entry.LastAt),
                            cancellationToken
                        );
                }

                var rows = batch.Where(e => e.Row is null).Select(e => (Entry: e, Row: RowOf(e))).ToList();
                db.SecurityEvents.AddRange(rows.Select(r => r.Row));
                return rows;
            },
            cancellationToken
        );
        return [.. added.Select(a => (a.Entry, a.Row.Id))];
    }

    /// <summary>Lets the oldest go.</summary>
    public Task TrimAsync(int most, CancellationToken cancellationToken) =>
        work.WriteAsync(
            async db =>
            {
                var last = await db.SecurityEvents.MaxAsync(e => (long?)e.Id, cancellationToken) ?? 0;
                await db.SecurityEvents.Where(e => e.Id <= last - most).ExecuteDeleteAsync(cancellationToken);
            },
            cancellationToken
        );

    private static SecurityEvent RowOf(SecurityLogWriter.Entry entry) =>
        new()
        {
            At = entry.At,
            LastAt = entry.LastAt,
            Count = entry.Count,
            Kind = entry.Notice.Kind,
            PersonId = Clean(entry.Notice.PersonId),
            SourceAddress = Clean(entry.Notice.SourceAddress),
            Method = Clean(entry.Notice.Method),
            Path = Clean(entry.Notice.Path),
            CorrelationId = Clean(entry.Notice.CorrelationId),
            UserAgent = Clean(entry.Notice.UserAgent),
        };

    // The refused caller controls most of these texts.
    private static string Clean(string text) =>
        StoredText.Fit(string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)), LongestText);
}
