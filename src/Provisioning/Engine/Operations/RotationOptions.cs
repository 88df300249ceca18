namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>How careful a rotation is, section <c>Portal:Rotation</c>.</summary>
public sealed class RotationOptions
{
    /// <summary>Section name.</summary>
    public const string Section = "Portal:Rotation";

    /// <summary>
    /// Seconds for which the new version serves before the old one is disabled. Gateways may hold what they have fetched with the old one
    /// for up to five minutes, and Portkey's control plane gives no grace (deployment guide), so the default is six.
    /// </summary>
    public int SoakSeconds { get; set; } = 360;

    /// <summary>
    /// Whether the old version is disabled even if the new one could not be tried on its store, because the portal cannot reach it. For
    /// portals outside the gateways' network; the gateway's own answer is all the proof then.
    /// </summary>
    public bool AcceptUnproven { get; set; }
}
