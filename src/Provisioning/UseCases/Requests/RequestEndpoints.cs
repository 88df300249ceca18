using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Endpoints;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Whether the entry points that a proposal would take are free, worded for whoever proposes or decides.</summary>
internal static class RequestEndpoints
{
    /// <summary>Of what the spec names, before anything is rendered.</summary>
    public static Task<IReadOnlyList<FieldProblem>> OfSpecAsync(
        PortalDbContext db,
        Access access,
        ProposeCommand command,
        RequestTarget target,
        CancellationToken cancellationToken
    ) =>
        ProblemsAsync(
            db,
            access,
            command,
            target,
            [.. ManifestEndpoints.Of(target.Spec.Network).Select(n => n.Endpoint)],
            cancellationToken
        );

    /// <summary>Of all that would be applied.</summary>
    public static Task<IReadOnlyList<FieldProblem>> OfManifestAsync(
        PortalDbContext db,
        Access access,
        ProposeCommand command,
        RequestTarget target,
        string manifest,
        CancellationToken cancellationToken
    ) => ProblemsAsync(db, access, command, target, ManifestEndpoints.Of(manifest), cancellationToken);

    /// <summary>Claims them for a request that is recorded in the same transaction.</summary>
    /// <exception cref="InvalidInputException">Another environment has one of them; by field.</exception>
    public static async Task TakeAsync(
        PortalDbContext db,
        Func<Task<Access>> access,
        ProposeCommand command,
        RequestTarget target,
        ChangeRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.Kind == RequestKind.Delete)
        {
            return;
        }

        var taken = await EndpointClaims.TakeAsync(
            db,
            ClaimantOf(request),
            ManifestEndpoints.Of(request.Content.ManifestYaml),
            request.RequestedAt,
            cancellationToken
        );
        if (taken.Count > 0)
        {
            throw new InvalidInputException(await ProblemsAsync(db, await access(), command, target, taken, cancellationToken));
        }
    }

    /// <summary>Makes sure that a request which is decided on still has them.</summary>
    /// <exception cref="ConflictException">Another environment has one of them.</exception>
    public static async Task ConfirmAsync(
        PortalDbContext db,
        Access? access,
        ChangeRequest request,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        if (request.Kind == RequestKind.Delete)
        {
            return;
        }

        var taken = await EndpointClaims.TakeAsync(
            db,
            ClaimantOf(request),
            ManifestEndpoints.Of(request.Content.ManifestYaml),
            now,
            cancellationToken
        );
        if (taken.Count > 0)
        {
            var by = await EndpointClaims.HolderAsync(db, taken[0].By, team => access?.CanRead(team) == true, cancellationToken);
            throw new ConflictException(
                "endpoint-taken",
                $"{taken[0].Wanted} is taken in this cluster by {by}, so {request.EnvironmentName} cannot have it. Reject this request, and ask for a new one."
            );
        }
    }

    private static async Task<IReadOnlyList<FieldProblem>> ProblemsAsync(
        PortalDbContext db,
        Access access,
        ProposeCommand command,
        RequestTarget target,
        IReadOnlyList<Endpoint> wanted,
        CancellationToken cancellationToken
    ) =>
        command.Kind == RequestKind.Delete
            ? []
            : await ProblemsAsync(
                db,
                access,
                command,
                target,
                await EndpointClaims.TakenAsync(db, target.Cluster.Id, target.EnvironmentId, wanted, cancellationToken),
                cancellationToken
            );

    private static async Task<IReadOnlyList<FieldProblem>> ProblemsAsync(
        PortalDbContext db,
        Access access,
        ProposeCommand command,
        RequestTarget target,
        IReadOnlyList<TakenEndpoint> taken,
        CancellationToken cancellationToken
    )
    {
        var named = ManifestEndpoints.Of(target.Spec.Network);
        var problems = new List<FieldProblem>();
        foreach (var (wanted, by) in taken)
        {
            var holder = await EndpointClaims.HolderAsync(db, by, access.CanRead, cancellationToken);
            var wider = by.Value == wanted.Value ? "" : $" with {by.Value}";
            var what = $"{wanted} is taken on {target.Cluster.Name} by {holder}{wider}.";
            var field = named.Where(n => n.Endpoint == wanted).Select(n => n.Field).FirstOrDefault();
            problems.Add(
                command.Kind == RequestKind.Rollback
                    ? new("revision", $"{what} Revision {command.ToRevision} cannot come back while that is so.")
                : field is not null ? new(field, $"{what} Choose another, or have it released there first.")
                : new(
                    "chartVersion",
                    $"{what} Chart {target.Chart.Name} {target.Chart.Version} takes it regardless of the spec; choose another chart version, or another cluster."
                )
            );
        }

        return problems;
    }

    private static Claimant ClaimantOf(ChangeRequest request) => new(request.ClusterId, request.EnvironmentId, request.Id);
}
