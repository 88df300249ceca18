using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Requests;

/// <summary>Half-finished requests of the wizard; each person sees only their own. Never holds secret values.</summary>
public sealed class DraftService
{
    /// <summary>Saves; null id makes a new one. Answers with the id.</summary>
    public Task<Guid> SaveAsync(Caller caller, Guid? id, string json, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>JSON of one draft, null when there is none.</summary>
    public Task<string?> LoadAsync(Caller caller, Guid id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The caller's drafts, newest first, at most 20.</summary>
    public Task<IReadOnlyList<DraftRow>> ListAsync(Caller caller, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Throws one away.</summary>
    public Task DeleteAsync(Caller caller, Guid id, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>A draft in a list.</summary>
public sealed record DraftRow(Guid Id, string Json, DateTime UpdatedAt);
