using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Health;

/// <summary>Turns what was seen into a verdict. Pure.</summary>
public static class HealthVerdict
{
    /// <summary>Judges.</summary>
    /// <param name="observation">What was seen; null when nobody could look.</param>
    /// <param name="probe">The gateway's own answer; null when it was not asked.</param>
    /// <returns>Verdict and one sentence that says why.</returns>
    public static (HealthStatus Status, string Reason) Judge(EnvironmentObservation? observation, ProbeResult? probe) => throw new NotSupportedException($"{observation} {probe}");
}
