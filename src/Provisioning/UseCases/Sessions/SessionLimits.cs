namespace Portkey.Portal.Provisioning.UseCases.Sessions;

/// <summary>Section <c>Portal:Sessions</c>.</summary>
public sealed class SessionLimits
{
    /// <summary>Section name.</summary>
    public const string Section = "Portal:Sessions";

    /// <summary>Minutes without use after which a session is over.</summary>
    public int IdleMinutes { get; set; } = 120;

    /// <summary>Hours after which it is over in any case.</summary>
    public int AbsoluteHours { get; set; } = 12;

    /// <summary>Seconds between an open page's checks that its session is valid. An open page closes within two of them.</summary>
    public int CheckSeconds { get; set; } = 15;
}
