using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Hosting;
using Portkey.Portal.Web.Auth;

namespace Portkey.Portal.Web.Hosting.Pipeline;

/// <summary>What every process of the portal has, whatever its role.</summary>
internal static class Startup
{
    public static void AddPortalHosting(this WebApplicationBuilder builder)
    {
        var services = builder.Services;

        // Everywhere, not in Development only: what cannot be made, or outlives what it holds, is to stop a start and not a request.
        builder.Host.UseDefaultServiceProvider(provider => (provider.ValidateOnBuild, provider.ValidateScopes) = (true, true));
        services.AddOptions<PortalOptions>().BindConfiguration(PortalOptions.Section).ValidateOnStart();
        // Personas need rows to sign in as; where they are off, nobody made-up must be in the database. Read from the configuration and not
        // from PortalOptions: an error there would hide the errors here.
        var personas = builder.Configuration.GetValue<bool>($"{PortalOptions.Section}:{nameof(PortalOptions.Personas)}");
        services
            .AddOptions<ProvisioningOptions>()
            .PostConfigure(engine => (engine.SeedPersonas, engine.AllowInsecureTls) = (personas, builder.Environment.IsDevelopment()))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<PortalOptions>, PortalOptionsValidator>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = PortalOptions.MaxBodyBytes;
        });
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(30));
        services.AddMemoryCache();
        services.AddSingleton<PublicAddress>();
        services.AddProblemDetails();
        services.AddRenderLimits();
        if (!builder.Environment.IsDevelopment())
        {
            builder.Logging.ClearProviders().AddJsonConsole(json => json.IncludeScopes = true);
        }
    }

    /// <summary>Says on standard error why the portal will not start; true when it will not.</summary>
    public static bool RefusesToStart(this WebApplication app)
    {
        try
        {
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            return false;
        }
        catch (Exception refusal) when (refusal is OptionsValidationException or AggregateException)
        {
            var failures =
                (refusal as AggregateException)?.InnerExceptions.OfType<OptionsValidationException>()
                ?? [(OptionsValidationException)refusal];
            Console.Error.WriteLine("The portal does not start, because its configuration is wrong:");
            foreach (var failure in failures.SelectMany(f => f.Failures))
            {
                Console.Error.WriteLine("  - " + failure);
            }

            return true;
        }
    }

    /// <summary>Brings database and keys into order; true when they are such that this process must not serve, which is said on standard
    /// error.</summary>
    public static async Task<bool> FailsToPrepareAsync(this WebApplication app)
    {
        try
        {
            await app.Services.InitializeProvisioningAsync(app.Lifetime.ApplicationStopping);
            return false;
        }
        catch (StartRefusedException refusal)
        {
            Console.Error.WriteLine("The portal does not start:");
            Console.Error.WriteLine("  - " + refusal.Message);
            return true;
        }
    }

    /// <summary>False in a process that only provisions; it answers nothing but its health.</summary>
    public static bool ServesWeb(this WebApplication app) =>
        app.Services.GetRequiredService<IOptions<ProvisioningOptions>>().Value.Roles is var roles
        && (roles.Count == 0 || roles.Contains("web"));

    /// <summary>Middleware, in the order that it must have.</summary>
    public static void UsePortalPipeline(this WebApplication app)
    {
        var proxies = app.Services.GetRequiredService<IOptions<PortalOptions>>().Value.TrustedProxies;
        if (proxies.Count > 0)
        {
            var forwarded = new ForwardedHeadersOptions
            {
                ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            };
            forwarded.KnownIPNetworks.Clear();
            forwarded.KnownProxies.Clear();
            foreach (var proxy in proxies)
            {
                forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
            }

            app.UseForwardedHeaders(forwarded);
        }

        app.UseMiddleware<ResponseHeaders>();
        app.UseMiddleware<SecurityNotes>();
        app.UseMiddleware<ProblemMiddleware>();
        if (!app.Environment.IsDevelopment())
        {
            app.UseHsts();
        }

        app.UseMiddleware<HostGate>();
        app.UseRouting();
        app.UseAuthentication();
        app.UseMiddleware<OriginGate>();
        app.UseAuthorization();
        app.UseMiddleware<SeenPeople>();
        app.UseRateLimiter();
        app.UseMiddleware<SocketWatch>();
        app.UseAntiforgery();
    }
}
