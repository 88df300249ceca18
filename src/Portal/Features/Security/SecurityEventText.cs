using Portkey.Portal.Data;

namespace Portkey.Portal.Web.Features.Security;

/// <summary>Kinds of the security log in words.</summary>
internal static class SecurityEventText
{
    public static string Of(SecurityEventKind kind) =>
        kind switch
        {
            SecurityEventKind.SignedIn => "Signed in",
            SecurityEventKind.SignedOut => "Signed out",
            SecurityEventKind.SignInFailed => "Sign-in failed",
            SecurityEventKind.SessionEnded => "Ended a session",
            SecurityEventKind.EndedSessionUsed => "Used a cookie whose session was ended",
            SecurityEventKind.Unauthenticated => "Refused: not signed in",
            SecurityEventKind.Forbidden => "Refused: not allowed",
            SecurityEventKind.NotTheirs => "Asked for something of somebody else's",
            SecurityEventKind.ForeignOrigin => "Refused: not from a page of the portal",
            SecurityEventKind.ForeignHost => "Refused: under another host's name",
            SecurityEventKind.Antiforgery => "Refused: without the form's token",
            SecurityEventKind.Dropped => "Too much at once: counted, not recorded",
            _ => kind.ToString(),
        };
}
