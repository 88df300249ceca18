using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>
/// Named places, around every commit and side effect of an operation, at which a test may kill or pause this process. Off unless
/// <c>Portal:FailpointsDirectory</c> names a folder, and refused outside Development. A file <c>NAME</c> in that folder arms a place: its
/// text is <c>kill</c> (SIGKILL, as a crash or the kernel's out-of-memory killer would) or <c>pause</c> (wait until <c>NAME.paused</c> is
/// removed), and optionally the number of the visit, as in <c>kill 2</c>. It fires once and leaves <c>NAME.hit</c>.
/// </summary>
public sealed class Failpoints
{
    private readonly string directory;
    private readonly Lock sync = new();

    /// <summary>Reads the switch.</summary>
    /// <exception cref="InvalidOperationException">It is on, and this is not Development.</exception>
    public Failpoints(IOptions<ProvisioningOptions> options, IHostEnvironment? host = null)
    {
        directory = options.Value.FailpointsDirectory;
        if (IsOn && host?.IsDevelopment() != true)
        {
            throw new InvalidOperationException(
                $"{ProvisioningOptions.Section}:FailpointsDirectory is for tests: it works in the Development environment only. Remove it."
            );
        }
    }

    private bool IsOn => directory.Length > 0;

    /// <summary>Called at the place of that name; returns at once unless a test armed it.</summary>
    public Task HitAsync(string name, CancellationToken cancellationToken = default) =>
        IsOn ? FireAsync(name, cancellationToken) : Task.CompletedTask;

    private async Task FireAsync(string name, CancellationToken cancellationToken)
    {
        if (Take(Path.Combine(directory, name)) is not { } action)
        {
            return;
        }

        if (action == "pause")
        {
            while (File.Exists(Path.Combine(directory, $"{name}.paused")))
            {
                await Task.Delay(20, cancellationToken);
            }

            return;
        }

        using var self = Process.GetCurrentProcess();
        self.Kill();
        await Task.Delay(Timeout.Infinite, CancellationToken.None); // the signal is on its way
    }

    // Answers with the action when this visit is the one that was armed.
    private string? Take(string path)
    {
        lock (sync)
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var words = File.ReadAllText(path).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            var visits = words.Length > 1 ? int.Parse(words[1], CultureInfo.InvariantCulture) : 1;
            if (visits > 1)
            {
                File.WriteAllText(path, $"{words[0]} {visits - 1}");
                return null;
            }

            if (words[0] == "pause")
            {
                File.WriteAllText($"{path}.paused", "");
            }

            File.Delete(path);
            File.WriteAllText($"{path}.hit", "");
            return words[0];
        }
    }
}
