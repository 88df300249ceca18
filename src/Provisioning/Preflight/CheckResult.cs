using System.Text.Json.Serialization;

namespace Portkey.Portal.Provisioning.Preflight;

/// <summary>What a check found.</summary>
public enum CheckStatus
{
    /// <summary>It is as it must be.</summary>
    Passed,

    /// <summary>It may not work, or could not be found out.</summary>
    Warning,

    /// <summary>It will not work; nothing is applied while this is so.</summary>
    Failed,

    /// <summary>It cannot be looked at from the portal, such as what only a pod's own identity may do.</summary>
    Skipped,
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
    /// <summary>Code that an operation fails with for this check.</summary>
    [JsonIgnore]
    public string Code { get; init; } = "preflight-failed";

    /// <summary>What was thrown where another try may help; null otherwise.</summary>
    [JsonIgnore]
    public Exception? Transient { get; init; }
}

/// <summary>What one check says.</summary>
internal sealed record Verdict(CheckStatus Status, string Message, string Cure = "")
{
    public string Code { get; init; } = "preflight-failed";

    public static Verdict Pass(string message) => new(CheckStatus.Passed, message);

    public static Verdict Warn(string message, string cure) => new(CheckStatus.Warning, message, cure);

    public static Verdict Fail(string message, string cure, string code = "preflight-failed") => new(CheckStatus.Failed, message, cure) { Code = code };

    public static Verdict Skip(string message) => new(CheckStatus.Skipped, message);
}

/// <summary>One thing to look at.</summary>
internal interface IPreflightCheck
{
    string Id { get; }

    string Title { get; }

    /// <summary>Whether there is anything to look at.</summary>
    bool AppliesTo(PreflightSubject subject);

    /// <summary>Looks. What it throws is turned into a verdict, see <see cref="PreflightRunner"/>; time is limited from outside.</summary>
    Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken);
}

/// <summary>Nobody answered: that says nothing about whether the gateway, in its own network, gets an answer.</summary>
internal sealed class UnreachableException(string message, Exception? inner = null) : Exception(message, inner);
