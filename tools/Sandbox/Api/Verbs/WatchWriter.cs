using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>Writes the lines of a watch, gathered until there is nothing more to say.</summary>
internal sealed class WatchWriter(HttpResponse response) : IAsyncDisposable
{
    private const int FlushAbove = 256 * 1024;
    private readonly MemoryStream _pending = new(4096);

    public async Task WriteAsync(string kind, JsonNode item)
    {
        using (
            var writer = new Utf8JsonWriter(
                _pending,
                new JsonWriterOptions
                {
                    SkipValidation = true,
                    MaxDepth = 512,
                    Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                }
            )
        )
        {
            writer.WriteStartObject();
            writer.WriteString("type", kind);
            writer.WritePropertyName("object");
            item.WriteTo(writer);
            writer.WriteEndObject();
        }

        _pending.WriteByte((byte)'\n');
        if (_pending.Length > FlushAbove)
        {
            await FlushAsync(response.HttpContext.RequestAborted);
        }
    }

    public async Task FlushAsync(CancellationToken cancellation)
    {
        if (_pending.Length > 0)
        {
            await response.Body.WriteAsync(_pending.GetBuffer().AsMemory(0, (int)_pending.Length), cancellation);
            _pending.SetLength(0);
        }

        // The first flush sends the headers, so that a client sees the watch established.
        await response.Body.FlushAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_pending.Length > 0 && !response.HttpContext.RequestAborted.IsCancellationRequested)
            {
                await FlushAsync(response.HttpContext.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody listens any more.
        }

        await _pending.DisposeAsync();
    }
}
