using Portkey.Portal.Provisioning.Governance;

namespace Portkey.Portal.Web.Auth;

/// <summary>Notes that somebody has come in by themselves, with a session or a token: with the second administrator the bootstrap ends.</summary>
internal sealed class SeenPeople(RequestDelegate next, Bootstrap bootstrap)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.User.PersonId() is not null)
        {
            await bootstrap.SeenAsync(context.Caller(), context.RequestAborted);
        }

        await next(context);
    }
}
