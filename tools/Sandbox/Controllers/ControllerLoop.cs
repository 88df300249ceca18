using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Feeds the controllers with changes. It sleeps while nothing changes and nothing is due.</summary>
internal sealed class ControllerLoop(
    ObjectStore store,
    IEnumerable<IController> controllers,
    TimeProvider time,
    ILogger<ControllerLoop> log
) : BackgroundService
{
    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(2);

    private readonly IController[] _controllers = [.. controllers];
    private readonly Queue<(IController Controller, ObjectName Name)> _queue = new();
    private readonly HashSet<(IController Controller, ObjectName Name)> _queued = [];
    private readonly Dictionary<(IController Controller, ObjectName Name), DateTimeOffset> _later = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            using var changes = store.Subscribe();
            Resync();
            await FollowAsync(changes, stoppingToken);
        }
    }

    /// <summary>Ends when the feed was cut: everything is looked at again then.</summary>
    private async Task FollowAsync(Subscription changes, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            while (changes.Events.TryRead(out var change))
            {
                Enqueue(change);
            }

            if (_queue.TryDequeue(out var work))
            {
                _queued.Remove(work);
                Look(work);
                continue;
            }

            try
            {
                if (!await WaitAsync(changes, stop))
                {
                    return;
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> WaitAsync(Subscription changes, CancellationToken stop)
    {
        if (_later.Count == 0)
        {
            return await changes.Events.WaitToReadAsync(stop);
        }

        var wait = _later.Values.Min() - time.GetUtcNow();
        using var due = CancellationTokenSource.CreateLinkedTokenSource(stop);
        due.CancelAfter(wait > TimeSpan.Zero ? wait : TimeSpan.FromMilliseconds(1));
        try
        {
            return await changes.Events.WaitToReadAsync(due.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            var now = time.GetUtcNow();
            foreach (var work in _later.Where(entry => entry.Value <= now).Select(entry => entry.Key).ToList())
            {
                _later.Remove(work);
                Add(work);
            }

            return true;
        }
    }

    private void Look((IController Controller, ObjectName Name) work)
    {
        _later.Remove(work);
        TimeSpan? again;
        try
        {
            again = work.Controller.Reconcile(work.Name);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // One object that no controller code foresaw must not stop the others.
            log.LookFailed(work.Controller.GetType().Name, work.Name.Namespace, work.Name.Name, fault);
            again = AfterFault;
        }

        if (again is { } delay)
        {
            _later[work] = time.GetUtcNow() + delay;
        }
    }

    private void Resync()
    {
        foreach (var type in ResourceTypes.All)
        {
            foreach (JsonObject item in store.PeekAll(type).Items)
            {
                Enqueue(new WatchEvent(WatchKind.Added, type, item, null, item.ResourceVersion()));
            }
        }
    }

    private void Enqueue(WatchEvent change)
    {
        foreach (var controller in _controllers)
        {
            foreach (var name in controller.Affected(change))
            {
                Add((controller, name));
            }
        }
    }

    private void Add((IController Controller, ObjectName Name) work)
    {
        if (_queued.Add(work))
        {
            _queue.Enqueue(work);
        }
    }
}

/// <summary>What the loop tells the log of the sandbox.</summary>
internal static partial class ControllerLog
{
    [LoggerMessage(4101, LogLevel.Error, "{Controller} failed on {Namespace}/{Name}; trying again")]
    public static partial void LookFailed(this ILogger log, string controller, string @namespace, string name, Exception fault);
}
