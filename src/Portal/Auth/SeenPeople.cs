using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Changes;

namespace Portkey.Portal.Web.Auth;

/// <summary>Notes that somebody has signed in, with a session or a token: with the second administrator the bootstrap
/// ends.</summary>
internal sealed class SeenPeople(RequestDelegate next, Bootstrap bootstrap)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.User.PersonId() is not null)
        {
            try
            {
                await bootstrap.SeenAsync(context.Caller(), context.RequestAborted);
            }
            catch (Exception e) when (StorageFailures.Classify(e) != StorageFailure.None)
            {
                // A full disk is no reason to refuse reading. It is noted at the next request, before anything can be changed: that needs
                // the disk too.
            }
        }

        await next(context);
    }
}
