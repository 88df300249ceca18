namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>A cluster did not do what it was asked. The message is for people: what, why, what to do. Never carries a secret.</summary>
/// <param name="code">Machine word, stable, such as <c>cluster-unreachable</c> or <c>namespace-taken</c>.</param>
/// <param name="message">For people.</param>
/// <param name="isTransient">Whether the same call may succeed later without any change.</param>
/// <param name="inner">Cause.</param>
public class ClusterException(string code, string message, bool isTransient, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Machine word, stable.</summary>
    public string Code { get; } = code;

    /// <summary>Whether the same call may succeed later without any change.</summary>
    public bool IsTransient { get; } = isTransient;
}

/// <summary>No answer, or a server error: nobody knows what the cluster holds.</summary>
public sealed class ClusterUnreachableException(string message, Exception? inner = null)
    : ClusterException("cluster-unreachable", message, isTransient: true, inner);

/// <summary>401 or 403: the portal's identity in the cluster lacks the right.</summary>
public sealed class ClusterForbiddenException(string message, Exception? inner = null)
    : ClusterException("cluster-forbidden", message, isTransient: false, inner);

/// <summary>Another field manager owns a field that the portal wants to set.</summary>
/// <param name="message">For people.</param>
/// <param name="manager">Field manager that owns it; empty when the answer did not say.</param>
/// <param name="field">Field; empty when the answer did not say.</param>
/// <param name="inner">Cause.</param>
public sealed class ClusterConflictException(string message, string manager, string field, Exception? inner = null)
    : ClusterException("field-conflict", message, isTransient: false, inner)
{
    /// <summary>Field manager that owns it.</summary>
    public string Manager { get; } = manager;

    /// <summary>Field.</summary>
    public string Field { get; } = field;
}

/// <summary>A ResourceQuota of the namespace does not allow it.</summary>
public sealed class ClusterQuotaExceededException(string message, Exception? inner = null)
    : ClusterException("quota-exceeded", message, isTransient: false, inner);

/// <summary>The API server refused what was sent.</summary>
public sealed class ClusterRejectedException(string code, string message, Exception? inner = null)
    : ClusterException(code, message, isTransient: false, inner);

/// <summary>429: the API server asks to be left alone for a while.</summary>
public sealed class ClusterThrottledException(string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : ClusterException("cluster-throttled", message, isTransient: true, inner)
{
    /// <summary>When it said to come back.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>A kubeconfig has fields that the portal does not honour, or lacks what it needs.</summary>
/// <param name="problems">Each with the field's name; never with a value.</param>
public sealed class KubeconfigRefusedException(IReadOnlyList<string> problems)
    : ClusterException("kubeconfig-refused", string.Join(" ", problems), isTransient: false)
{
    /// <summary>All of them.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
