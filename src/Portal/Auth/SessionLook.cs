using System.Security.Claims;
using Portkey.Portal.Provisioning.UseCases.Sessions;

namespace Portkey.Portal.Web.Auth;

/// <summary>Whether an open page may stay.</summary>
internal sealed partial class SessionLook(SessionStore sessions, ILogger<SessionLook> log)
{
    public async Task<bool> GoesOnAsync(ClaimsPrincipal person, bool used, CancellationToken cancellationToken)
    {
        try
        {
            return await sessions.GoesOnAsync(person.SessionId(), person.PersonId() ?? "", used, cancellationToken);
        }
#pragma warning disable CA1031 // A database that does not answer closes nobody's page; without it the page can do nothing anyway.
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogUnknown(log, problem);
            return true;
        }
    }

    [LoggerMessage(EventId = 5010, Level = LogLevel.Warning, Message = "Could not read whether a session is still valid")]
    private static partial void LogUnknown(ILogger log, Exception exception);
}
