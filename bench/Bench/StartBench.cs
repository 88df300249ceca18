using System.Diagnostics;
using System.Globalization;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Bench;

/// <summary>What <c>./run</c> costs until it says that the portal is ready, when nothing has to be built: user and system time of all its
/// processes.</summary>
internal static class StartBench
{
    private const double TicksPerSecond = 100; // USER_HZ, the unit of /proc/PID/stat

    public static async Task RunAsync(int count)
    {
        using var folder = new TemporaryFolder();

        // Builds where that is needed, and makes the database. What it compiles for later starts, it does after it is ready.
        Line("first start on a folder", await StartAsync(folder.Path, () => File.Exists(Precompiled)));
        var starts = new List<(double Seconds, double Cpu)>();
        for (var n = 0; n < count; n++)
        {
            starts.Add(await StartAsync(folder.Path, () => true));
        }

        Line($"{count} more, median", starts.OrderBy(s => s.Cpu).ElementAt(count / 2));
        Line($"{count} more, max", starts.MaxBy(s => s.Cpu));
    }

    private static string Precompiled => Path.Combine(Repository.Root, "artifacts", "run", "precompiled");

    private static async Task<(double Seconds, double Cpu)> StartAsync(string data, Func<bool> mayStop)
    {
        var started = Stopwatch.GetTimestamp();
        using var run = new LoggedProcess(
            new ProcessStartInfo(
                Path.Combine(Repository.Root, "run"),
                ["--no-browser", "--data", data, "--port", FreePort.Next().ToString(CultureInfo.InvariantCulture)]
            )
        );
        await run.WaitForAsync(
            "the portal is ready",
            () => Task.FromResult(run.Output.Contains("Portal ready at", StringComparison.Ordinal)),
            TimeSpan.FromMinutes(10)
        );
        var measured = (Stopwatch.GetElapsedTime(started).TotalSeconds, CpuOf(run.Id));
        await Eventually.TrueAsync(mayStop, "assemblies are compiled for the next start", TimeSpan.FromMinutes(10));
        await run.StopAsync(TimeSpan.FromSeconds(60));
        return measured;
    }

    /// <summary>Seconds of a process, of its children, and of those that it has waited for.</summary>
    private static double CpuOf(int root)
    {
        var processes = Directory
            .GetDirectories("/proc")
            .Select(Path.GetFileName)
            .Where(name => name!.All(char.IsAsciiDigit))
            .Select(name => Read(name!))
            .OfType<(int Id, int Parent, double Cpu)>()
            .ToList();
        return Sum(root);

        double Sum(int id) => processes.Where(p => p.Id == id).Sum(p => p.Cpu) + processes.Where(p => p.Parent == id).Sum(p => Sum(p.Id));
    }

    // After the name, which may hold anything but ends at the last bracket: state, parent, ..., utime, stime, cutime, cstime.
    private static (int Id, int Parent, double Cpu)? Read(string id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (
                int.Parse(id, CultureInfo.InvariantCulture),
                int.Parse(fields[1], CultureInfo.InvariantCulture),
                fields[11..15].Sum(f => long.Parse(f, CultureInfo.InvariantCulture)) / TicksPerSecond
            );
        }
        catch (IOException)
        {
            return null; // it is gone
        }
    }

    private static void Line(string what, (double Seconds, double Cpu) start) =>
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{what,-26}{start.Cpu,6:F2} s of CPU, ready after {start.Seconds:F1} s")
        );
}
