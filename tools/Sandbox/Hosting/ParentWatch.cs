using System.Diagnostics;

namespace Portkey.Portal.Sandbox.Hosting;

/// <summary>
/// Ends the sandbox when the process that started it is gone, however it went. The kernel's parent-death signal
/// will not do: it fires when the starting thread ends, and .NET starts processes from pool threads.
/// </summary>
internal sealed class ParentWatch(SandboxOptions options, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.ParentId is not { } id)
        {
            return;
        }

        try
        {
            using var parent = Process.GetProcessById(id);
            await parent.WaitForExitAsync(stoppingToken);
        }
        catch (ArgumentException)
        {
            // Gone before we looked.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        lifetime.StopApplication();
    }
}
