namespace Portkey.Portal.Shared;

/// <summary>How a test wants the portal started; the default is what ./run does, without a cluster.</summary>
public sealed record PortalOptions
{
    /// <summary>Kept after the test when given; a temporary folder otherwise.</summary>
    public string? DataFolder { get; init; }

    /// <summary>A sandbox's kubeconfig, or none for a portal that has no cluster yet.</summary>
    public string? Kubeconfig { get; init; }

    public string? HelmPath { get; init; }

    public string Environment { get; init; } = "Development";

    /// <summary>More configuration, for example <c>Portal__Database__Provider</c>; a null value removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Variables { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);
}
