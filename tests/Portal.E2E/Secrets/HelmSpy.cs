using System.Text;

namespace Portkey.Portal.E2E.Secrets;

/// <summary>Reads what any user of the machine could see of running helm processes: arguments and environment.</summary>
internal sealed class HelmSpy : IAsyncDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly StringBuilder seen = new();
    private readonly HashSet<string> processes = new(StringComparer.Ordinal);
    private readonly Task reading;

    public HelmSpy() => reading = Task.Run(ReadAsync);

    public int Processes => processes.Count;

    /// <summary>Stops and answers with everything seen.</summary>
    public async Task<string> SeenAsync()
    {
        await stop.CancelAsync();
        await reading;
        return seen.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await reading;
        stop.Dispose();
    }

    private async Task ReadAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var folder in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
            {
                try
                {
                    var line = await File.ReadAllTextAsync(Path.Combine(folder, "cmdline"));
                    if (Path.GetFileName(line.Split('\0')[0]).StartsWith("helm", StringComparison.Ordinal) && processes.Add(folder + line))
                    {
                        seen.Append(line).Append('\n').Append(await File.ReadAllTextAsync(Path.Combine(folder, "environ"))).Append('\n');
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // It ended between being listed and being read.
                }
            }

            await Task.Delay(10);
        }
    }
}
