using Portkey.Portal.Sandbox.Kubelet.Images;
using Portkey.Portal.Sandbox.Kubelet.Runtime;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>What all pods of this kubelet share.</summary>
internal sealed record NodeServices(INodeApi Api, KubeletOptions Options, PodNetwork Network, TimeProvider Time, ILogger Log)
{
    public ImageCatalogue Images { get; } = new(Options);

    public ContainerConfig Config { get; } = new(Api);
}
