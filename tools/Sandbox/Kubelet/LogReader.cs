using System.Runtime.CompilerServices;
using Portkey.Portal.Sandbox.Kubelet.Runtime;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Reads the requested part of a container's log.</summary>
internal static class LogReader
{
    public static async IAsyncEnumerable<string> LinesAsync(
        LogBuffer log,
        PodLogOptions options,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var since =
            options.SinceTime ?? (options.SinceSeconds is { } seconds ? time.GetUtcNow().AddSeconds(-seconds) : DateTimeOffset.MinValue);
        var left = options.LimitBytes ?? long.MaxValue;
        var (lines, more, closed) = log.After(0);
        IEnumerable<LogLine> batch = lines.Where(line => line.Time >= since);
        batch = options.TailLines is { } tail ? batch.TakeLast(Math.Max(0, tail)) : batch;
        var last = lines.Count > 0 ? lines[^1].Number : 0;
        while (true)
        {
            foreach (var line in batch)
            {
                var text = options.Timestamps ? $"{line.Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fffffff}00Z {line.Text}" : line.Text;
                if (text.Length >= left)
                {
                    yield return text[..(int)left];
                    yield break;
                }

                left -= text.Length + 1;
                yield return text;
            }

            if (!options.Follow || closed)
            {
                yield break;
            }

            await more.WaitAsync(cancellation);
            (lines, more, closed) = log.After(last);
            last = lines.Count > 0 ? lines[^1].Number : last;
            batch = lines;
        }
    }
}
