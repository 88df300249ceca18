using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.Audit;

/// <summary>What an event is about: in words, and where it is.</summary>
internal static class AuditTargets
{
    /// <summary>Name of it, such as <c>create payments-dev</c>.</summary>
    public static string Name(AuditEventView e) =>
        e.TargetName.Length == 0 ? e.TargetId
        : e.TargetName.StartsWith("rollback ", StringComparison.Ordinal) ? "roll back " + e.TargetName["rollback ".Length..]
        : e.TargetName;

    /// <summary>Its page; null where it has none.</summary>
    public static string? Href(AuditEventView e) =>
        (e.TargetKind, Guid.TryParse(e.TargetId, out var id)) switch
        {
            ("request", true) => PortalUrls.Request(id),
            ("operation", true) => PortalUrls.Operation(id),
            ("environment", true) => PortalUrls.Environment(id),
            ("rotation", true) => PortalUrls.Rotation(id),
            ("change", true) => PortalUrls.ChangeOf(id),
            ("credential", true) => PortalUrls.Credential(id),
            ("secret", _) when e is { EnvironmentId: { } environment, EnvironmentName.Length: > 0 } => PortalUrls.Environment(
                environment,
                "secrets"
            ),
            ("secret", _) => PortalUrls.CredentialList,
            ("cluster", _) => PortalUrls.Cluster(e.TargetName),
            ("chart", _) => PortalUrls.ChartList,
            ("session", _) => PortalUrls.Sessions(e.TargetName),
            ("key" or "seals", _) => PortalUrls.About,
            _ => null,
        };
}
