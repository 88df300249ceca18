using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Security;

/// <summary>
/// Writes the security log once a second, in a transaction of its own. The same thing from the same source within a minute is one row with
/// a count; so a flood costs few rows, and the number of rows a second is limited besides.
/// </summary>
internal sealed partial class SecurityLogWriter(
    SecurityLog log,
    SecurityLogRows rows,
    IOptions<SecurityLogOptions> options,
    ILogger<SecurityLogWriter> logger
) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Source, (long Row, DateTime Since)> open = [];
    private int sinceTrim = int.MaxValue; // an earlier process may have left too many

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await log.WaitAsync(stoppingToken))
            {
                using var limit = new CancellationTokenSource(Longest); // a stop lets it finish
                await WriteAsync(limit.Token);
                await Task.Delay(Pause, stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // StopAsync writes what waits.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        await WriteAsync(limit.Token);
    }

    internal async Task WriteAsync(CancellationToken cancellationToken)
    {
        var batch = Batch();
        if (batch.Count == 0)
        {
            return;
        }

        try
        {
            var written = await rows.WriteAsync(batch, cancellationToken);
            foreach (var (entry, row) in written)
            {
                open[entry.Source] = (row, entry.At);
            }

            sinceTrim = sinceTrim == int.MaxValue ? sinceTrim : sinceTrim + written.Count;
            if (sinceTrim >= Math.Max(options.Value.MaxRows / 100, 100))
            {
                await rows.TrimAsync(options.Value.MaxRows, cancellationToken);
                sinceTrim = 0;
            }
        }
#pragma warning disable CA1031 // Whatever the problem, people can sign in and work; losses are counted and reported when it works again.
        catch (Exception problem)
#pragma warning restore CA1031
        {
            log.Drop(batch.Sum(e => e.Count));
            LogFailed(logger, problem);
        }
    }

    private List<Entry> Batch()
    {
        var found = new Dictionary<Source, Entry>();
        var (now, fresh) = (DateTime.MinValue, 0);
        foreach (var (notice, at) in log.Take())
        {
            now = at;
            var source = Source.Of(notice);
            if (!found.TryGetValue(source, out var entry))
            {
                var row = open.TryGetValue(source, out var last) && at - last.Since < Minute ? last.Row : (long?)null;
                if (row is null && ++fresh > options.Value.RowsPerSecond)
                {
                    log.Drop(1);
                    continue;
                }

                entry = found[source] = new Entry(source, notice, at, row);
            }

            entry.Count++;
            entry.LastAt = at;
        }

        foreach (var source in open.Where(o => now - o.Value.Since >= Minute).Select(o => o.Key).ToList())
        {
            open.Remove(source);
        }

        if (found.Count > 0 && log.TakeDropped() is var dropped and > 0)
        {
            var notice = new SecurityNotice(SecurityEventKind.Dropped, "", "", "", "", "", "");
            var source = Source.Of(notice);
            found[source] = new Entry(source, notice, now, open.TryGetValue(source, out var last) ? last.Row : null)
            {
                Count = dropped,
                LastAt = now,
            };
        }

        return [.. found.Values];
    }

    [LoggerMessage(EventId = 4310, Level = LogLevel.Warning, Message = "The security log could not be written; lost entries are counted")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    /// <summary>One row of a batch: a new one, or more of one that is open.</summary>
    internal sealed record Entry(Source Source, SecurityNotice Notice, DateTime At, long? Row)
    {
        public int Count { get; set; }

        public DateTime LastAt { get; set; } = At;
    }

    /// <summary>What makes two notices the same. An IPv6 host owns a whole /64, so that counts as one address.</summary>
    internal readonly record struct Source(SecurityEventKind Kind, string PersonId, string Network)
    {
        public static Source Of(SecurityNotice notice) => new(notice.Kind, notice.PersonId, NetworkOf(notice.SourceAddress));

        private static string NetworkOf(string address) =>
            System.Net.IPAddress.TryParse(address, out var ip)
            && ip is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false }
                ? Convert.ToHexString(ip.GetAddressBytes().AsSpan(0, 8))
                : address;
    }
}
