using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Adds up the time spent inside Helm processes. Safe to share between calls.</summary>
public sealed class HelmClock
{
    private long ticks;

    /// <summary>Time so far.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(Interlocked.Read(ref ticks));

    internal void Add(TimeSpan time) => Interlocked.Add(ref ticks, time.Ticks);
}

/// <summary>How to run one <c>upgrade --install</c>.</summary>
public sealed record HelmCallOptions
{
    /// <summary>Whether Helm itself waits for pods; the portal does its own watching.</summary>
    public bool Wait { get; init; }

    /// <summary>Helm's own limit for one call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets the time spent inside Helm.</summary>
    public HelmClock? Clock { get; init; }

    /// <summary>Takes secrets out of every line before it reaches a log or a message.</summary>
    public Redactor Redactor { get; init; } = Redactor.Default;
}

/// <summary>What Helm says is installed.</summary>
/// <param name="Revision">Helm's revision.</param>
/// <param name="State">Helm's word, such as <c>deployed</c>, <c>failed</c>, <c>pending-install</c>.</param>
/// <param name="Description">Helm's sentence, redacted.</param>
public sealed record HelmStatus(int Revision, string State, string Description)
{
    /// <summary>Whether a call is under way on it or was killed.</summary>
    public bool IsPending => State.StartsWith("pending-", StringComparison.Ordinal) || State == "uninstalling";
}

/// <summary>One revision in Helm's history.</summary>
/// <param name="Revision">Number.</param>
/// <param name="State">Helm's word.</param>
/// <param name="Chart">Chart name and version, as in <c>gateway-1.7.7</c>.</param>
/// <param name="AppVersion">Application version.</param>
/// <param name="Description">Helm's sentence, redacted.</param>
/// <param name="UpdatedAt">UTC.</param>
public sealed record HelmHistoryEntry(int Revision, string State, string Chart, string AppVersion, string Description, DateTime? UpdatedAt);

/// <summary>One revision of a Helm release, as its label tells it.</summary>
/// <param name="Number">Helm's number.</param>
/// <param name="Status">Helm's word, such as <c>deployed</c>.</param>
public sealed record HelmRevision(int Number, string Status);
