using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet.Runtime;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet.Images;

/// <summary>All that a program needs to play one run of a container.</summary>
internal sealed record ContainerStart(
    string Image,
    string PodAddress,
    JsonObject Container,
    IReadOnlyDictionary<string, string> Environment,
    string WorkFolder,
    LogBuffer Log,
    bool RunsToCompletion
)
{
    /// <summary>command and args with $(NAME) replaced from the environment.</summary>
    public IEnumerable<string> Arguments =>
        Container.Texts("command").Concat(Container.Texts("args")).Select(text => Variables.Expand(text, Environment));

    public IEnumerable<int> Ports =>
        Container
            .Items("ports")
            .Where(port => (port.Text("protocol") ?? "TCP") == "TCP")
            .Select(port => port.Int("containerPort"))
            .OfType<int>()
            .Where(port => port is > 0 and < 65_536)
            .Distinct();
}

/// <summary>A container that runs. Disposal is for one that has ended.</summary>
internal interface IRunningContainer : IAsyncDisposable
{
    /// <summary>Ends with the exit code.</summary>
    Task<int> Exit { get; }

    /// <summary>Asks to end, waits for the grace or for <paramref name="hurry"/>, then insists.</summary>
    Task StopAsync(TimeSpan grace, CancellationToken hurry);
}

/// <summary>An image that the node can run.</summary>
internal sealed record CataloguedImage(string Id, Func<ContainerStart, IRunningContainer> Start);
