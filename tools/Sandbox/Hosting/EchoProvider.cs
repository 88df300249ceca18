using System.Globalization;
using System.Net;

namespace Portkey.Portal.Sandbox.Hosting;

/// <summary>
/// A model provider for this machine: answers every chat completion with the same pieces, as a stream of two seconds, and costs nothing.
/// Its address is in the data folder's sandbox-provider.url.
/// </summary>
internal sealed class EchoProvider(SandboxOptions options) : IHostedService, IAsyncDisposable
{
    private const int Pieces = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private WebApplication? _app;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0); // plain: a gateway does not know the sandbox's certificate
        });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero);
        _app = builder.Build();
        _app.MapPost("/v1/chat/completions", AnswerAsync);
        await _app.StartAsync(cancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(options.DataFolder, "sandbox-provider.url"),
            $"{_app.Urls.First()}/v1\n",
            cancellationToken
        );
    }

    public Task StopAsync(CancellationToken cancellationToken) => _app?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }
    }

    private static async Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        for (var i = 0; i < Pieces; i++)
        {
            var piece = string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"id":"sandbox","object":"chat.completion.chunk","model":"sandbox-echo","choices":[{"index":0,"delta":{"content":"{{{i}}} "}}]}"""
            );
            await context.Response.WriteAsync($"data: {piece}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Pause, context.RequestAborted);
        }

        await context.Response.WriteAsync("data: [DONE]\n\n", context.RequestAborted);
    }
}
