namespace Portkey.Portal.Sandbox.Api;

/// <summary>Numbers that the server promises or enforces.</summary>
internal static class ApiLimits
{
    public const string KubernetesVersion = "v1.35.0";

    /// <summary>As large a body as a real API server takes.</summary>
    public const int BodyBytes = 3 * 1024 * 1024;

    /// <summary>Up to here a body is read in order to refuse it: above it the connection is cut.</summary>
    public const int CutBytes = 8 * BodyBytes;

    /// <summary>Deeper JSON or YAML than any real object has.</summary>
    public const int Depth = 100;
}
