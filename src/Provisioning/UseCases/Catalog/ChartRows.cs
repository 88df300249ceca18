using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

internal static class ChartRows
{
    /// <summary>Open-source gateway that the portal asks for by default: charts of this family carry the enterprise version as
    /// appVersion.</summary>
    public const string OssImageTag = "1.15.2";

    /// <summary>Why no new request may name a retired chart, with what may be done.</summary>
    public static string WhyRetired(ChartVersion c) =>
        $"Chart {c.Name} {c.Version} was retired: {c.RetiredReason.TrimEnd('.')}. Choose another version; GET /api/v1/charts lists them.";

    public static ChartView View(ChartVersion c) =>
        new(
            c.Id,
            c.Edition,
            c.Source,
            ChartLocation.Shown(c.Source, c.Location),
            c.Name,
            c.Version,
            c.AppVersion,
            c.Digest,
            c.ImageTag,
            c.IsDefault,
            c.SettingsJson.Length == 0
                ? [.. SettingsCatalog.All.Where(s => s.AppliesTo(c.Edition)).Select(s => s.Key)]
                : PortalJson.Read<List<string>>(c.SettingsJson),
            c.PodSecurityWaiver,
            c.RegisteredAt,
            c.RegisteredBy
        )
        {
            DependsOn = c.DependsOnJson.Length == 0 ? [] : PortalJson.Read<List<string>>(c.DependsOnJson),
            PinnedImage = ImageVersions.Of(c.Edition, c.ImageTag),
            RetiredAt = c.RetiredAt,
            RetiredBy = c.RetiredBy,
            RetiredReason = c.RetiredReason,
            NewerImages = ImageVersions.NewerThan(c.Edition, c.ImageTag),
        };

    public static ChartVersion Of(
        Edition edition,
        ChartSource source,
        string location,
        ResolvedChart chart,
        ChartFacts facts,
        string personId,
        DateTime now,
        string waiver = ""
    ) =>
        new()
        {
            Edition = edition,
            Source = source,
            Location = location,
            Name = chart.Name,
            Version = chart.Version,
            AppVersion = chart.AppVersion,
            Digest = chart.Digest,
            ImageTag = edition == Edition.Oss ? OssImageTag : chart.AppVersion,
            SettingsJson = PortalJson.Write(
                SettingsCatalog
                    .All.Where(s => s.AppliesTo(edition) && (s.SentAs != SentAs.Env || facts.AcceptsSetting(s.Key, s.View.Since)))
                    .Select(s => s.Key)
            ),
            DependsOnJson = PortalJson.Write(ChartDependence.Of(chart.Path)),
            PodSecurityWaiver = waiver,
            RegisteredAt = now,
            RegisteredBy = personId,
        };
}
