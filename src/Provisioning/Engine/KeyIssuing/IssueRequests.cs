using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>Says that somebody waits for a new value; the reconciler rings for whatever was missed.</summary>
public sealed class IssueSignal : WorkSignal;

/// <summary>Result of asking for a new value.</summary>
/// <param name="Version">Version that was stored, such as <c>v4</c>; empty while it is being made.</param>
/// <param name="UnderWay">Whether it is still being made; it continues by itself.</param>
public sealed record IssueView(string Version, bool UnderWay);

/// <summary>
/// Takes requests for new values. Making one needs secrets that only workers may read, so a request is a row, and the requester waits a
/// while for the result.
/// </summary>
public sealed class IssueRequests(UnitOfWork work, IssueSignal signal, LiveUpdates live, TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(150);

    /// <summary>How long it waits before it says that the value is still being made.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Has a new value made and stored as a new version; nothing uses it before a rotation is approved.</summary>
    /// <exception cref="ConflictException">It could not be made; the code says why.</exception>
    public async Task<IssueView> IssueAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var request = await work.WriteAsync(
            async db =>
            {
                var (reference, access) = await CredentialService.FindAsync(db, caller, id, cancellationToken);
                CredentialRules.RequireManage(access, reference);
                if (reference.Provider.Length == 0)
                {
                    throw new ConflictException(
                        "no-provider",
                        $"Nothing can make new values of {reference.Key}: set a provider first, or store a value yourself."
                    );
                }

                if (await WaitingAsync(db, id, cancellationToken) is { } waiting)
                {
                    return waiting.Id; // a double click: both wait for the same one
                }

                await CredentialStamp.RenewAsync(db, reference, cancellationToken);
                var wanted = new IssueRequest
                {
                    SecretReferenceId = id,
                    RequestedBy = caller.PersonId,
                    RequestedAt = time.GetUtcNow().UtcDateTime,
                    SourceAddress = caller.SourceAddress,
                    CorrelationId = caller.CorrelationId,
                };
                db.IssueRequests.Add(wanted);
                return wanted.Id;
            },
            cancellationToken
        );
        signal.Ring();
        live.Publish(id);
        return await WaitAsync(request, cancellationToken);
    }

    /// <summary>For a rotation that brings a new value: has one made, unless one already waits to be used. What is wrong with the rotation
    /// itself, the rotation says.</summary>
    /// <exception cref="ConflictException">It could not be made, or is still being made.</exception>
    public async Task ForRotationAsync(Caller caller, Guid environment, string key, CancellationToken cancellationToken)
    {
        var wanted = await work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var found = await db
                    .SecretReferences.AsNoTracking()
                    .Include(r => r.Versions)
                    .FirstOrDefaultAsync(r => r.EnvironmentId == environment && r.Key == key, cancellationToken);
                if (found is null || CredentialRules.WhyNotManage(access, found.TeamId).Length > 0)
                {
                    return null;
                }

                if (found.Provider.Length == 0)
                {
                    throw new InvalidInputException(
                        "issue",
                        $"Nothing can make new values of {key}: set a provider first, or store a value and leave this out."
                    );
                }

                var current = found.Versions.Where(v => v.State == SecretVersionState.Current).Select(v => v.Number).DefaultIfEmpty().Max();
                var isMade = found.Versions.Any(v =>
                    v.ProviderMark is not null && v.Number > current && v.State == SecretVersionState.Pending
                );
                return isMade || await OpenRotations.FindAsync(db, found, current, cancellationToken) is not null ? null : found;
            },
            cancellationToken
        );
        if (wanted is not null && (await IssueAsync(caller, wanted.Id, cancellationToken)).UnderWay)
        {
            throw new ConflictException(
                "issuing",
                $"The new value of {key} is still being made. Ask for the rotation again in a minute; it will take that value."
            );
        }
    }

    /// <summary>The request for a new value of a credential that waits; null for none.</summary>
    internal static Task<IssueRequest?> WaitingAsync(PortalDbContext db, Guid credential, CancellationToken cancellationToken) =>
        Waiting(db, credential).FirstOrDefaultAsync(cancellationToken);

    /// <summary>The same as a query.</summary>
    internal static IQueryable<IssueRequest> Waiting(PortalDbContext db, Guid credential) =>
        db.IssueRequests.Where(r => r.SecretReferenceId == credential && r.EndedAt == null);

    /// <summary>Ends a request within the caller's transaction, unless it ended already; per credential the last that ended is
    /// kept.</summary>
    /// <param name="db">Context.</param>
    /// <param name="credential">Credential.</param>
    /// <param name="request">Request.</param>
    /// <param name="number">Version that was stored; null when it failed.</param>
    /// <param name="failure">Machine word and reason; empty when it worked.</param>
    /// <param name="now">UTC.</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal static async Task EndAsync(
        PortalDbContext db,
        Guid credential,
        Guid request,
        int? number,
        (string Code, string Message) failure,
        DateTime now,
        CancellationToken cancellationToken
    )
    {
        var ended = await db
            .IssueRequests.Where(r => r.Id == request && r.EndedAt == null)
            .ExecuteUpdateAsync(
                s =>
                    s.SetProperty(r => r.EndedAt, now)
                        .SetProperty(r => r.Number, number)
                        .SetProperty(r => r.Code, failure.Code)
                        .SetProperty(r => r.Message, failure.Message),
                cancellationToken
            );
        if (ended > 0)
        {
            await db
                .IssueRequests.Where(r => r.SecretReferenceId == credential && r.EndedAt != null && r.Id != request)
                .ExecuteDeleteAsync(cancellationToken);
        }
    }

    private async Task<IssueView> WaitAsync(Guid request, CancellationToken cancellationToken)
    {
        var until = time.GetTimestamp();
        while (true)
        {
            if (
                await work.ReadAsync(
                    db => db.IssueRequests.FirstOrDefaultAsync(r => r.Id == request && r.EndedAt != null, cancellationToken),
                    cancellationToken
                ) is
                { } ended
            )
            {
                return ended.Number is { } number
                    ? new IssueView($"v{number}", UnderWay: false)
                    : throw new ConflictException(ended.Code, ended.Message);
            }

            if (time.GetElapsedTime(until) >= Patience)
            {
                return new IssueView("", UnderWay: true);
            }

            await Task.Delay(Between, time, cancellationToken);
        }
    }
}
