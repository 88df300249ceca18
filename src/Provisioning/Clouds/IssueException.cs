namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>A new value could not be made, or an old one not taken back. The message is for people and holds nothing secret.</summary>
/// <param name="code">Machine word, stable.</param>
/// <param name="message">What, why, what to do.</param>
/// <param name="isTransient">Whether the same call may succeed later without any change.</param>
public sealed class IssueException(string code, string message, bool isTransient = false) : Exception(message)
{
    /// <summary>Machine word, stable.</summary>
    public string Code { get; } = code;

    /// <summary>Whether the same call may succeed later without any change.</summary>
    public bool IsTransient { get; } = isTransient;
}
