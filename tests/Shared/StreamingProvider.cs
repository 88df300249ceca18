using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Portkey.Portal.Shared;

/// <summary>A model provider at the protocol's edge: every POST is answered with a chat completion in pieces, as server-sent
/// events.</summary>
public sealed class StreamingProvider : IAsyncDisposable
{
    private readonly WebApplication app;

    private StreamingProvider(WebApplication app) => this.app = app;

    /// <summary>What goes into the header x-portkey-custom-host.</summary>
    public string Host => $"{app.Urls.First()}/v1";

    /// <summary>Pieces of one answer.</summary>
    public int Pieces { get; set; } = 17;

    /// <summary>Between two pieces.</summary>
    public TimeSpan Pause { get; set; } = TimeSpan.FromMilliseconds(100);

    public static async Task<StreamingProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero);
        var provider = new StreamingProvider(builder.Build());
        provider.app.MapPost("/v1/chat/completions", provider.AnswerAsync);
        await provider.app.StartAsync();
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (pieces, pause) = (Pieces, Pause);
        context.Response.ContentType = "text/event-stream";
        for (var i = 0; i < pieces; i++)
        {
            await context.Response.WriteAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $$$"""data: {"id":"1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"{{{i}}} "}}]}"""
                ) + "\n\n",
                context.RequestAborted
            );
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(pause, context.RequestAborted);
        }

        await context.Response.WriteAsync("data: [DONE]\n\n", context.RequestAborted);
    }
}
