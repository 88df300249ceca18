namespace Portkey.Portal.Provisioning.Common;

/// <summary>Counts in words: <c>1 pod</c>, <c>2 pods</c>.</summary>
public static class Plural
{
    /// <summary>A count and what is counted.</summary>
    /// <param name="count">How many.</param>
    /// <param name="one">One of them.</param>
    /// <param name="many">Many of them; null where an s is all that differs.</param>
    public static string Of(int count, string one, string? many = null) => $"{count} {Word(count, one, many)}";

    /// <summary>What is counted, without the count.</summary>
    public static string Word(int count, string one, string? many = null) => count == 1 ? one : many ?? one + "s";
}
