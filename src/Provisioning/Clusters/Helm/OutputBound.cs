using System.Text;
using CliWrap;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Takes what a process prints, both streams together, up to so many characters, and ends the process at the first one
/// more.</summary>
internal sealed class OutputBound(int most, CancellationTokenSource kill)
{
    private int left = most;

    /// <summary>Whether it printed more.</summary>
    public bool IsPast => Volatile.Read(ref left) < 0;

    /// <summary>Collects a stream, and passes on each line as it comes. A line that never ends is bounded with the rest.</summary>
    public PipeTarget Into(StringBuilder buffer, Func<string, Task>? onLine) =>
        PipeTarget.Create(
            async (stream, cancellationToken) =>
            {
                using var reader = new StreamReader(
                    stream,
                    Encoding.UTF8,
                    detectEncodingFromByteOrderMarks: false,
                    bufferSize: 16 * 1024,
                    leaveOpen: true
                );
                var block = new char[16 * 1024];
                var line = new StringBuilder();
                int read;
                while ((read = await reader.ReadAsync(block, cancellationToken)) > 0)
                {
                    if (Interlocked.Add(ref left, -read) < 0)
                    {
                        await kill.CancelAsync();
                        return;
                    }

                    buffer.Append(block, 0, read);
                    if (onLine is not null)
                    {
                        await LinesAsync(block.AsMemory(0, read), line, onLine);
                    }
                }

                if (onLine is not null && line.Length > 0)
                {
                    await onLine(line.ToString());
                }
            }
        );

    private static async Task LinesAsync(ReadOnlyMemory<char> text, StringBuilder line, Func<string, Task> onLine)
    {
        while (text.Span.IndexOf('\n') is >= 0 and var end)
        {
            var whole = line.Append(text[..end]).ToString();
            line.Clear();
            text = text[(end + 1)..];
            await onLine(whole.TrimEnd('\r'));
        }

        line.Append(text);
    }
}
