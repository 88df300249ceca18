using Portkey.Portal.Web.Components;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddPortalPages();

var app = builder.Build();
app.UseAntiforgery();
app.MapStaticAssets();
app.MapPortalPages();
await app.RunAsync();

/// <summary>Entry point; public so that tests can host the real pipeline.</summary>
public partial class Program;
