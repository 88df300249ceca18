using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Portkey.Portal.Sandbox.Kubelet.Runtime;

namespace Portkey.Portal.Sandbox.Kubelet.Images;

/// <summary>A real process that plays a container and cannot outlive the sandbox.</summary>
internal sealed class ChildProcess : IRunningContainer
{
    private static readonly string? Setpriv = new[] { "/usr/bin/setpriv", "/bin/setpriv" }.FirstOrDefault(File.Exists);

    private readonly Process _process;

    private ChildProcess(Process process, LogBuffer log)
    {
        _process = process;
        Exit = WatchAsync(process, log);
    }

    public Task<int> Exit { get; }

    public int Id => _process.Id;

    /// <exception cref="System.ComponentModel.Win32Exception">The program cannot be started.</exception>
    public static ChildProcess Start(
        string program,
        IEnumerable<string> arguments,
        ContainerStart start,
        IReadOnlyDictionary<string, string>? extra = null
    )
    {
        var info = new ProcessStartInfo(Setpriv ?? program)
        {
            WorkingDirectory = start.WorkFolder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in Setpriv is null ? arguments : new[] { "--pdeathsig", "KILL", "--", program }.Concat(arguments))
        {
            info.ArgumentList.Add(argument);
        }

        info.Environment.Clear();
        info.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
        info.Environment["HOME"] = start.WorkFolder;
        info.Environment["NODE_ENV"] = "production";
        foreach (var (name, value) in start.Environment.Concat(extra ?? new Dictionary<string, string>()))
        {
            info.Environment[name] = value;
        }

        return new ChildProcess(Spawner.Start(info), start.Log);
    }

    public async Task StopAsync(TimeSpan grace, CancellationToken hurry)
    {
        if (!Exit.IsCompleted)
        {
            _ = Kill(_process.Id, 15);
        }

        await Task.WhenAny(Exit, Task.Delay(grace, hurry));
        if (!Exit.IsCompleted)
        {
            _process.Kill(entireProcessTree: true);
        }

        await Exit;
    }

    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<int> WatchAsync(Process process, LogBuffer log)
    {
        await Task.WhenAll(PumpAsync(process.StandardOutput, log), PumpAsync(process.StandardError, log));
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private static async Task PumpAsync(StreamReader reader, LogBuffer log)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            log.Write(line);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);

    /// <summary>
    /// The kernel's parent-death signal fires when the thread that forked ends, not the process: so all children are
    /// forked on one thread that lives as long as the sandbox.
    /// </summary>
    private static class Spawner
    {
        private static readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Result)> Orders = [];

        static Spawner() => new Thread(Run) { IsBackground = true, Name = "spawner" }.Start();

        public static Process Start(ProcessStartInfo info)
        {
            var result = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
            Orders.Add((info, result));
            return result.Task.GetAwaiter().GetResult();
        }

        private static void Run()
        {
            foreach (var (info, result) in Orders.GetConsumingEnumerable())
            {
                try
                {
                    result.SetResult(Process.Start(info)!);
                }
                catch (Exception fault)
                    when (fault is System.ComponentModel.Win32Exception or IOException or InvalidOperationException or ArgumentException)
                {
                    result.SetException(fault);
                }
            }
        }
    }
}
