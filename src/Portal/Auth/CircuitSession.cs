using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.UseCases.Sessions;

namespace Portkey.Portal.Web.Auth;

/// <summary>Notes that the person is active in an open page, which makes no requests that would show it.</summary>
internal sealed class CircuitActivity : CircuitHandler
{
    private int used;

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(
        Func<CircuitInboundActivityContext, Task> next
    ) =>
        context =>
        {
            Interlocked.Exchange(ref used, 1);
            return next(context);
        };

    /// <summary>True when something was done since the last time.</summary>
    public bool Take() => Interlocked.Exchange(ref used, 0) == 1;
}

/// <summary>
/// The principal of an open page is fixed; this checks whether it may stay. If not, it becomes nobody, and the page goes to the
/// sign-in page.
/// </summary>
internal sealed class CircuitSession(ILoggerFactory logger, SessionLook sessions, CircuitActivity activity, IOptions<SessionLimits> options)
    : RevalidatingServerAuthenticationStateProvider(logger)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(options.Value.CheckSeconds);

    protected override Task<bool> ValidateAuthenticationStateAsync(
        AuthenticationState authenticationState,
        CancellationToken cancellationToken
    ) => sessions.GoesOnAsync(authenticationState.User, activity.Take(), cancellationToken);
}
