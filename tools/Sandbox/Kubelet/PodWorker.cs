using System.Text.Json.Nodes;
using System.Threading.Channels;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Manages one pod from its binding to its end.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design",
    "CA1001",
    Justification = "The source has no timer and its waiters may outlive the worker: collected, never disposed."
)]
internal sealed class PodWorker
{
    private readonly NodeServices _node;
    private readonly PodContext _context;
    private readonly PodStatus _status;
    private readonly List<ContainerRunner> _inits;
    private readonly List<ContainerRunner> _containers;
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private volatile bool _initialized;
    private volatile bool _deleted;
    private volatile bool _gone;

    public PodWorker(JsonObject pod, NodeServices node)
    {
        _node = node;
        var key = PodKey.Of(pod);
        _context = new PodContext(pod, node.Network.Take(key.Uid, pod.Text("status", "podIP")), node, () => _changes.Writer.TryWrite(true));
        _status = new PodStatus(_context);
        _inits = Runners(pod, "initContainers", "initContainerStatuses", init: true);
        _containers = Runners(pod, "containers", "containerStatuses", init: false);
        Completion = Task.Run(RunAsync);
    }

    public PodKey Key => _context.Key;

    public Task Completion { get; }

    public ContainerRunner? Container(string? name) =>
        name is null ? _containers.FirstOrDefault() : _containers.Concat(_inits).FirstOrDefault(container => container.Name == name);

    public void ConfigChanged() => _context.ConfigChanged();

    /// <summary>The pod is being deleted: its containers get their grace, then the object is removed.</summary>
    public void Delete(TimeSpan grace)
    {
        if (_deleted && grace >= _context.Grace)
        {
            return;
        }

        _context.Grace = grace;
        if (_deleted)
        {
            _context.Hurry.CancelAfter(grace);
        }

        _deleted = true;
        _ = _stop.CancelAsync();
    }

    /// <summary>The object is gone already, so nothing is left to report.</summary>
    public void Forget()
    {
        _gone = true;
        _context.Hurry.Cancel();
        Delete(TimeSpan.Zero);
    }

    /// <summary>The sandbox ends: processes stop, the object stays for the next start.</summary>
    public Task ShutDownAsync(TimeSpan grace)
    {
        _gone = _context.NodeEnds = true;
        _context.Grace = grace < _context.Grace ? grace : _context.Grace;
        _ = _stop.CancelAsync();
        return Completion;
    }

    private async Task RunAsync()
    {
        var publishing = PublishAsync();
        try
        {
            Directory.CreateDirectory(_context.Folder);
            _context.Changed();
            await LiveAsync();
            _context.Changed();
            await Task.Delay(Timeout.Infinite, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Deleted, or the sandbox ends.
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            _node.Log.PodFailed(Key.Namespace, Key.Name, fault);
        }

        _changes.Writer.TryComplete();
        await publishing;
        await CleanUpAsync();
    }

    private async Task LiveAsync()
    {
        await VolumeCheck.WarnOfPullSecretsAsync(_context, _stop.Token);
        await VolumeCheck.WaitAsync(_context, _stop.Token);
        foreach (var init in _inits)
        {
            if (await init.RunAsync(_stop.Token) != 0)
            {
                return; // restartPolicy Never: the pod has failed
            }
        }

        _initialized = true;
        _context.Changed();
        await Task.WhenAll(_containers.Select(container => container.RunAsync(_stop.Token)));
    }

    private async Task PublishAsync()
    {
        JsonObject? written = null;
        await foreach (var _ in _changes.Reader.ReadAllAsync())
        {
            while (!_gone)
            {
                var status = _status.Build(
                    _inits.ConvertAll(init => init.View),
                    _containers.ConvertAll(container => container.View),
                    _initialized,
                    _deleted
                );
                if (JsonNode.DeepEquals(status, written))
                {
                    break;
                }

                try
                {
                    await _node.Api.WriteStatusAsync(Key, (JsonObject)status.DeepClone(), CancellationToken.None);
                    written = status;
                }
                catch (Exception fault) when (fault is not OutOfMemoryException)
                {
                    _node.Log.StatusNotWritten(Key.Namespace, Key.Name, fault);
                    await Task.Delay(TimeSpan.FromSeconds(1));
                }
            }
        }
    }

    private async Task CleanUpAsync()
    {
        _node.Network.Return(_context.Address);
        try
        {
            Directory.Delete(_context.Folder, recursive: true);
        }
        catch (IOException)
        {
            // Swept at the next start of the sandbox.
        }

        if (_deleted && !_gone)
        {
            await _node.Api.RemoveAsync(Key, CancellationToken.None);
        }
    }

    private List<ContainerRunner> Runners(JsonObject pod, string field, string statuses, bool init) =>
        [
            .. pod.Items("spec", field)
                .Select(spec => new ContainerRunner(
                    _context,
                    (JsonObject)spec.DeepClone(),
                    init,
                    pod.Items("status", statuses).FirstOrDefault(known => known.Text("name") == spec.Text("name"))
                )),
        ];
}
