using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Search results, with what the person may do about them.</summary>
public sealed record Found(
    IReadOnlyList<FoundEnvironment> Environments,
    IReadOnlyList<FoundRequest> Requests,
    IReadOnlyList<FoundCredential> Credentials
);

/// <summary>An environment that was found.</summary>
public sealed record FoundEnvironment(Guid Id, string Name, string Team, bool MayPropose)
{
    /// <summary>Operation that the person may stop; null where there is none.</summary>
    public Guid? Stoppable { get; init; }

    /// <summary>Operation that failed or was stopped, and that the person may try again; null where there is none.</summary>
    public Guid? Retryable { get; init; }
}

/// <summary>A request that was found.</summary>
public sealed record FoundRequest(
    Guid Id,
    RequestKind Kind,
    RequestState State,
    string Environment,
    string By,
    bool MayDecide,
    bool MayTakeBack
);

/// <summary>A credential that was found.</summary>
/// <param name="Id">Key.</param>
/// <param name="Key">Setting that it feeds.</param>
/// <param name="Name">Name of a shared one; empty for an environment's own.</param>
/// <param name="EnvironmentId">Environment that it belongs to; null for a shared one.</param>
/// <param name="Environment">Its name.</param>
/// <param name="MayRotate">Whether the person may ask for a rotation.</param>
public sealed record FoundCredential(Guid Id, string Key, string Name, Guid? EnvironmentId, string Environment, bool MayRotate);

/// <summary>Searches whatever a person may see.</summary>
public sealed class FindService(UnitOfWork work)
{
    private const int Most = 8;

    /// <summary>The first few of each kind that have all of these words; the newest requests, the others by name.</summary>
    public Task<Found> FindAsync(Caller caller, string text, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var words = text.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return new Found(
                    await EnvironmentsAsync(db, access, words, cancellationToken),
                    await RequestsAsync(db, access, words, cancellationToken),
                    await CredentialsAsync(db, access, words, cancellationToken)
                );
            },
            cancellationToken
        );

    private static async Task<IReadOnlyList<FoundEnvironment>> EnvironmentsAsync(
        PortalDbContext db,
        Access access,
        IReadOnlyList<string> words,
        CancellationToken cancellationToken
    )
    {
        var query = EnvironmentQueries.Filter(db, access, new EnvironmentFilter(Text: string.Join(' ', words)));
        var rows = await query
            .OrderBy(e => e.Name)
            .Take(Most)
            .Select(e => new
            {
                e.Id,
                e.Name,
                e.TeamId,
                Team = e.Team!.Name,
                e.State,
                Running = db
                    .Operations.Where(o => o.EnvironmentId == e.Id && !o.CancelRequested)
                    .Where(o => o.State == OperationState.Queued || o.State == OperationState.Running)
                    .OrderBy(o => o.Sequence)
                    .Select(o => new
                    {
                        o.Id,
                        o.Kind,
                        o.State,
                    })
                    .FirstOrDefault(),
                Last = db
                    .Operations.Where(o => o.EnvironmentId == e.Id)
                    .OrderByDescending(o => o.Sequence)
                    .Select(o => new { o.Id, o.State })
                    .FirstOrDefault(),
            })
            .ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(e =>
            {
                var mayAct = access.CanPropose(e.TeamId);
                return new FoundEnvironment(e.Id, e.Name, e.Team, mayAct && e.State is not EnvironmentState.Deleting)
                {
                    Stoppable = mayAct && e.Running is { } running && OperationViews.IsStoppable(running.Kind, running.State)
                        ? running.Id
                        : null,
                    Retryable = mayAct && e.Last is { } last && OperationViews.IsRetryable(last.State) ? last.Id : null,
                };
            }),
        ];
    }

    private static async Task<IReadOnlyList<FoundRequest>> RequestsAsync(
        PortalDbContext db,
        Access access,
        IReadOnlyList<string> words,
        CancellationToken cancellationToken
    )
    {
        var query = RequestService.Filter(db, access, new RequestFilter());
        foreach (var word in words)
        {
            var kinds = Enum.GetValues<RequestKind>().Where(k => k.ToString().Contains(word, StringComparison.OrdinalIgnoreCase)).ToList();
            query = query.Where(r =>
                r.EnvironmentName.Contains(word)
                || kinds.Contains(r.Kind)
                || db.People.Any(p => p.Id == r.RequestedBy && p.DisplayName.ToLower().Contains(word))
            );
        }

        // What waits comes first; ids are version 7 UUIDs, so they sort by creation.
        var rows = await query
            .OrderByDescending(r => r.State == RequestState.Pending)
            .ThenByDescending(r => r.Id)
            .Take(Most)
            .Select(r => new
            {
                r.Id,
                r.Kind,
                r.State,
                r.EnvironmentName,
                r.RequestedBy,
                By = db.People.Where(p => p.Id == r.RequestedBy).Select(p => p.DisplayName).FirstOrDefault() ?? r.RequestedBy,
                IsPart = db.RotationMembers.Any(m => m.ChangeRequestId == r.Id),
            })
            .ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(r => new FoundRequest(
                r.Id,
                r.Kind,
                r.State,
                r.EnvironmentName,
                r.By,
                !r.IsPart && ApprovalPolicy.WhyNotDecide(access, r.RequestedBy, r.State).Length == 0,
                !r.IsPart && r.State == RequestState.Pending && r.RequestedBy == access.PersonId
            )),
        ];
    }

    private static async Task<IReadOnlyList<FoundCredential>> CredentialsAsync(
        PortalDbContext db,
        Access access,
        IReadOnlyList<string> words,
        CancellationToken cancellationToken
    )
    {
        var filter = new CredentialFilter(Search: string.Join(' ', words));
        var query = CredentialQueries.Filter(db, CredentialQueries.Visible(db, access), filter, DateTime.MinValue);
        var rows = await query
            .OrderBy(r => r.Key)
            .ThenBy(r => r.Id)
            .Take(Most)
            .Select(r => new
            {
                r.Id,
                r.Key,
                r.Name,
                r.EnvironmentId,
                r.TeamId,
                Environment = db.Environments.Where(e => e.Id == r.EnvironmentId).Select(e => e.Name).FirstOrDefault() ?? "",
            })
            .ToListAsync(cancellationToken);
        return
        [
            .. rows.Select(r => new FoundCredential(
                r.Id,
                r.Key,
                r.Name,
                r.EnvironmentId,
                r.Environment,
                r.TeamId is { } team ? access.CanPropose(team) : access.IsAdministrator
            )),
        ];
    }
}
