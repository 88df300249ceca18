using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Portkey.Portal.Shared;

/// <summary>The sandbox cluster as ./run starts it: its own process, reached only through its kubeconfig.</summary>
public sealed partial class SandboxProcess : IAsyncDisposable
{
    private readonly TemporaryFolder? _owned;
    private readonly bool _withGateway;
    private LoggedProcess _process;

    private SandboxProcess(string dataFolder, TemporaryFolder? owned, bool withGateway)
    {
        DataFolder = dataFolder;
        _owned = owned;
        _withGateway = withGateway;
        _process = Launch(port: null);
    }

    public string DataFolder { get; }

    public string Kubeconfig => Path.Combine(DataFolder, "sandbox.kubeconfig");

    /// <summary>Address of the API server, from the kubeconfig.</summary>
    public Uri BaseUrl => new(FromKubeconfig("server"));

    public string Token => FromKubeconfig("token");

    public int ProcessId => _process.Id;

    /// <summary>What it wrote since its last start.</summary>
    public string Log => _process.Output;

    /// <summary>Starts one; without a folder it keeps its state in a temporary one.</summary>
    public static async Task<SandboxProcess> StartAsync(string? dataFolder = null, bool withGateway = true)
    {
        var owned = dataFolder is null ? new TemporaryFolder() : null;
        var sandbox = new SandboxProcess(dataFolder ?? owned!.Path, owned, withGateway);
        try
        {
            await sandbox.WaitReadyAsync();
            return sandbox;
        }
        catch
        {
            await sandbox.DisposeAsync();
            throw;
        }
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync() => _process.KillAsync();

    /// <summary>It accepts connections and answers nothing, as a cluster does whose network swallows packets.</summary>
    public void Pause() => _process.Pause();

    /// <summary>Ends <see cref="Pause"/>.</summary>
    public void Resume() => _process.Resume();

    /// <summary>SIGTERM.</summary>
    public Task StopAsync() => _process.StopAsync();

    /// <summary>Starts it again on the same state and port, whether it was stopped, killed or still runs.</summary>
    public async Task RestartAsync()
    {
        var port = BaseUrl.Port;
        await StopAsync();
        _process.Dispose();
        _process = Launch(port);
        await WaitReadyAsync();
    }

    /// <summary>Has it misbehave as docs/sandbox.md says: mode 429, 500, slow, cutWatch or none; asked through kubectl, which knows its
    /// certificate.</summary>
    public async Task FaultAsync(string mode, int milliseconds = 0, int? count = null, string pathPrefix = "/")
    {
        var order = System.Text.Json.JsonSerializer.Serialize(
            new
            {
                mode,
                ms = milliseconds,
                count = count ?? int.MaxValue,
                pathPrefix,
            }
        );
        var start = new ProcessStartInfo(Tools.Kubectl, ["--kubeconfig", Kubeconfig, "create", "--raw", "/sandbox/faults", "-f", "-"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var kubectl = Process.Start(start)!;
        await kubectl.StandardInput.WriteAsync(order);
        kubectl.StandardInput.Close();
        var said = await kubectl.StandardOutput.ReadToEndAsync() + await kubectl.StandardError.ReadToEndAsync();
        await kubectl.WaitForExitAsync();
        if (kubectl.ExitCode != 0)
        {
            throw new InvalidOperationException($"The sandbox did not take the fault {order}: {said}");
        }
    }

    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        _owned?.Dispose();
        return ValueTask.CompletedTask;
    }

    private LoggedProcess Launch(int? port)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            WorkingDirectory = Repository.Root,
            ArgumentList =
            {
                Repository.BuiltDll("tools/Sandbox", "Portkey.Portal.Sandbox"),
                "--data",
                DataFolder,
                "--parent-pid",
                Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
            },
        };
        if (_withGateway)
        {
            start.ArgumentList.Add("--gateway");
            start.ArgumentList.Add(Tools.Gateway);
        }

        if (port is { } number)
        {
            start.ArgumentList.Add("--port");
            start.ArgumentList.Add(number.ToString(CultureInfo.InvariantCulture));
        }

        return new LoggedProcess(start);
    }

    private Task WaitReadyAsync() =>
        _process.WaitForAsync("the sandbox is ready", () => Task.FromResult(Log.Contains("Sandbox ready at", StringComparison.Ordinal)));

    // "    server: https://127.0.0.1:40123" and "    token: ..."; one of each in the file that the sandbox writes.
    private string FromKubeconfig(string key) =>
        KubeconfigLine().Matches(File.ReadAllText(Kubeconfig)).First(match => match.Groups["key"].Value == key).Groups["value"].Value;

    [GeneratedRegex(
        """^[\s-]*"?(?<key>server|token)"?:\s*"?(?<value>[^"\s,]+)""",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex KubeconfigLine();
}
