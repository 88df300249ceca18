using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Requests;
using Portkey.Portal.Provisioning.Teams;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Components.Layout;

/// <summary>One place or action that the palette offers.</summary>
internal sealed record PaletteItem(string Title, string Kind, string Href)
{
    public static IEnumerable<PaletteItem> Places(Access? access)
    {
        if (access is { Teams.Count: > 0 } or { IsAdministrator: true })
        {
            yield return new PaletteItem("Request a new gateway", "action", PortalUrls.NewRequest);
        }

        yield return new PaletteItem("Credentials that are due", "page", PortalUrls.Credentials(state: Provisioning.Credentials.CredentialState.Due));
        yield return new PaletteItem("Orphaned credentials", "page", PortalUrls.CredentialTab("orphans"));
        foreach (var (title, href, _) in NavMenu.PlacesFor(access))
        {
            yield return new PaletteItem(title, "page", href);
        }
    }

    /// <summary>The environment, and once it is searched for by name also what can be done with it.</summary>
    public static IEnumerable<PaletteItem> Of(EnvironmentRow row, string search)
    {
        yield return new PaletteItem(row.Name, $"environment of {row.Team}", PortalUrls.Environment(row.Id));
        if (search.Length >= 2)
        {
            yield return new PaletteItem($"Connect to {row.Name}", "action", PortalUrls.Environment(row.Id, "connect"));
            yield return new PaletteItem($"Secrets of {row.Name}", "action", PortalUrls.Environment(row.Id, "secrets"));
            yield return new PaletteItem($"Roll back {row.Name}", "action", PortalUrls.Environment(row.Id, "releases"));
        }
    }

    public static PaletteItem Of(RequestRow row) =>
        new($"{row.Kind} {row.EnvironmentName}", $"request by {row.RequestedByName}", PortalUrls.Request(row.Id));

    public bool Matches(string search) => Title.Contains(search, StringComparison.OrdinalIgnoreCase);
}
