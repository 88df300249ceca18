using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Catalog;

/// <summary>A rough monthly cost, so that a choice of size has a price beside it. It scales the profile's figure with the pods asked for.</summary>
public static class CostEstimate
{
    /// <summary>US dollars a month.</summary>
    public static int Monthly(Profile profile, int pods) => (int)Math.Round((double)profile.MonthlyCostUsd * Math.Max(pods, 1) / profile.Replicas, MidpointRounding.AwayFromZero);
}
