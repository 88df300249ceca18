using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Components.Layout;

/// <summary>One place or action that the palette offers.</summary>
/// <param name="Title">What it is, or does.</param>
/// <param name="Kind">What sort of thing that is.</param>
/// <param name="Href">Where it is, or is done.</param>
internal sealed record PaletteItem(string Title, string Kind, string Href)
{
    // Words that say what to do, and not with what: nothing has them as a name.
    private static readonly string[] Verbs =
    [
        "again",
        "approve",
        "back",
        "cancel",
        "change",
        "connect",
        "delete",
        "health",
        "of",
        "reject",
        "retry",
        "roll",
        "rollback",
        "rotate",
        "secret",
        "secrets",
        "stop",
        "take",
        "to",
        "try",
        "upgrade",
    ];

    /// <summary>Whether it is loaded as a document of its own.</summary>
    public bool IsDocument { get; init; }

    /// <summary>Function of the browser that does it; null for what has an address.</summary>
    public string? Script { get; init; }

    /// <summary>Other words for it.</summary>
    public string Also { get; init; } = "";

    /// <summary>Pages, and actions that need no search.</summary>
    public static IEnumerable<PaletteItem> Places(Access? access)
    {
        if (access is { MayPropose: true })
        {
            yield return new PaletteItem("Request a new gateway", "action", PortalUrls.NewRequest) { Also = "create environment" };
            yield return new PaletteItem("Import a values file", "action", PortalUrls.ImportValues) { Also = "helm yaml" };
            yield return new PaletteItem("New shared credential", "action", PortalUrls.NewSharedCredential()) { Also = "create secret" };
        }

        if (access is { IsAdministrator: true })
        {
            yield return new PaletteItem("Approve or reject what waits for me", "action", PortalUrls.Approvals) { Also = "decide" };
            yield return new PaletteItem("Register a cluster", "action", PortalUrls.RegisterCluster()) { Also = "add kubeconfig" };
            yield return new PaletteItem("Register a chart", "action", PortalUrls.RegisterChart) { Also = "add helm version" };
        }

        if (access is { ReadsAll: true })
        {
            yield return new PaletteItem("Verify the history", "action", PortalUrls.VerifyAudit) { Also = "audit chain seals" };
        }

        yield return new PaletteItem("Credentials that are due", "page", PortalUrls.Credentials(state: CredentialState.Due));
        yield return new PaletteItem("Orphaned credentials", "page", PortalUrls.CredentialTab("orphans"));
        yield return new PaletteItem("My requests", "page", PortalUrls.Requests(mine: true));
        foreach (var (title, href, _) in NavMenu.PlacesFor(access))
        {
            yield return new PaletteItem(title, "page", href);
        }

        if (access is not null)
        {
            yield return new PaletteItem("Where I am signed in", "page", PortalUrls.Sessions(access.PersonId)) { Also = "sessions devices" };
        }

        yield return new PaletteItem("API reference", "document", PortalUrls.ApiReference) { IsDocument = true };
        yield return new PaletteItem("Switch between light and dark", "action", "") { Script = "portalTheme.toggle", Also = "theme" };
        yield return new PaletteItem("Sign out", "action", PortalUrls.SignOut) { Script = "portal.signOut", Also = "log out leave" };
    }

    /// <summary>Search results, and what the person may do with them.</summary>
    public static IEnumerable<PaletteItem> Of(Found found, bool withActions) =>
        [
            .. found.Environments.SelectMany(e => Of(e, withActions)),
            .. found.Requests.SelectMany(r => Of(r)),
            .. found.Credentials.SelectMany(c => Of(c)),
        ];

    /// <summary>The words that name something, of all that were typed.</summary>
    public static string Names(string search) =>
        string.Join(
            ' ',
            Words(search).Where(w => w.Length > 1 && !Verbs.Any(v => v.StartsWith(w, StringComparison.OrdinalIgnoreCase)))
        );

    public bool Matches(string search) =>
        Words(search).All(w => $"{Title} {Kind} {Also}".Contains(w, StringComparison.OrdinalIgnoreCase));

    private static string[] Words(string search) => search.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<PaletteItem> Of(FoundEnvironment e, bool withActions)
    {
        yield return new PaletteItem(e.Name, $"environment of {e.Team}", PortalUrls.Environment(e.Id));
        if (!withActions)
        {
            yield break;
        }

        yield return new PaletteItem($"Connect to {e.Name}", "action", PortalUrls.Environment(e.Id, "connect"));
        yield return new PaletteItem($"Secrets of {e.Name}", "page", PortalUrls.Environment(e.Id, "secrets"));
        yield return new PaletteItem($"Health of {e.Name}", "page", PortalUrls.Environment(e.Id, "health"));
        yield return new PaletteItem($"History of {e.Name}", "page", PortalUrls.Audit(environment: e.Id)) { Also = "audit" };
        if (e.Stoppable is { } running)
        {
            yield return new PaletteItem($"Stop what runs in {e.Name}", "action", PortalUrls.Operation(running)) { Also = "cancel operation" };
        }

        if (e.Retryable is { } failed)
        {
            yield return new PaletteItem($"Try again: {e.Name}", "action", PortalUrls.Operation(failed)) { Also = "retry operation" };
        }

        if (e.MayPropose)
        {
            yield return new PaletteItem($"Change {e.Name}", "action", PortalUrls.Change(e.Id)) { Also = "settings size network" };
            yield return new PaletteItem($"Upgrade {e.Name}", "action", PortalUrls.Propose(e.Id, RequestKind.Upgrade)) { Also = "chart" };
            yield return new PaletteItem($"Rotate a secret of {e.Name}", "action", PortalUrls.Propose(e.Id, RequestKind.Rotate));
            yield return new PaletteItem($"Roll back {e.Name}", "action", PortalUrls.Propose(e.Id, RequestKind.Rollback)) { Also = "rollback" };
            yield return new PaletteItem($"Delete {e.Name}", "action", PortalUrls.Propose(e.Id, RequestKind.Delete)) { Also = "remove" };
        }
    }

    private static IEnumerable<PaletteItem> Of(FoundRequest r)
    {
        var what = r.Kind == RequestKind.Rollback ? $"roll back {r.Environment}" : $"{r.Kind.ToString().ToLowerInvariant()} {r.Environment}";
        if (r.MayDecide)
        {
            yield return new PaletteItem($"Approve or reject: {what}", $"action, asked for by {r.By}", PortalUrls.Request(r.Id));
        }
        else if (r.MayTakeBack)
        {
            yield return new PaletteItem($"Take back: {what}", "action", PortalUrls.Request(r.Id)) { Also = "cancel withdraw" };
        }

        yield return new PaletteItem(what, $"request by {r.By}, {r.State.ToString().ToLowerInvariant()}", PortalUrls.Request(r.Id));
    }

    private static IEnumerable<PaletteItem> Of(FoundCredential c)
    {
        var what = c.Name.Length > 0 ? $"{c.Key}, shared as {c.Name}" : $"{c.Key} of {c.Environment}";
        yield return new PaletteItem(what, "credential", PortalUrls.Credential(c.Id));
        if (c.MayRotate)
        {
            var href = c.EnvironmentId is { } environment ? PortalUrls.Rotate(environment, c.Key) : PortalUrls.RotationPlan(c.Id);
            yield return new PaletteItem($"Rotate {what}", "action", href);
        }
    }
}
