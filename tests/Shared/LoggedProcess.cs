using System.Diagnostics;
using System.Text;

namespace Portkey.Portal.Shared;

/// <summary>A child process whose output is kept, and that does not outlive the test process.</summary>
public sealed class LoggedProcess : IDisposable
{
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Freeze = 19;

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public LoggedProcess(ProcessStartInfo start)
    {
        start.UseShellExecute = false;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        start.RedirectStandardInput = true;
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        AppDomain.CurrentDomain.ProcessExit += OnTestProcessExit;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Everything written so far, both streams.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The end of that.</summary>
    public string Tail => Output is { Length: > 4000 } all ? all[^4000..] : Output;

    public void CloseInput() => _process.StandardInput.Close();

    public Task WaitAsync(CancellationToken cancellationToken = default) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>
    /// Waits for a condition, but not for a process that is gone; either way the output is in the message. The usual limit leaves room for
    /// a machine that starts much else at the same time.
    /// </summary>
    public async Task WaitForAsync(string what, Func<Task<bool>> ready, TimeSpan? timeout = null)
    {
        try
        {
            await Eventually.TrueAsync(async () => _process.HasExited || await ready(), what, timeout ?? TimeSpan.FromSeconds(180));
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} The end of its output:\n{Tail}", e);
        }

        if (_process.HasExited)
        {
            await DrainAsync();
            throw new InvalidOperationException($"It ended with {_process.ExitCode} before {what}. The end of its output:\n{Tail}");
        }
    }

    /// <summary>kill -9 of this process alone: its children see what they would see in a crash.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
    }

    /// <summary>SIGSTOP: it lives, its connections stand, and it answers nothing.</summary>
    public void Pause() => _ = NativeMethods.Kill(_process.Id, Freeze);

    /// <summary>SIGCONT: it goes on as if nothing had been.</summary>
    public void Resume() => _ = NativeMethods.Kill(_process.Id, Continue);

    /// <summary>SIGTERM, then waits; a process that does not stop in time is killed, and that is an error.</summary>
    public async Task StopAsync(TimeSpan? timeout = null)
    {
        if (_process.HasExited)
        {
            return;
        }

        _ = NativeMethods.Kill(_process.Id, Terminate);
        using var limit = new CancellationTokenSource(timeout ?? TimeSpan.FromSeconds(20));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException e)
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{_process.StartInfo.FileName} did not stop on SIGTERM. The end of its output:\n{Tail}", e);
        }
    }

    public void Dispose()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnTestProcessExit;
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit(5000);
        }

        _process.Dispose();
    }

    // What it wrote last may still be on its way; a child of it that lives on would keep the way open.
    private async Task DrainAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) { }
    }

    private void OnTestProcessExit(object? sender, EventArgs e) => Dispose();

    private void Append(string? line)
    {
        if (line is not null)
        {
            lock (_output)
            {
                _output.AppendLine(line);
            }
        }
    }
}
