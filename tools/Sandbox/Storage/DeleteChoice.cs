namespace Portkey.Portal.Sandbox.Storage;

/// <summary>What happens to the objects that an object owns when it is deleted.</summary>
internal enum Propagation
{
    /// <summary>The owner goes at once, the collector removes its dependents afterwards.</summary>
    Background,

    /// <summary>The owner stays, marked, until its dependents are gone.</summary>
    Foreground,

    /// <summary>The dependents stay and forget their owner.</summary>
    Orphan,
}

/// <summary>How to delete: propagation, grace and the preconditions that must hold.</summary>
internal sealed record DeleteChoice(
    Propagation Propagation = Propagation.Background,
    long? GracePeriodSeconds = null,
    string? Uid = null,
    string? ResourceVersion = null,
    bool DryRun = false
)
{
    public static DeleteChoice Default { get; } = new();

    /// <summary>Removes a pod at once: what the kubelet says when its containers have ended.</summary>
    public static DeleteChoice Now { get; } = new(GracePeriodSeconds: 0);
}
