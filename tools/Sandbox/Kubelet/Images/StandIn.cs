using System.Net;
using System.Net.Sockets;
using Portkey.Portal.Sandbox.Kubelet.Runtime;

namespace Portkey.Portal.Sandbox.Kubelet.Images;

/// <summary>A container played inside the sandbox. It runs until it is stopped.</summary>
internal class StandIn : IRunningContainer
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<int> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Socket> _listeners = [];
    private readonly ContainerStart _start;

    protected StandIn(ContainerStart start)
    {
        _start = start;
        start.Log.Write($"This is a sandbox stand-in for {start.Image}, not the image itself.");
    }

    public Task<int> Exit => _exit.Task;

    /// <summary>Runs and does nothing; where the pod should end by itself, it succeeds at once.</summary>
    public static IRunningContainer Idle(ContainerStart start)
    {
        var idle = new StandIn(start);
        if (start.RunsToCompletion)
        {
            idle._exit.TrySetResult(0);
        }

        return idle;
    }

    /// <summary>For tests: fails soon after its start.</summary>
    public static IRunningContainer Crash(ContainerStart start)
    {
        var crash = new StandIn(start);
        start.Log.Write("fatal: crashing as asked");
        _ = Task.Delay(200).ContinueWith(_ => crash._exit.TrySetResult(1), TaskScheduler.Default);
        return crash;
    }

    /// <summary>For tests: succeeds, and leaves a hostile termination message.</summary>
    public static IRunningContainer Liar(ContainerStart start)
    {
        var liar = new StandIn(start);
        File.WriteAllText(
            TerminationMessage.FileOf(start.WorkFolder),
            "<img src=x onerror=alert(1)>\u001b[2J{\"v\":1,\"r\":[[\"ok\",\"\"]]}"
        );
        liar._exit.TrySetResult(0);
        return liar;
    }

    public async Task StopAsync(TimeSpan grace, CancellationToken hurry)
    {
        await _stop.CancelAsync();
        _listeners.ForEach(listener => listener.Dispose());
        _exit.TrySetResult(0);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero, CancellationToken.None);
        _stop.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Called last by a derived constructor, when all that an answer needs is there.</summary>
    protected void Listen(IEnumerable<int> ports)
    {
        foreach (var port in ports)
        {
            var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                listener.Bind(new IPEndPoint(IPAddress.Parse(_start.PodAddress), port));
                listener.Listen(128);
                _listeners.Add(listener);
                _ = AcceptAsync(listener);
            }
            catch (SocketException fault)
            {
                // As in a container that may not bind: the program says so and ends.
                listener.Dispose();
                _start.Log.Write($"listen {_start.PodAddress}:{port}: {fault.Message}");
                _exit.TrySetResult(1);
            }
        }
    }

    protected virtual Task ServeAsync(Socket socket, CancellationToken cancel) => Task.CompletedTask;

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                _ = ServeOneAsync(await listener.AcceptAsync(_stop.Token));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Stopped.
        }
    }

    private async Task ServeOneAsync(Socket socket)
    {
        using (socket)
        {
            try
            {
                await ServeAsync(socket, _stop.Token);
            }
            catch (Exception end) when (end is OperationCanceledException or ObjectDisposedException or SocketException or IOException)
            {
                // The caller left, or the container ends.
            }
        }
    }
}
