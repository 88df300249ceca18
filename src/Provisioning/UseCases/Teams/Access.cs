namespace Portkey.Portal.Provisioning.UseCases.Teams;

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

    /// <summary>May propose for this team: its members, and administrators.</summary>
    public bool CanPropose(Guid teamId) => IsAdministrator || IsMember(teamId);

    /// <summary>May propose for some team.</summary>
    public bool MayPropose => IsAdministrator || Teams.Count > 0;

    internal IReadOnlyList<Guid> TeamIds => [.. Teams.Select(t => t.Id)];
}

/// <summary>A team.</summary>
public sealed record TeamView(Guid Id, string Name, string DisplayName);
