using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet.Images;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Gets the image of one container, with a kubelet's states, events and patience.</summary>
internal sealed class ImagePuller(PodContext pod, string image, string fieldPath)
{
    private readonly BackOff _backOff = new(pod.Node.Options.BackOffFirst, pod.Node.Options.BackOffMost);
    private bool _pulled;

    public async Task<CataloguedImage> PullAsync(Action<JsonObject> show, CancellationToken stop)
    {
        while (true)
        {
            var found = pod.Node.Images.Find(image, out var refusal);
            if (found is not null)
            {
                await PulledAsync();
                return found;
            }

            show(ContainerView.Waiting("ErrImagePull", refusal));
            await pod.RecordAsync(NodeEvent.Normal("Pulling", $"Pulling image \"{image}\"", fieldPath));
            await pod.RecordAsync(NodeEvent.Warning("Failed", $"Failed to pull image \"{image}\": {refusal}", fieldPath));
            await pod.RecordAsync(NodeEvent.Warning("Failed", "Error: ErrImagePull", fieldPath));
            await Task.Delay(TimeSpan.FromMilliseconds(300), stop); // long enough for a watcher to see both states

            show(ContainerView.Waiting("ImagePullBackOff", $"Back-off pulling image \"{image}\": ErrImagePull: {refusal}"));
            await pod.RecordAsync(NodeEvent.Normal("BackOff", $"Back-off pulling image \"{image}\"", fieldPath));
            await pod.RecordAsync(NodeEvent.Warning("Failed", "Error: ImagePullBackOff", fieldPath));
            await Task.Delay(_backOff.Next(), pod.Node.Time, stop);
        }
    }

    private async Task PulledAsync()
    {
        if (_pulled)
        {
            await pod.RecordAsync(NodeEvent.Normal("Pulled", $"Container image \"{image}\" already present on machine", fieldPath));
            return;
        }

        _pulled = true;
        await pod.RecordAsync(NodeEvent.Normal("Pulling", $"Pulling image \"{image}\"", fieldPath));
        await pod.RecordAsync(
            NodeEvent.Normal("Pulled", $"Successfully pulled image \"{image}\" in 1ms (1ms including waiting)", fieldPath)
        );
    }
}
