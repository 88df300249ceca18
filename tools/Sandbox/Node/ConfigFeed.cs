using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Node;

/// <summary>Tells the kubelet when a Secret or ConfigMap changed, so that a pod that waits for one goes on.</summary>
internal sealed class ConfigFeed(ApiClient api, NodeKubelet kubelet) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(FollowAsync("/api/v1/secrets", stoppingToken), FollowAsync("/api/v1/configmaps", stoppingToken));

    private async Task FollowAsync(string path, CancellationToken stop)
    {
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var list = await api.GetAsync(path + "?limit=1", stop);
                await foreach (var (_, item) in api.WatchAsync(path, list.Text("metadata", "resourceVersion") ?? "", stop))
                {
                    kubelet.ConfigChanged(item.Namespace());
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
