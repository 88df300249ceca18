using System.Text;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Lines of a stream that never ends, each of them bounded.</summary>
internal sealed class LineReader(Stream stream, int longest) : IDisposable
{
    private readonly StreamReader reader = new(stream, Encoding.UTF8);
    private readonly char[] block = new char[8 * 1024];
    private int at;
    private int length;

    /// <summary>The next line; null at the end, and where a line is too long.</summary>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (true)
        {
            if (at == length)
            {
                (at, length) = (0, await reader.ReadAsync(block, cancellationToken));
                if (length == 0)
                {
                    return line.Length > 0 ? line.ToString() : null;
                }
            }

            var end = Array.IndexOf(block, '\n', at, length - at);
            line.Append(block, at, (end < 0 ? length : end) - at);
            at = end < 0 ? length : end + 1;
            if (line.Length > longest)
            {
                return null;
            }

            if (end >= 0)
            {
                return line.ToString();
            }
        }
    }

    public void Dispose() => reader.Dispose();
}
