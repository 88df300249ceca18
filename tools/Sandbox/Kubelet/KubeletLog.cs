namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>What the kubelet tells the log of the sandbox itself.</summary>
internal static partial class KubeletLog
{
    [LoggerMessage(4001, LogLevel.Warning, "Event {Reason} of pod {Namespace}/{Name} was lost")]
    public static partial void EventLost(this ILogger log, string @namespace, string name, string reason, Exception fault);

    [LoggerMessage(4002, LogLevel.Error, "Pod {Namespace}/{Name} is no longer managed")]
    public static partial void PodFailed(this ILogger log, string @namespace, string name, Exception fault);

    [LoggerMessage(4003, LogLevel.Warning, "Status of pod {Namespace}/{Name} was not written; trying again")]
    public static partial void StatusNotWritten(this ILogger log, string @namespace, string name, Exception fault);
}
