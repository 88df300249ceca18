namespace Portkey.Portal.Data;

/// <summary>People who own environments together.</summary>
public sealed class Team
{
    /// <summary>Key.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <summary>DNS label, unique; part of every namespace of the team.</summary>
    public required string Name { get; init; }

    /// <summary>What people read.</summary>
    public required string DisplayName { get; set; }

    /// <summary>Who belongs to it.</summary>
    public ICollection<TeamMember> Members { get; } = [];
}

/// <summary>One person's place in one team.</summary>
public sealed class TeamMember
{
    /// <summary>The team.</summary>
    public required Guid TeamId { get; init; }

    /// <summary>The person.</summary>
    public required string PersonId { get; init; }

    /// <summary>Navigation.</summary>
    public Team? Team { get; init; }

    /// <summary>Navigation.</summary>
    public Person? Person { get; init; }
}

/// <summary>Someone who has signed in, or a persona of Development mode. Roles here are the current ones: every command reads them
/// again.</summary>
public sealed class Person
{
    /// <summary>Stable subject: the persona's name, or the Entra object id.</summary>
    public required string Id { get; init; }

    /// <summary>What people read.</summary>
    public required string DisplayName { get; set; }

    /// <summary>May approve, register clusters and charts, and rotate.</summary>
    public bool IsAdministrator { get; set; }

    /// <summary>May read everything, change nothing.</summary>
    public bool IsAuditor { get; set; }

    /// <summary>False removes every right at once.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>UTC time they first signed in, with a session or a token; null for a row that nobody has used yet.</summary>
    public DateTime? FirstSeenAt { get; set; }

    /// <summary>Teams.</summary>
    public ICollection<TeamMember> Teams { get; } = [];
}
