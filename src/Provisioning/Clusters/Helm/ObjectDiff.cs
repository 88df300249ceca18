namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Difference of one Kubernetes object.</summary>
public sealed record ObjectDiff(string Kind, string Name, DiffChange Change, IReadOnlyList<DiffLine> Lines);

/// <summary>Kind of difference.</summary>
public enum DiffChange
{
    /// <summary>New.</summary>
    Added,

    /// <summary>Different.</summary>
    Changed,

    /// <summary>Gone.</summary>
    Removed,

    /// <summary>Same.</summary>
    Unchanged,
}

/// <summary>One line of a difference.</summary>
public sealed record DiffLine(DiffChange Change, string Text);
