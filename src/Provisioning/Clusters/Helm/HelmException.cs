namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Why Helm failed.</summary>
public enum HelmFailure
{
    /// <summary>The API server did not answer; nobody knows what is installed.</summary>
    Unreachable,

    /// <summary>The portal's identity in the cluster lacks the right.</summary>
    Forbidden,

    /// <summary>Another field manager owns a field, or an object belongs to something else.</summary>
    Conflict,

    /// <summary>The release is locked by an operation that is under way or was killed.</summary>
    OperationInProgress,

    /// <summary>There is no such release or revision.</summary>
    NotFound,

    /// <summary>The chart does not load or render.</summary>
    InvalidChart,

    /// <summary>The values do not fit the chart's schema.</summary>
    InvalidValues,

    /// <summary>It took too long.</summary>
    Timeout,

    /// <summary>The process was stopped from outside.</summary>
    Killed,

    /// <summary>Helm could not be started.</summary>
    ToolMissing,

    /// <summary>The portal does not work with this version of Helm.</summary>
    ToolVersion,

    /// <summary>A ResourceQuota does not allow it.</summary>
    QuotaExceeded,

    /// <summary>The API server refused an object.</summary>
    Rejected,

    /// <summary>No known reason; the message holds Helm's own words.</summary>
    Unknown,
}

/// <summary>Helm did not do what it was asked. The message is redacted and for people.</summary>
public sealed class HelmException(HelmFailure failure, string message, bool isTransient, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Kind.</summary>
    public HelmFailure Failure { get; } = failure;

    /// <summary>Whether another try may succeed without any change.</summary>
    public bool IsTransient { get; } = isTransient;
}
