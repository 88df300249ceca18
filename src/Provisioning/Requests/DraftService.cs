using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Teams;

namespace Portkey.Portal.Provisioning.Requests;

/// <summary>Half-finished requests of the wizard; each person sees only their own. Never holds secret values.</summary>
public sealed class DraftService(UnitOfWork work, TimeProvider time)
{
    /// <summary>Largest draft, characters.</summary>
    public const int MaxLength = 200_000;

    /// <summary>Saves; null id makes a new one. Answers with the id.</summary>
    public Task<Guid> SaveAsync(Caller caller, Guid? id, string json, CancellationToken cancellationToken) => work.WriteAsync(
        async db =>
        {
            await PeopleService.RequireAsync(db, caller, cancellationToken);
            if (json.Length > MaxLength)
            {
                throw new InvalidInputException("draft", $"The draft has {json.Length} characters; at most {MaxLength} are allowed.");
            }

            var draft = id is null ? null : await db.Drafts.FirstOrDefaultAsync(d => d.Id == id && d.PersonId == caller.PersonId, cancellationToken);
            if (draft is null)
            {
                draft = new Draft { PersonId = caller.PersonId, Json = json, UpdatedAt = default };
                db.Drafts.Add(draft);
            }

            draft.Json = json;
            draft.UpdatedAt = time.GetUtcNow().UtcDateTime;
            return draft.Id;
        },
        cancellationToken);

    /// <summary>JSON of one draft, null when there is none.</summary>
    public Task<string?> LoadAsync(Caller caller, Guid id, CancellationToken cancellationToken) => work.ReadAsync(
        db => db.Drafts.Where(d => d.Id == id && d.PersonId == caller.PersonId).Select(d => d.Json).FirstOrDefaultAsync(cancellationToken),
        cancellationToken);

    /// <summary>The caller's drafts, newest first, at most 20.</summary>
    public Task<IReadOnlyList<DraftRow>> ListAsync(Caller caller, CancellationToken cancellationToken) => work.ReadAsync<IReadOnlyList<DraftRow>>(
        async db => await db.Drafts.Where(d => d.PersonId == caller.PersonId).OrderByDescending(d => d.UpdatedAt).Take(20)
            .Select(d => new DraftRow(d.Id, d.Json, d.UpdatedAt)).ToListAsync(cancellationToken),
        cancellationToken);

    /// <summary>Throws one away.</summary>
    public Task DeleteAsync(Caller caller, Guid id, CancellationToken cancellationToken) => work.WriteAsync(
        db => db.Drafts.Where(d => d.Id == id && d.PersonId == caller.PersonId).ExecuteDeleteAsync(cancellationToken),
        cancellationToken);
}

/// <summary>A draft in a list.</summary>
public sealed record DraftRow(Guid Id, string Json, DateTime UpdatedAt);
