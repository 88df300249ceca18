using System.Collections.Concurrent;
using CliWrap;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// Starts processes that the kernel ends (SIGTERM) when the portal dies, where <c>setpriv</c> exists. The kernel counts the death of the
/// thread that started the process, and threads of the pool come and go: so one dedicated thread starts them all. Where <c>prlimit</c>
/// exists, the kernel also limits their memory and processor time, whatever a template makes them do.
/// </summary>
internal sealed class ProcessLauncher : IDisposable
{
    private const long MostMemory = 512L * 1024 * 1024;
    private const int MostProcessorSeconds = 120;

    private static readonly string? SetPriv = Array.Find(["/usr/bin/setpriv", "/bin/setpriv"], File.Exists);
    private static readonly string? PrLimit = Array.Find(["/usr/bin/prlimit", "/bin/prlimit"], File.Exists);

    private readonly BlockingCollection<Action> starts = [];

    public ProcessLauncher() => new Thread(Loop) { IsBackground = true, Name = "helm-launcher" }.Start();

    public Command Command(string executable, IReadOnlyList<string> arguments)
    {
        if (Resolve(executable) is not { } path)
        {
            return Cli.Wrap(executable).WithArguments(arguments);
        }

        string[] bounds = PrLimit is null ? [] : [PrLimit, $"--data={MostMemory}", $"--cpu={MostProcessorSeconds}", "--core=0", "--"];
        string[] end = SetPriv is null ? [] : [SetPriv, "--pdeathsig", "TERM", "--"];
        string[] all = [.. bounds, .. end, path, .. arguments];
        return Cli.Wrap(all[0]).WithArguments(all[1..]);
    }

    /// <summary>Runs the start on the launcher's thread; its exceptions come out here.</summary>
    public T Start<T>(Func<T> start)
    {
        using var done = new ManualResetEventSlim();
        T? result = default;
        Exception? failure = null;
        starts.Add(() =>
        {
            try
            {
                result = start();
            }
            catch (Exception problem)
            {
                failure = problem;
            }
            finally
            {
                done.Set();
            }
        });
        done.Wait();
        return failure is null ? result! : throw failure;
    }

    // setpriv would report a missing program by an exit code of its own: look first, so that the error is the usual one.
    private static string? Resolve(string executable) =>
        executable.Contains('/', StringComparison.Ordinal)
            ? (File.Exists(executable) ? Path.GetFullPath(executable) : null)
            : (Environment.GetEnvironmentVariable("PATH") ?? "")
                .Split(':')
                .Select(d => Path.Combine(d, executable))
                .FirstOrDefault(File.Exists);

    private void Loop()
    {
        foreach (var start in starts.GetConsumingEnumerable())
        {
            start();
        }
    }

    public void Dispose() => starts.CompleteAdding();
}
