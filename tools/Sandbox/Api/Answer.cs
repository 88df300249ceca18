using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api;

/// <summary>Writes answers as JSON.</summary>
internal static class Answer
{
    public const string Json = "application/json";

    private static readonly JsonWriterOptions _writer = new()
    {
        SkipValidation = true,
        MaxDepth = 512,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Task WriteAsync(HttpContext context, int code, JsonNode body, string contentType = Json) =>
        WriteAsync(context, code, Bytes(body), contentType);

    public static async Task WriteAsync(HttpContext context, int code, ReadOnlyMemory<byte> body, string contentType = Json)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-cache, private";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        }
    }

    public static Task StatusAsync(HttpContext context, KubeStatusException error)
    {
        if (error.Details.Number("retryAfterSeconds") is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return WriteAsync(context, error.Code, error.ToStatus());
    }

    public static byte[] Bytes(JsonNode body)
    {
        using var stream = new MemoryStream(1024);
        Write(stream, body);
        return stream.ToArray();
    }

    public static void Write(Stream stream, JsonNode body)
    {
        using var writer = new Utf8JsonWriter(stream, _writer);
        body.WriteTo(writer);
    }
}
