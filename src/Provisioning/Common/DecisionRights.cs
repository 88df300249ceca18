namespace Portkey.Portal.Provisioning.Common;

/// <summary>What the caller may do with a request now; the service checks again.</summary>
/// <param name="Decide">May approve or reject.</param>
/// <param name="Cancel">May take it back.</param>
/// <param name="WhyNotDecide">Why not, for people; empty when they may.</param>
public sealed record DecisionRights(bool Decide, bool Cancel, string WhyNotDecide);
