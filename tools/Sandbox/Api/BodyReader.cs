using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api;

/// <summary>Reads request bodies: JSON or YAML, within limits of size and depth.</summary>
internal static class BodyReader
{
    private static readonly JsonDocumentOptions _strict = new() { MaxDepth = ApiLimits.Depth, AllowDuplicateProperties = false };
    private static readonly JsonDocumentOptions _loose = new() { MaxDepth = ApiLimits.Depth };

    public static async Task<byte[]> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream((int)Math.Min(request.ContentLength ?? 1024, ApiLimits.BodyBytes));
        var chunk = new byte[16 * 1024];
        var total = 0L;
        while (await request.Body.ReadAsync(chunk, cancellation) is var read and > 0)
        {
            total += read;
            if (total <= ApiLimits.BodyBytes)
            {
                buffer.Write(chunk, 0, read);
            }
        }

        // A body that is somewhat too large was read to its end first: answering in the middle of it would break the
        // connection, and the caller would see that instead of the answer. Far larger ones are cut off by the server.
        return total > ApiLimits.BodyBytes ? throw TooLarge() : buffer.ToArray();
    }

    /// <summary>The media type of the body, without parameters; JSON where none is given, as kubectl relies on for raw calls.</summary>
    public static string MediaType(HttpRequest request)
    {
        var type = request.ContentType;
        return string.IsNullOrEmpty(type) ? "application/json" : type.Split(';')[0].Trim().ToLowerInvariant();
    }

    /// <summary>The object that a create or update sends.</summary>
    public static async Task<JsonObject> ObjectAsync(HttpRequest request, CancellationToken cancellation)
    {
        var bytes = await ReadAsync(request, cancellation);
        var node = MediaType(request) switch
        {
            "application/json" => Json(bytes),
            "application/yaml" => Yaml(bytes),
            ProtoReader.MediaType => ProtoReader.Parse(bytes),
            var other => throw Unsupported(other, "application/json, application/yaml"),
        };
        return node as JsonObject
            ?? throw KubeStatusException.BadRequest("couldn't get version/kind; json parse error: the body is not an object");
    }

    public static JsonNode? Json(byte[] bytes)
    {
        try
        {
            return JsonNode.Parse(bytes, documentOptions: _strict);
        }
        catch (JsonException e) when (IsDuplicate(bytes))
        {
            throw KubeStatusException.BadRequest($"strict decoding error: duplicate field: {e.Message}");
        }
        catch (JsonException e)
        {
            throw KubeStatusException.BadRequest($"the object provided is unrecognized (must be of type JSON): {e.Message}");
        }
    }

    public static JsonNode? Yaml(byte[] bytes)
    {
        // Clients say YAML and send JSON; reading that as YAML costs ten times as much.
        var start = bytes.AsSpan().TrimStart(" \r\n\t"u8);
        return start.Length > 0 && start[0] == '{' ? Json(bytes) : YamlReader.Parse(bytes);
    }

    public static KubeStatusException Unsupported(string got, string want) =>
        new(
            415,
            "UnsupportedMediaType",
            $"the body of the request was in an unknown format - accepted media types include: {want} (not {Shorten(got)})"
        );

    private static bool IsDuplicate(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes, _loose);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Shorten(string text) => text.Length > 100 ? text[..100] : text;

    private static KubeStatusException TooLarge() =>
        new(413, "RequestEntityTooLarge", $"Request entity too large: limit is {ApiLimits.BodyBytes}");
}
