using System.Text.Json.Serialization;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>What a check found.</summary>
public enum CheckStatus
{
    /// <summary>It is as it must be.</summary>
    Passed,

    /// <summary>It may not work, or could not be determined.</summary>
    Warning,

    /// <summary>It will not work; nothing is applied while this is so.</summary>
    Failed,

    /// <summary>It cannot be checked from the portal, such as what only a pod's own identity may do.</summary>
    Skipped,
}

/// <summary>From where a check looked.</summary>
public enum LookedFrom
{
    /// <summary>From the portal, over its own network.</summary>
    Portal,

    /// <summary>From the cluster's API, asked by the portal.</summary>
    ClusterApi,

    /// <summary>From a Job in the cluster, over the network that its pods have.</summary>
    Job,

    /// <summary>Nowhere: computed from what the request itself holds.</summary>
    Computed,
}

/// <summary>One check's answer, without any secret.</summary>
/// <param name="Id">Machine word, such as <c>redis</c>.</param>
/// <param name="Title">What was looked at.</param>
/// <param name="Status">Answer.</param>
/// <param name="Message">What was found.</param>
/// <param name="Cure">What to do; empty where nothing is to be done.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record CheckResult(string Id, string Title, CheckStatus Status, string Message, string Cure, long Milliseconds)
{
    /// <summary>From where it looked; null where it was stored before this was recorded.</summary>
    public LookedFrom? LookedFrom { get; init; }

    /// <summary>The same in words, such as <c>from the portal</c>; empty where it is not known.</summary>
    public string LookedFromText => TextOf(LookedFrom);

    /// <summary>A caveat, where it looked from another place than the gateway's; empty otherwise.</summary>
    public string Caveat { get; init; } = "";

    /// <summary>Images that were found at their registries, with the digests reported; empty for every other check.</summary>
    public IReadOnlyList<ImageDigest> Images { get; init; } = [];

    /// <summary>Code that an operation fails with for this check.</summary>
    [JsonIgnore]
    public string Code { get; init; } = "preflight-failed";

    /// <summary>Whether what was tried works, whatever else is advised: a rotation's proof needs no more.</summary>
    [JsonIgnore]
    public bool Works { get; init; } = Status == CheckStatus.Passed;

    /// <summary>What was thrown where another try may help; null otherwise.</summary>
    [JsonIgnore]
    public Exception? Transient { get; init; }

    /// <summary>A place in words.</summary>
    internal static string TextOf(LookedFrom? from) =>
        from switch
        {
            Checks.LookedFrom.Portal => "from the portal",
            Checks.LookedFrom.ClusterApi => "from the cluster's API",
            Checks.LookedFrom.Job => "from a Job in the cluster",
            Checks.LookedFrom.Computed => "computed",
            _ => "",
        };
}

/// <summary>What one check says.</summary>
internal sealed record Verdict(CheckStatus Status, string Message, string Cure = "")
{
    public string Code { get; init; } = "preflight-failed";

    /// <summary>From where it actually looked, where that is not the check's usual place.</summary>
    public LookedFrom? From { get; init; }

    /// <summary>Images that were found.</summary>
    public IReadOnlyList<ImageDigest> Images { get; init; } = [];

    /// <summary>Whether what was tried works; also true with a warning that is mere advice.</summary>
    public bool Works { get; init; } = Status == CheckStatus.Passed;

    public static Verdict Advise(string message, string cure) => new(CheckStatus.Warning, message, cure) { Works = true };

    public static Verdict Pass(string message) => new(CheckStatus.Passed, message);

    public static Verdict Warn(string message, string cure) => new(CheckStatus.Warning, message, cure);

    public static Verdict Fail(string message, string cure, string code = "preflight-failed") =>
        new(CheckStatus.Failed, message, cure) { Code = code };

    public static Verdict Skip(string message) => new(CheckStatus.Skipped, message);
}

/// <summary>One thing to look at.</summary>
internal interface IPreflightCheck
{
    string Id { get; }

    string Title { get; }

    /// <summary>From where it looks.</summary>
    LookedFrom From { get; }

    /// <summary>Whether it tries over the portal's network what pods will do over the cluster's.</summary>
    bool IsOfTheNetwork => false;

    /// <summary>Time that it may take; null for the usual limit.</summary>
    TimeSpan? Limit => null;

    /// <summary>Whether there is anything to check.</summary>
    bool AppliesTo(PreflightSubject subject);

    /// <summary>Looks. What it throws is turned into a verdict, see <see cref="PreflightRunner"/>; time is limited from outside.</summary>
    Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken);
}

/// <summary>Nobody answered: that says nothing about whether the gateway, in its own network, gets an answer.</summary>
internal sealed class UnreachableException(string message, Exception? inner = null) : Exception(message, inner);
