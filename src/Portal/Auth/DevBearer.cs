using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Options;

namespace Portkey.Portal.Web.Auth;

/// <summary>Bearer tokens of Development mode: a persona's name, encrypted, good for twelve hours.</summary>
internal sealed class DevTokens(IDataProtectionProvider protection, TimeProvider clock)
{
    private readonly ITimeLimitedDataProtector protector = protection
        .CreateProtector("Portkey.Portal.DevTokens")
        .ToTimeLimitedDataProtector();

    public string Issue(string persona) => protector.Protect(persona, clock.GetUtcNow().AddHours(12));

    /// <summary>The persona, or null for a token that is not ours, forged or too old.</summary>
    public string? Read(string token)
    {
        try
        {
            return protector.Unprotect(token) is var persona && Personas.All.Contains(persona) ? persona : null;
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return null;
        }
    }
}

/// <summary>Reads <see cref="DevTokens"/>; registered only where personas are allowed.</summary>
internal sealed class DevBearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logger,
    UrlEncoder encoder,
    DevTokens tokens,
    SignInChoices choices
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (choices.Personas.Count == 0 || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return Task.FromResult(AuthenticateResult.NoResult());
        }

        return Task.FromResult(
            tokens.Read(header["Bearer ".Length..].Trim()) is { } persona
                ? AuthenticateResult.Success(new AuthenticationTicket(Callers.Principal(persona, persona, Scheme.Name), Scheme.Name))
                : AuthenticateResult.Fail("The token is not one of this portal's, or is too old.")
        );
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }
}
