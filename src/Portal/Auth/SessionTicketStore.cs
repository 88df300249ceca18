using System.Buffers.Text;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Sessions;

namespace Portkey.Portal.Web.Auth;

/// <summary>Marks a sign-in: it drops the session that the browser had, and starts one with a new key.</summary>
internal sealed class BeginsSession;

/// <summary>Keeps who a browser is in the database; its cookie holds a random key. So signing out ends it for every copy of the
/// cookie.</summary>
internal sealed class SessionTicketStore(
    SessionStore sessions,
    SignInCallbacks callbacks,
    IDataProtectionProvider protection,
    IHttpContextAccessor accessor
) : ITicketStore
{
    /// <summary>Claim with the session's id, by which pages check that it is valid.</summary>
    public const string SessionId = "portal-session";

    private readonly IDataProtector protector = protection.CreateProtector("Portkey.Portal.Sessions");

    public Task<string> StoreAsync(AuthenticationTicket ticket) => StoreAsync(ticket, Current, CancellationToken.None);

    public async Task<string> StoreAsync(AuthenticationTicket ticket, HttpContext httpContext, CancellationToken cancellationToken)
    {
        var (id, person) = (
            Guid.CreateVersion7(),
            ticket.Principal.PersonId() ?? throw new InvalidOperationException("Nobody signs in without an id.")
        );
        var key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        ((ClaimsIdentity)ticket.Principal.Identity!).AddClaim(new Claim(SessionId, id.ToString()));
        await sessions.OpenAsync(
            new NewSession(
                id,
                key,
                person,
                Seal(ticket),
                httpContext.Connection.RemoteIpAddress?.ToString() ?? "",
                httpContext.Request.Headers.UserAgent.ToString()
            ),
            cancellationToken
        );
        SecurityNotes.Record(httpContext, SecurityEventKind.SignedIn, person);
        return key;
    }

    public Task RenewAsync(string key, AuthenticationTicket ticket) =>
        sessions.ReplaceAsync(key, ticket.Principal.PersonId() ?? "", Seal(ticket), CancellationToken.None);

    public Task<AuthenticationTicket?> RetrieveAsync(string key) => RetrieveAsync(key, Current, CancellationToken.None);

    public async Task<AuthenticationTicket?> RetrieveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken)
    {
        if (callbacks.Has(httpContext.Request) || httpContext.GetEndpoint()?.Metadata.GetMetadata<BeginsSession>() is not null)
        {
            await RemoveAsync(key, httpContext, cancellationToken);
            return null;
        }

        var found = await sessions.FindAsync(key, cancellationToken);
        if (found is { WasEnded: true })
        {
            SecurityNotes.Set(httpContext, SecurityEventKind.EndedSessionUsed, found.PersonId);
        }

        return found?.Ticket is { } sealedTicket ? Open(sealedTicket) : null;
    }

    public Task RemoveAsync(string key) => RemoveAsync(key, Current, CancellationToken.None);

    public async Task RemoveAsync(string key, HttpContext httpContext, CancellationToken cancellationToken)
    {
        if (await sessions.EndAsync(key, cancellationToken) is { } person)
        {
            SecurityNotes.Record(httpContext, SecurityEventKind.SignedOut, person);
        }
    }

    private HttpContext Current => accessor.HttpContext ?? throw new InvalidOperationException("Sessions begin and end in requests.");

    private byte[] Seal(AuthenticationTicket ticket) => protector.Protect(TicketSerializer.Default.Serialize(ticket));

    // A ticket that cannot be decrypted was written under lost keys: the person signs in again.
    private AuthenticationTicket? Open(ReadOnlyMemory<byte> sealedTicket)
    {
        try
        {
            return TicketSerializer.Default.Deserialize(protector.Unprotect(sealedTicket.ToArray()));
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
