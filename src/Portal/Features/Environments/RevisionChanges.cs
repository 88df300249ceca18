using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.Environments;

/// <summary>How one revision differs from an earlier one: chart, versions of secrets, and the spec.</summary>
internal static class RevisionChanges
{
    public static IReadOnlyList<SpecChange> Of(RevisionView before, RevisionView now) =>
        [
            .. before.Chart == now.Chart ? Array.Empty<SpecChange>() : [new SpecChange("Chart", before.Chart, now.Chart)],
            .. SpecChanges.Of(before.Profile, before.Spec, now.Profile, now.Spec),
            .. before
                .SecretVersions.Keys.Union(now.SecretVersions.Keys)
                .Order(StringComparer.Ordinal)
                .Select(k => new SpecChange(
                    k,
                    before.SecretVersions.GetValueOrDefault(k, ""),
                    now.SecretVersions.GetValueOrDefault(k, "")
                ))
                .Where(c => c.Before != c.After),
        ];
}
