namespace Portkey.Portal.Provisioning.Teams;

/// <summary>Who someone is right now.</summary>
/// <param name="PersonId">Subject.</param>
/// <param name="DisplayName">Name.</param>
/// <param name="IsAdministrator">Administrator.</param>
/// <param name="IsAuditor">Auditor.</param>
/// <param name="Teams">Teams the person is on.</param>
public sealed record Access(string PersonId, string DisplayName, bool IsAdministrator, bool IsAuditor, IReadOnlyList<TeamView> Teams)
{
    /// <summary>May read everything.</summary>
    public bool ReadsAll => IsAdministrator || IsAuditor;

    /// <summary>May read what this team owns.</summary>
    public bool CanRead(Guid teamId) => ReadsAll || IsMember(teamId);

    /// <summary>Is on this team.</summary>
    public bool IsMember(Guid teamId) => Teams.Any(t => t.Id == teamId);
}

/// <summary>A team.</summary>
public sealed record TeamView(Guid Id, string Name, string DisplayName);

/// <summary>People and their current roles.</summary>
public sealed class PeopleService
{
    /// <summary>Current access; null for someone unknown or disabled.</summary>
    public Task<Access?> FindAsync(string personId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Writes down what the identity provider said at sign-in: new people come with no team.</summary>
    public Task RecordSignInAsync(string personId, string displayName, bool isAdministrator, bool isAuditor, CancellationToken cancellationToken) => throw new NotImplementedException();
}
