using System.Threading.Channels;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Security;

/// <summary>Something that the security log is to know.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="PersonId">Who, as far as known; empty for nobody.</param>
/// <param name="SourceAddress">Address that it came from.</param>
/// <param name="Method">HTTP method, or <c>page</c>.</param>
/// <param name="Path">Path without its query.</param>
/// <param name="CorrelationId">Correlation id.</param>
/// <param name="UserAgent">What the client called itself.</param>
public sealed record SecurityNotice(
    SecurityEventKind Kind,
    string PersonId,
    string SourceAddress,
    string Method,
    string Path,
    string CorrelationId,
    string UserAgent
);

/// <summary>
/// Takes notices without ever waiting: a million refusals must slow down neither people nor the history. A full
/// queue drops, and counts what it dropped.
/// </summary>
public sealed class SecurityLog(TimeProvider time)
{
    private const int Room = 4096;

    private readonly Channel<(SecurityNotice Notice, DateTime At)> queue = Channel.CreateBounded<(SecurityNotice, DateTime)>(
        new BoundedChannelOptions(Room) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
    );

    private int dropped;

    /// <summary>Writes it down soon, if there is room.</summary>
    public void Record(SecurityNotice notice)
    {
        if (!queue.Writer.TryWrite((notice, time.GetUtcNow().UtcDateTime)))
        {
            Drop(1);
        }
    }

    internal void Drop(int count) => Interlocked.Add(ref dropped, count);

    internal int TakeDropped() => Interlocked.Exchange(ref dropped, 0);

    internal ValueTask<bool> WaitAsync(CancellationToken cancellationToken) => queue.Reader.WaitToReadAsync(cancellationToken);

    internal IEnumerable<(SecurityNotice Notice, DateTime At)> Take()
    {
        for (var i = 0; i < Room && queue.Reader.TryRead(out var next); i++)
        {
            yield return next;
        }
    }
}
