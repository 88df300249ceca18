namespace Portkey.Portal.Sandbox.Kubelet.Runtime;

/// <summary>How the kubelet plays its node. Times are those of a real kubelet; tests shorten them.</summary>
internal sealed record KubeletOptions
{
    /// <summary>Folder of the npm package of the open-source gateway; null where it is not there.</summary>
    public string? GatewayFolder { get; init; }

    /// <summary>Version of that package: the image tag that exists beside `latest`.</summary>
    public string? GatewayVersion { get; init; }

    /// <summary>Scratch space: one folder a pod, removed with it.</summary>
    public required string WorkFolder { get; init; }

    public TimeSpan BackOffFirst { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan BackOffMost { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>While a container is younger than this and not ready, readiness is asked every <see cref="EagerPeriod"/>.</summary>
    public TimeSpan EagerWindow { get; init; } = TimeSpan.FromSeconds(15);

    public TimeSpan EagerPeriod { get; init; } = TimeSpan.FromMilliseconds(100);
}
