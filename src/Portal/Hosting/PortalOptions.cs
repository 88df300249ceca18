using System.Net;
using Microsoft.Extensions.Options;

namespace Portkey.Portal.Web.Hosting;

/// <summary>What the web side is told by configuration, section <c>Portal</c>, beside the engine's own options.</summary>
internal sealed class PortalOptions
{
    public const string Section = "Portal";

    /// <summary>Largest request body; more is answered with 413.</summary>
    public const long MaxBodyBytes = 2 * 1024 * 1024;

    /// <summary>Address that browsers use, such as <c>https://portal.example.com</c>; only its pages may change anything. May be left out
    /// in Development.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>Sign-in by persona instead of Entra; Development only.</summary>
    public bool Personas { get; set; }

    /// <summary>Addresses of reverse proxies whose X-Forwarded-* headers are trusted; none by default.</summary>
    public IList<string> TrustedProxies { get; set; } = [];

    /// <summary>The description of the API.</summary>
    public OpenApiOptions OpenApi { get; set; } = new();

    /// <summary>Section <c>Portal:OpenApi</c>.</summary>
    internal sealed class OpenApiOptions
    {
        /// <summary>Shows /openapi/v1.json to people who are not signed in.</summary>
        public bool Anonymous { get; set; }
    }
}

/// <summary>Reports everything that is wrong at once, each with its key, so that one restart fixes it all.</summary>
internal sealed class PortalOptionsValidator(IHostEnvironment environment, IConfiguration configuration) : IValidateOptions<PortalOptions>
{
    public ValidateOptionsResult Validate(string? name, PortalOptions options)
    {
        var problems = new List<string>();
        var entra = configuration.GetSection("AzureAd").Exists();
        if (options.Personas && !environment.IsDevelopment())
        {
            problems.Add(
                $"Portal:Personas is true, but the environment is {environment.EnvironmentName}. Personas let anyone sign in as anyone and "
                    + "work in Development only: set Portal:Personas to false and configure AzureAd."
            );
        }

        if (options.Personas && entra)
        {
            problems.Add("Portal:Personas and section AzureAd are both set: choose one way to sign in.");
        }

        if (!options.Personas && !entra)
        {
            problems.Add(
                "Nobody could sign in: set AzureAd:Instance, AzureAd:TenantId and AzureAd:ClientId (and AzureAd:ClientSecret or a certificate), "
                    + "or, in Development, Portal:Personas=true."
            );
        }

        if (entra)
        {
            problems.AddRange(
                new[] { "Instance", "TenantId", "ClientId" }
                    .Where(key => string.IsNullOrWhiteSpace(configuration[$"AzureAd:{key}"]))
                    .Select(key => $"AzureAd:{key} is missing.")
            );
            if (
                configuration["AzureAd:Instance"] is { Length: > 0 } instance
                && !instance.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
                && !environment.IsDevelopment()
            )
            {
                problems.Add("AzureAd:Instance must begin with https://.");
            }
        }

        // A process that only provisions has no pages.
        var web =
            configuration.GetSection($"{PortalOptions.Section}:Roles").Get<string[]>() is not { Length: > 0 } roles
            || roles.Contains("web");
        if (web && PublicAddress.WhyNot(options.PublicUrl, environment.IsDevelopment()) is { } wrong)
        {
            problems.Add(wrong);
        }

        problems.AddRange(
            options
                .TrustedProxies.Select((text, index) => (text, index))
                .Where(p => !IPAddress.TryParse(p.text, out _))
                .Select(p => $"Portal:TrustedProxies:{p.index} is not an IP address: {p.text}")
        );
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
