using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Tells the kubelet what changes in the store.</summary>
internal sealed class KubeletFeed(ObjectStore store, NodeKubelet kubelet) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            using var changes = store.Subscribe();
            var pods = store.PeekAll(ResourceTypes.Pods).Items;
            kubelet.ForgetAllBut(pods.Select(pod => pod.Uid()).ToHashSet(StringComparer.Ordinal));
            foreach (var pod in pods)
            {
                Tell(new WatchEvent(WatchKind.Added, ResourceTypes.Pods, pod, null, 0));
            }

            try
            {
                await foreach (var change in changes.ReadAllAsync(stoppingToken))
                {
                    Tell(change);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await kubelet.DisposeAsync();
    }

    private void Tell(WatchEvent change)
    {
        if (change.Type == ResourceTypes.Secrets || change.Type == ResourceTypes.ConfigMaps)
        {
            kubelet.ConfigChanged(change.Namespace);
        }
        else if (change.Type == ResourceTypes.Pods)
        {
            if (change.Kind == WatchKind.Deleted)
            {
                kubelet.Forget(change.Object.Uid());
            }
            else if (change.Object.Text("spec", "nodeName") is { Length: > 0 })
            {
                kubelet.Sync(change.Object);
            }
        }
    }
}
