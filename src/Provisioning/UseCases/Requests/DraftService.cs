using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Reading;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Half-finished requests of the wizard; each person sees only their own. Never holds secret values.</summary>
public sealed class DraftService(UnitOfWork work, TimeProvider time)
{
    /// <summary>Largest draft, characters.</summary>
    public const int MaxLength = 200_000;

    /// <summary>Saves; null id makes a new one. Answers with the id.</summary>
    public Task<Guid> SaveAsync(Caller caller, Guid? id, string json, CancellationToken cancellationToken) =>
        work.WriteAsync(
            async db =>
            {
                await PeopleService.RequireAsync(db, caller, cancellationToken);
                if (json.Length > MaxLength)
                {
                    throw new InvalidInputException("draft", $"The draft has {json.Length} characters; at most {MaxLength} are allowed.");
                }

                var draft = id is null
                    ? null
                    : await db.Drafts.FirstOrDefaultAsync(d => d.Id == id && d.PersonId == caller.PersonId, cancellationToken);
                if (draft is null)
                {
                    draft = new Draft
                    {
                        PersonId = caller.PersonId,
                        Json = json,
                        UpdatedAt = default,
                    };
                    db.Drafts.Add(draft);
                }

                draft.Json = json;
                draft.UpdatedAt = time.GetUtcNow().UtcDateTime;
                return draft.Id;
            },
            cancellationToken
        );

    /// <summary>JSON of one draft, null when there is none.</summary>
    public Task<string?> LoadAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.ReadAsync(
            db =>
                db.Drafts.Where(d => d.Id == id && d.PersonId == caller.PersonId)
                    .Select(d => d.Json)
                    .FirstOrDefaultAsync(cancellationToken),
            cancellationToken
        );

    /// <summary>The caller's drafts, newest first, at most 20.</summary>
    public Task<IReadOnlyList<DraftRow>> ListAsync(Caller caller, CancellationToken cancellationToken) =>
        work.ReadAsync<IReadOnlyList<DraftRow>>(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var rows = (
                    await db
                        .Drafts.AsNoTracking()
                        .Where(d => d.PersonId == caller.PersonId)
                        .OrderByDescending(d => d.UpdatedAt)
                        .Take(20)
                        .ToListAsync(cancellationToken)
                ).ConvertAll(d => (Draft: d, About: About.Of(d.Json)));
                var ids = rows.Select(r => r.About.EnvironmentId).OfType<Guid>().ToList();
                var names = await db
                    .Environments.Where(e => ids.Contains(e.Id))
                    .Select(e => new
                    {
                        e.Id,
                        e.Name,
                        e.TeamId,
                    })
                    .ToListAsync(cancellationToken);
                return
                [
                    .. rows.Select(r => new DraftRow(
                        r.Draft.Id,
                        r.About.EnvironmentId is not null,
                        names.Find(n => n.Id == r.About.EnvironmentId && access.CanRead(n.TeamId))?.Name ?? r.About.Name,
                        r.About.Team,
                        r.Draft.UpdatedAt
                    )),
                ];
            },
            cancellationToken
        );

    /// <summary>Deletes one.</summary>
    public Task DeleteAsync(Caller caller, Guid id, CancellationToken cancellationToken) =>
        work.WriteAsync(
            db => db.Drafts.Where(d => d.Id == id && d.PersonId == caller.PersonId).ExecuteDeleteAsync(cancellationToken),
            cancellationToken
        );

    // A draft's row in a list. One that can no longer be read has no name, and can still be deleted.
    private sealed record About(string Name, string Team, Guid? EnvironmentId)
    {
        public static About Of(string json)
        {
            try
            {
                using var document = BoundedJson.Document(json, ReadLimits.Stored);
                return document.RootElement.ValueKind == JsonValueKind.Object
                    ? new About(
                        Text(document.RootElement, "name"),
                        Text(document.RootElement, "team"),
                        Guid.TryParse(Text(document.RootElement, "environmentId"), out var id) ? id : null
                    )
                    : new About("", "", null);
            }
            catch (Exception e) when (e is JsonException or UnreadableException)
            {
                return new About("", "", null);
            }
        }

        private static string Text(JsonElement of, string name) =>
            of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }
}

/// <summary>A draft in a list.</summary>
/// <param name="Id">Key.</param>
/// <param name="IsChange">Whether it is about an environment that exists.</param>
/// <param name="Name">Name of the environment; empty where none was given yet, or where the person may not see it any more.</param>
/// <param name="Team">Team of a new environment; empty for a change.</param>
/// <param name="UpdatedAt">When it was last saved, UTC.</param>
public sealed record DraftRow(Guid Id, bool IsChange, string Name, string Team, DateTime UpdatedAt);
