using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Requests again what was rejected or taken back. Values of secrets must be given again.</summary>
public sealed class AskAgain(UnitOfWork work, RequestService requests, DraftService drafts)
{
    private const int MaxReason = 1000;

    /// <summary>Whether it is what the wizard fills in; everything else is asked for as it was.</summary>
    public static bool IsForWizard(RequestKind kind) => kind is RequestKind.Create or RequestKind.Change;

    /// <summary>The reason that was given, with why it was rejected: whoever decides next should know.</summary>
    public static string ReasonOf(RequestView request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var no = request.Decisions.LastOrDefault(d => d.Decision == Decision.Reject);
        var again = no is null ? "" : $"Asked again; {no.ByName} rejected it before: “{no.Reason}”";
        var room = MaxReason - again.Length - 1;
        return again.Length == 0 ? Cut(request.Reason, MaxReason)
            : room <= 0 ? Cut(again, MaxReason)
            : $"{Cut(request.Reason, room)}\n{again}".TrimStart();
    }

    /// <summary>A draft of the wizard with everything that was asked for; answers with its id.</summary>
    public async Task<Guid> DraftAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var (request, view) = await FindAsync(caller, id, cancellationToken);
        var isNew = request.Kind == RequestKind.Create;
        return await drafts.SaveAsync(
            caller,
            id: null,
            PortalJson.Write(
                new
                {
                    kind = request.Kind,
                    environmentId = isNew ? (Guid?)null : request.EnvironmentId,
                    team = isNew ? view.Team : null,
                    name = isNew ? request.EnvironmentName : null,
                    cluster = isNew ? view.Cluster : null,
                    profile = request.Content.Profile,
                    chartVersion = isNew ? request.Content.ChartVersion!.Version : null,
                    spec = view.Spec,
                    reason = ReasonOf(view),
                    replace = await NewSecretsAsync(request, view.Spec, cancellationToken),
                }
            ),
            cancellationToken
        );
    }

    /// <summary>Asks for exactly the same; answers with the new request's id.</summary>
    public async Task<Guid> ProposeAsync(
        Caller caller,
        Guid id,
        string reason,
        string idempotencyKey,
        CancellationToken cancellationToken
    )
    {
        var (request, _) = await FindAsync(caller, id, cancellationToken);
        var made = await requests.ProposeAsync(
            caller,
            new ProposeCommand
            {
                Kind = request.Kind,
                EnvironmentId = request.EnvironmentId,
                ChartVersion = request.Kind == RequestKind.Upgrade ? request.Content.ChartVersion!.Version : null,
                RotateKey = request.Kind == RequestKind.Rotate ? await RotatedAsync(request, cancellationToken) : null,
                ToRevision =
                    request.Kind == RequestKind.Rollback
                        ? await work.ReadAsync(db => RequestService.RolledBackToAsync(db, request, cancellationToken), cancellationToken)
                        : null,
                Reason = reason,
                IdempotencyKey = idempotencyKey,
            },
            cancellationToken
        );
        return made.Id;
    }

    private async Task<(ChangeRequest Request, RequestView View)> FindAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        var view = await requests.GetAsync(caller, id, cancellationToken);
        if (!view.MayAskAgain)
        {
            throw new ConflictException(
                "cannot-ask-again",
                view.State is RequestState.Rejected or RequestState.Cancelled
                    ? "Only its team and administrators can ask for it again, and not for one part of a rotation."
                    : $"The request is {view.State.ToString().ToLowerInvariant()}; only one that was rejected or taken back can be asked for again."
            );
        }

        var request = await work.ReadAsync(
            async db =>
                await RequestService.FindAsync(db, await PeopleService.RequireAsync(db, caller, cancellationToken), id, cancellationToken),
            cancellationToken
        );
        return (request, view);
    }

    // Those whose value came with the request; what a shared credential or the environment itself has is not typed again.
    private async Task<IReadOnlyList<string>> NewSecretsAsync(
        ChangeRequest request,
        EnvironmentSpec spec,
        CancellationToken cancellationToken
    ) => [.. (await ChangedPinsAsync(request, cancellationToken)).Where(k => spec.SharedSecrets?.ContainsKey(k) != true)];

    private async Task<string?> RotatedAsync(ChangeRequest request, CancellationToken cancellationToken) =>
        (await ChangedPinsAsync(request, cancellationToken)) is [var key] ? key : null;

    private async Task<IReadOnlyList<string>> ChangedPinsAsync(ChangeRequest request, CancellationToken cancellationToken)
    {
        var before = await work.ReadAsync(
            async db =>
                await db
                    .Revisions.WithSecrets()
                    .FirstOrDefaultAsync(
                        r => r.EnvironmentId == request.EnvironmentId && r.Number == request.BaseRevision,
                        cancellationToken
                    )
                    is { } revision
                    ? SecretPins.Versions(revision.Secrets)
                    : new Dictionary<string, string>(),
            cancellationToken
        );
        return
        [
            .. SecretPins
                .Versions(request.Secrets)
                .Where(p => before.GetValueOrDefault(p.Key) != p.Value)
                .Select(p => p.Key)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "…";
}
