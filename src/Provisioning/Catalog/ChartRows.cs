using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Helm;

namespace Portkey.Portal.Provisioning.Catalog;

internal static class ChartRows
{
    /// <summary>Open-source gateway that the portal asks for by default: charts of this family carry the enterprise version as appVersion.</summary>
    public const string OssImageTag = "1.15.2";

    public static ChartVersion Of(Edition edition, ChartSource source, string location, ResolvedChart chart, string personId, DateTime now) => new()
    {
        Edition = edition,
        Source = source,
        Location = location,
        Name = chart.Name,
        Version = chart.Version,
        AppVersion = chart.AppVersion,
        Digest = chart.Digest,
        ImageTag = edition == Edition.Oss ? OssImageTag : chart.AppVersion,
        RegisteredAt = now,
        RegisteredBy = personId,
    };
}
