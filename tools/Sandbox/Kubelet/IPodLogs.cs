namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Where the API server gets the output of a pod's containers.</summary>
internal interface IPodLogs
{
    /// <summary>The lines of a container, each without its line end; with Follow until the container ends or the reader goes.</summary>
    IAsyncEnumerable<string> ReadAsync(string ns, string pod, PodLogOptions options, CancellationToken cancellation);
}

/// <summary>The requested part of a log, as the query of the log subresource says.</summary>
internal sealed record PodLogOptions(
    string? Container = null,
    bool Follow = false,
    bool Previous = false,
    bool Timestamps = false,
    int? TailLines = null,
    int? SinceSeconds = null,
    DateTimeOffset? SinceTime = null,
    long? LimitBytes = null
);
