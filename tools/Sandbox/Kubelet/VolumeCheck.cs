using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>
/// A pod waits until the Secrets and ConfigMaps that it mounts exist. Their content is not laid out as files: no
/// program that the sandbox runs reads any.
/// </summary>
internal static class VolumeCheck
{
    public static async Task WaitAsync(PodContext pod, CancellationToken stop)
    {
        while (true)
        {
            var change = pod.NextConfigChange;
            if (await FirstMissingAsync(pod, stop) is not { } missing)
            {
                return;
            }

            await pod.RecordAsync(NodeEvent.Warning("FailedMount", missing));
            await Task.WhenAny(change, Task.Delay(TimeSpan.FromMinutes(2), stop));
            stop.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Pulling goes on without a missing pull secret, so it is only said.</summary>
    public static async Task WarnOfPullSecretsAsync(PodContext pod, CancellationToken stop)
    {
        foreach (var reference in pod.Pod.Items("spec", "imagePullSecrets"))
        {
            if (
                reference.Text("name") is { Length: > 0 } name
                && await pod.Node.Api.ReadAsync("secrets", pod.Key.Namespace, name, stop) is null
            )
            {
                await pod.RecordAsync(
                    NodeEvent.Warning(
                        "FailedToRetrieveImagePullSecret",
                        $"Unable to retrieve some image pull secrets ({name}); attempting to pull the image may not succeed."
                    )
                );
            }
        }
    }

    private static async Task<string?> FirstMissingAsync(PodContext pod, CancellationToken stop)
    {
        foreach (var (volume, resource, name) in Needed(pod.Pod))
        {
            if (await pod.Node.Api.ReadAsync(resource, pod.Key.Namespace, name, stop) is null)
            {
                return $"MountVolume.SetUp failed for volume \"{volume}\" : {resource[..^1]} \"{name}\" not found";
            }
        }

        return null;
    }

    private static IEnumerable<(string Volume, string Resource, string Name)> Needed(JsonObject pod)
    {
        foreach (var volume in pod.Items("spec", "volumes"))
        {
            var title = volume.Text("name") ?? "";
            foreach (var source in volume.Items("projected", "sources").Append(volume))
            {
                if (
                    source.Dig("secret") is JsonObject secret
                    && !secret.IsTrue("optional")
                    && (secret.Text("secretName") ?? secret.Text("name")) is { } secretName
                )
                {
                    yield return (title, "secrets", secretName);
                }

                // Every namespace of a real cluster has this one, made by a controller the sandbox does not need.
                if (
                    source.Dig("configMap") is JsonObject map
                    && !map.IsTrue("optional")
                    && map.Text("name") is { } mapName and not "kube-root-ca.crt"
                )
                {
                    yield return (title, "configmaps", mapName);
                }
            }
        }
    }
}
