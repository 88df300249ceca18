using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet.Images;
using Portkey.Portal.Sandbox.Kubelet.Runtime;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Runs one container of a pod: pull, configure, start, watch, start again as the restart policy says.</summary>
internal sealed class ContainerRunner
{
    private static readonly TimeSpan GoodRun = TimeSpan.FromMinutes(10);

    private readonly PodContext _pod;
    private readonly JsonObject _spec;
    private readonly bool _init;
    private readonly string _fieldPath;
    private readonly BackOff _backOff;
    private ContainerView _view;

    public ContainerRunner(PodContext pod, JsonObject spec, bool init, JsonObject? known)
    {
        (_pod, _spec, _init) = (pod, spec, init);
        Name = spec.Text("name") ?? "";
        _fieldPath = $"spec.{(init ? "initContainers" : "containers")}{{{Name}}}";
        _backOff = new BackOff(pod.Node.Options.BackOffFirst, pod.Node.Options.BackOffMost);
        _view = ContainerView.Resume(Name, spec.Text("image") ?? "", known);
        if (init || pod.Pod.Items("spec", "initContainers").Any())
        {
            _view = _view with { State = ContainerView.Waiting("PodInitializing") };
        }
    }

    public string Name { get; }

    public ContainerView View => Volatile.Read(ref _view);

    public LogBuffer? Log { get; private set; }

    public LogBuffer? PreviousLog { get; private set; }

    /// <summary>Ends when the container ended for good; throws when it was stopped.</summary>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var puller = new ImagePuller(_pod, View.Image, _fieldPath);
        var runs = 0;
        while (true)
        {
            var image = await puller.PullAsync(state => Show(view => view with { State = state }), stop);
            var environment = await ConfigureAsync(stop);
            var started = _pod.Node.Time.GetTimestamp();
            var code = await RunOnceAsync(image, environment, stop);
            if (_pod.RestartPolicy == "Never" || (code == 0 && (_init || _pod.RestartPolicy == "OnFailure")))
            {
                return code;
            }

            if (_pod.Node.Time.GetElapsedTime(started) > GoodRun)
            {
                _backOff.Reset();
                runs = 0;
            }

            // A kubelet restarts at once after the first exit, and waits longer and longer from the second on.
            if (++runs > 1)
            {
                await BackOffAsync(stop);
            }

            Show(view => view with { RestartCount = view.RestartCount + 1 });
        }
    }

    private async Task BackOffAsync(CancellationToken stop)
    {
        var delay = _backOff.Next();
        var who = $"container={Name} pod={_pod.Key.Name}_{_pod.Key.Namespace}({_pod.Key.Uid})";
        Show(view =>
            view with
            {
                LastState = view.State,
                State = ContainerView.Waiting("CrashLoopBackOff", $"back-off {EnumNames(delay)} restarting failed {who}"),
            }
        );
        await _pod.RecordAsync(
            NodeEvent.Warning(
                "BackOff",
                $"Back-off restarting failed container {Name} in pod {_pod.Key.Name}_{_pod.Key.Namespace}({_pod.Key.Uid})",
                _fieldPath
            )
        );
        await Task.Delay(delay, _pod.Node.Time, stop);
    }

    private async Task<Dictionary<string, string>> ConfigureAsync(CancellationToken stop)
    {
        while (true)
        {
            var change = _pod.NextConfigChange;
            try
            {
                return await _pod.Node.Config.ResolveAsync(_pod.Pod, _spec, _pod.Address, stop);
            }
            catch (ContainerConfigException fault)
            {
                Show(view => view with { State = ContainerView.Waiting("CreateContainerConfigError", fault.Message) });
                await _pod.RecordAsync(NodeEvent.Warning("Failed", $"Error: {fault.Message}", _fieldPath));
                await Task.WhenAny(change, Task.Delay(TimeSpan.FromMinutes(1), stop));
                stop.ThrowIfCancellationRequested();
            }
        }
    }

    private async Task<int> RunOnceAsync(CataloguedImage image, Dictionary<string, string> environment, CancellationToken stop)
    {
        var id = "sandbox://" + Guid.NewGuid().ToString("N");
        (PreviousLog, Log) = (Log, new LogBuffer(_pod.Node.Time));
        var folder = Path.Combine(_pod.Folder, Name);
        Directory.CreateDirectory(folder);
        TerminationMessage.Prepare(folder);
        var start = new ContainerStart(View.Image, _pod.Address, _spec, environment, folder, Log, _init || _pod.RestartPolicy != "Always");
        var begin = _pod.Node.Time.GetUtcNow();
        await _pod.RecordAsync(NodeEvent.Normal("Created", $"Created container: {Name}", _fieldPath));
        try
        {
            await using var running = image.Start(start);
            await _pod.RecordAsync(NodeEvent.Normal("Started", $"Started container {Name}", _fieldPath));
            Show(view =>
                view with
                {
                    ImageId = image.Id,
                    ContainerId = id,
                    LastState = view.State.ContainsKey("terminated") ? view.State : view.LastState,
                    State = ContainerView.RunningSince(begin),
                }
            );
            var (code, reason) = await new ContainerWatch(_pod, _spec, _fieldPath, Show).FollowAsync(running, stop);
            End(code, reason, begin, id);
            stop.ThrowIfCancellationRequested();
            return code;
        }
        catch (Exception fault) when (fault is System.ComponentModel.Win32Exception or IOException or InvalidOperationException)
        {
            await _pod.RecordAsync(
                NodeEvent.Warning("Failed", $"Error: failed to start container \"{Name}\": {fault.Message}", _fieldPath)
            );
            End(128, "StartError", begin, id);
            return 128;
        }
        finally
        {
            Log.Close();
        }
    }

    private void End(int code, string reason, DateTimeOffset begin, string id) =>
        Show(view =>
            view with
            {
                Ready = false,
                Started = false,
                State = ContainerView.Terminated(
                    code,
                    reason,
                    begin,
                    _pod.Node.Time.GetUtcNow(),
                    id,
                    TerminationMessage.Read(Path.Combine(_pod.Folder, Name))
                ),
            }
        );

    private void Show(Func<ContainerView, ContainerView> change)
    {
        // Only this container's own tasks write, but its probes run beside each other.
        ContainerView before,
            after;
        do
        {
            before = View;
            after = change(before);
        } while (Interlocked.CompareExchange(ref _view, after, before) != before);
        _pod.Changed();
    }

    private static string EnumNames(TimeSpan delay) =>
        delay.TotalMinutes < 1 ? $"{delay.TotalSeconds:0.###}s" : $"{(int)delay.TotalMinutes}m{delay.Seconds}s";
}
