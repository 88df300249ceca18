using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace Portkey.Portal.Shared;

/// <summary>The built portal as its own process, started as ./run starts it, so that it can be killed as a crash would.</summary>
public sealed class PortalProcess : IAsyncDisposable
{
    private readonly PortalOptions _options;
    private readonly TemporaryFolder? _owned;
    private LoggedProcess _process;

    private PortalProcess(PortalOptions options)
    {
        _options = options;
        _owned = options.DataFolder is null ? new TemporaryFolder() : null;
        DataFolder = options.DataFolder ?? _owned!.Path;
        BaseUrl = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort.Next()}"));
        Client = new HttpClient { BaseAddress = BaseUrl };
        _process = Launch();
    }

    public Uri BaseUrl { get; }

    public string DataFolder { get; }

    /// <summary>Not signed in.</summary>
    public HttpClient Client { get; }

    public int ProcessId => _process.Id;

    /// <summary>What it wrote since its last start.</summary>
    public string Log => _process.Output;

    public static async Task<PortalProcess> StartAsync(PortalOptions? options = null)
    {
        var portal = new PortalProcess(options ?? new PortalOptions());
        try
        {
            await portal.WaitReadyAsync();
            return portal;
        }
        catch
        {
            await portal.DisposeAsync();
            throw;
        }
    }

    /// <summary>A bearer token of one of the development personas, for example admin-1.</summary>
    public async Task<string> TokenAsync(string persona)
    {
        try
        {
            return (await Client.GetStringAsync($"/dev/token/{persona}")).Trim();
        }
        catch (HttpRequestException e) when (HasExited)
        {
            throw new InvalidOperationException($"The portal ended with {_process.ExitCode}. The end of its output:\n{_process.Tail}", e);
        }
    }

    /// <summary>A client that calls as that persona. The caller disposes it.</summary>
    public async Task<HttpClient> ClientAsync(string persona) =>
        new()
        {
            BaseAddress = BaseUrl,
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(persona)) },
        };

    /// <summary>kill -9 of the portal alone, in the middle of whatever it does.</summary>
    public Task Kill9Async() => _process.KillAsync();

    /// <summary>SIGSTOP: the process stands still, its children do not.</summary>
    public void Freeze() => _ = NativeMethods.Kill(_process.Id, 19);

    /// <summary>SIGCONT.</summary>
    public void Thaw() => _ = NativeMethods.Kill(_process.Id, 18);

    public bool HasExited => _process.HasExited;

    /// <summary>SIGTERM; it drains and must end by itself.</summary>
    public Task StopAsync() => _process.StopAsync();

    /// <summary>Starts it again with the same data and address, whether it was stopped, killed or still runs.</summary>
    public async Task RestartAsync()
    {
        await RelaunchAsync();
        await WaitReadyAsync();
    }

    /// <summary>The same without waiting until it is ready, for one that may die before that.</summary>
    public async Task RelaunchAsync()
    {
        await StopAsync();
        _process.Dispose();
        _process = Launch();
    }

    public ValueTask DisposeAsync()
    {
        _process.Dispose();
        Client.Dispose();
        _owned?.Dispose();
        return ValueTask.CompletedTask;
    }

    private LoggedProcess Launch()
    {
        var start = new ProcessStartInfo("dotnet", [Repository.BuiltDll("src/Portal", "Portkey.Portal.Web")])
        {
            WorkingDirectory = Repository.Root,
        };
        start.Environment["ASPNETCORE_WEBROOT"] = Path.Combine(Repository.Root, "src", "Portal", "wwwroot");
        start.Environment["ASPNETCORE_ENVIRONMENT"] = _options.Environment;
        start.Environment["ASPNETCORE_URLS"] = BaseUrl.GetLeftPart(UriPartial.Authority);
        start.Environment["Portal__DataDirectory"] = DataFolder;
        start.Environment["Portal__HelmPath"] = _options.HelmPath ?? Tools.Helm;
        start.Environment["Portal__ChartsDirectory"] = Repository.Charts;
        if (_options.Kubeconfig is { } kubeconfig)
        {
            start.Environment["Portal__SandboxKubeconfig"] = kubeconfig;
        }

        foreach (var (name, value) in _options.Variables)
        {
            start.Environment[name] = value;
        }

        return new LoggedProcess(start);
    }

    // What answers must be this process: another one may have taken the same port at the same moment.
    public Task WaitReadyAsync() =>
        _process.WaitForAsync(
            "the portal is ready",
            async () =>
            {
                if (!Log.Contains("Now listening on", StringComparison.Ordinal))
                {
                    return false;
                }

                using var answer = await Client.GetAsync("/healthz/ready");
                return answer.IsSuccessStatusCode;
            }
        );
}
