namespace Portkey.Portal.Data;

/// <summary>One browser that is signed in. Its cookie holds only a key; what the key opens is here.</summary>
public sealed class Session
{
    /// <summary>Key of the row, for people; it opens nothing.</summary>
    public required Guid Id { get; init; }

    /// <summary>SHA-256 of what the cookie holds, hex: a copy of the database gives no cookies.</summary>
    public required string KeyHash { get; init; }

    /// <summary>Who signed in.</summary>
    public required string PersonId { get; init; }

    /// <summary>Who the browser is, encrypted by Data Protection; empty once the session is over.</summary>
    public required byte[] Ticket { get; set; }

    /// <summary>Sign-in, UTC.</summary>
    public required DateTime CreatedAt { get; init; }

    /// <summary>Last use, UTC; not more exact than a minute.</summary>
    public required DateTime LastSeenAt { get; set; }

    /// <summary>When it ends regardless of use, UTC.</summary>
    public required DateTime ExpiresAt { get; init; }

    /// <summary>Address that the sign-in came from.</summary>
    public required string SourceAddress { get; init; }

    /// <summary>What the browser called itself.</summary>
    public required string UserAgent { get; init; }

    /// <summary>When it was ended, UTC; null while it was not.</summary>
    public DateTime? EndedAt { get; set; }

    /// <summary>Who ended it; empty while nobody did.</summary>
    public string EndedBy { get; set; } = "";
}

/// <summary>Sign-ins, sign-outs and refusals. Separate from the audit, bounded, and written only when there is time.</summary>
public sealed class SecurityEvent
{
    /// <summary>Order, given by the database.</summary>
    public long Id { get; init; }

    /// <summary>First time, UTC.</summary>
    public required DateTime At { get; init; }

    /// <summary>Last time, UTC: what repeats within a minute is one row.</summary>
    public required DateTime LastAt { get; set; }

    /// <summary>How often.</summary>
    public required int Count { get; set; }

    /// <summary>What happened.</summary>
    public required SecurityEventKind Kind { get; init; }

    /// <summary>Who, as far as known; empty for nobody.</summary>
    public required string PersonId { get; init; }

    /// <summary>Address that it came from.</summary>
    public required string SourceAddress { get; init; }

    /// <summary>HTTP method, or <c>page</c> for what was done in one.</summary>
    public required string Method { get; init; }

    /// <summary>Path of the first time, without its query.</summary>
    public required string Path { get; init; }

    /// <summary>Correlation id of the first time.</summary>
    public required string CorrelationId { get; init; }

    /// <summary>What the client called itself.</summary>
    public required string UserAgent { get; init; }
}

/// <summary>Kinds of <see cref="SecurityEvent"/>.</summary>
public enum SecurityEventKind
{
    /// <summary>Somebody signed in.</summary>
    SignedIn,

    /// <summary>Somebody signed out.</summary>
    SignedOut,

    /// <summary>The identity provider's answer was not good enough.</summary>
    SignInFailed,

    /// <summary>Somebody ended a session, of their own or as an administrator.</summary>
    SessionEnded,

    /// <summary>The cookie of an ended session was used.</summary>
    EndedSessionUsed,

    /// <summary>401.</summary>
    Unauthenticated,

    /// <summary>403.</summary>
    Forbidden,

    /// <summary>404 for what exists but is somebody else's.</summary>
    NotTheirs,

    /// <summary>Not from a page of the portal.</summary>
    ForeignOrigin,

    /// <summary>Under a host name that is not the portal's.</summary>
    ForeignHost,

    /// <summary>Without the form's token.</summary>
    Antiforgery,

    /// <summary>More happened than was recorded.</summary>
    Dropped,
}
