using Portkey.Portal.Provisioning.Hosting;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Components;
using Portkey.Portal.Web.Features;
using Portkey.Portal.Web.Features.SignIn;
using Portkey.Portal.Web.Hosting;
using Portkey.Portal.Web.Hosting.Api;
using Portkey.Portal.Web.Hosting.Pipeline;

PrivateFiles.Begin();
var builder = WebApplication.CreateBuilder(args);
builder.AddPortalHosting();
builder.AddPortalAuthentication();
builder.Services.AddProvisioning(builder.Configuration);
builder.Services.AddPortalApi();
builder.Services.AddPortalFeatures();
builder.Services.AddPortalPages();

await using var app = builder.Build();
if (app.RefusesToStart() || await app.FailsToPrepareAsync())
{
    return 1;
}

app.UsePortalPipeline();
app.MapPortalHealth();
if (app.ServesWeb())
{
    app.MapStaticAssets().AllowAnonymous();
    app.MapPortalSignIn();
    app.MapPortalApi();
    app.MapPortalForms();
    app.MapPortalPages();
}

await app.RunAsync();
return 0;

/// <summary>Entry point; public so that tests can host the real pipeline.</summary>
public partial class Program;
