namespace Portkey.Portal.Provisioning.Common;

/// <summary>Why this process must not start, and how to mend it.</summary>
public sealed class StartRefusedException : Exception
{
    /// <summary>Makes it.</summary>
    public StartRefusedException(string message, Exception? cause = null)
        : base(message, cause) { }
}
