namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>When transient failures are tried again.</summary>
public static class RetryPolicy
{
    /// <summary>Attempts in all; about a quarter of an hour, which outlasts a restart of a cluster's API server or of the portal
    /// itself.</summary>
    public const int MaxAttempts = 20;

    private static readonly string[] Doubtful = ["cluster-forbidden", "helm-forbidden"];

    /// <summary>
    /// Whether another attempt can help. An API server that has just started refuses everybody until it has read its roles, so a refusal
    /// for lack of rights is believed only when the next attempt, seconds later, meets it too.
    /// </summary>
    /// <param name="code">Machine word of the failure.</param>
    /// <param name="isTransient">Whether the failure itself says that it can pass.</param>
    /// <param name="codeBefore">Machine word with which the attempt before failed; empty for none.</param>
    /// <param name="attempts">Attempts so far, including this one.</param>
    public static bool TriesAgain(string code, bool isTransient, string codeBefore, int attempts) =>
        attempts < MaxAttempts
        && (isTransient || (Doubtful.Contains(code, StringComparer.Ordinal) && !Doubtful.Contains(codeBefore, StringComparer.Ordinal)));

    /// <summary>2, 4, 8 … seconds, at most a minute; 5 after a refusal that may not be real.</summary>
    public static TimeSpan DelayAfter(int attempts, string code = "") =>
        Doubtful.Contains(code, StringComparer.Ordinal)
            ? TimeSpan.FromSeconds(5)
            : TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, Math.Clamp(attempts, 1, 10))));
}
