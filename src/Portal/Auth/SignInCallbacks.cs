using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;

namespace Portkey.Portal.Web.Auth;

/// <summary>Where the identity provider sends people back to: requests there begin a session.</summary>
internal sealed class SignInCallbacks(SignInChoices choices, IOptionsMonitor<OpenIdConnectOptions> options)
{
    public bool Has(HttpRequest request) =>
        choices.Entra && request.Path == options.Get(OpenIdConnectDefaults.AuthenticationScheme).CallbackPath;
}
