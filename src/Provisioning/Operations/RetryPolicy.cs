namespace Portkey.Portal.Provisioning.Operations;

/// <summary>When what can pass is tried again.</summary>
public static class RetryPolicy
{
    /// <summary>Attempts in all; about a quarter of an hour, which outlasts a restart of a cluster's API server or of the portal itself.</summary>
    public const int MaxAttempts = 20;

    /// <summary>2, 4, 8 … seconds, at most a minute.</summary>
    public static TimeSpan DelayAfter(int attempts) => TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, Math.Clamp(attempts, 1, 10))));
}
