using k8s.Models;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>A running pod, and the Secrets it was started with: in variables, volumes, and for pulling its images.</summary>
internal sealed record RunningPod(string Name, IReadOnlySet<string> Secrets)
{
    public static RunningPod Of(V1Pod pod)
    {
        var containers = pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).ToList();
        var volumes = pod.Spec.Volumes ?? [];
        string?[] names =
        [
            .. (pod.Spec.ImagePullSecrets ?? []).Select(s => s.Name),
            .. containers.SelectMany(c => c.EnvFrom ?? []).Select(e => e.SecretRef?.Name),
            .. containers.SelectMany(c => c.Env ?? []).Select(e => e.ValueFrom?.SecretKeyRef?.Name),
            .. volumes.Select(v => v.Secret?.SecretName),
            .. volumes.SelectMany(v => v.Projected?.Sources ?? []).Select(s => s.Secret?.Name),
            .. volumes.Select(v => v.Csi?.NodePublishSecretRef?.Name),
            // Named as the Secret that the driver copies it to.
            .. volumes.Select(v => v.Csi?.VolumeAttributes?.TryGetValue("secretProviderClass", out var name) == true ? name : null),
        ];
        return new(pod.Metadata.Name, names.OfType<string>().ToHashSet(StringComparer.Ordinal));
    }
}
