using System.Security.Claims;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.UseCases.Sessions;

namespace Portkey.Portal.Web.Auth;

/// <summary>
/// Cuts a WebSocket once its session is over. Our own pages leave by themselves before; this is for clients that keep the connection.
/// Other transports send a request each time, and are turned away like any other.
/// </summary>
internal sealed class SocketWatch(RequestDelegate next, SessionLook sessions, IOptions<SessionLimits> options, TimeProvider time)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Request.Headers.Upgrade.Count == 0 && !HttpMethods.IsConnect(context.Request.Method))
        {
            await next(context);
            return;
        }

        using var closed = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var watching = WatchAsync(context, context.User, closed.Token);
        try
        {
            await next(context);
        }
        finally
        {
            await closed.CancelAsync();
            await watching;
        }
    }

    private async Task WatchAsync(HttpContext context, ClaimsPrincipal person, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.CheckSeconds), time);
        var over = false;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                if (over)
                {
                    context.Abort();
                    return;
                }

                over = !await sessions.GoesOnAsync(person, used: false, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The page was closed.
        }
    }
}
