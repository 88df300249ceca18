using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Common.Reading;

/// <summary>The only way the portal reads JSON that others wrote: size, nesting and number of values are checked before anything
/// is built.</summary>
public static class BoundedJson
{
    /// <summary>A document, which the caller disposes.</summary>
    /// <exception cref="UnreadableException">Past a limit.</exception>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static JsonDocument Document(ReadOnlyMemory<byte> json, ReadLimits limits)
    {
        Check(json.Span, limits);
        return JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = limits.Depth });
    }

    /// <summary>The same for text.</summary>
    /// <exception cref="UnreadableException">Past a limit.</exception>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static JsonDocument Document(string json, ReadLimits limits) => Document(Bytes(json, limits), limits);

    /// <summary>A tree that can be changed. A duplicate name makes it invalid JSON.</summary>
    /// <exception cref="UnreadableException">Past a limit.</exception>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static JsonNode? Node(string json, ReadLimits limits)
    {
        var bytes = Bytes(json, limits);
        Check(bytes, limits);
        return JsonNode.Parse(
            bytes,
            documentOptions: new JsonDocumentOptions { MaxDepth = limits.Depth, AllowDuplicateProperties = false }
        );
    }

    /// <summary>A value of a known type; null where the text says null.</summary>
    /// <exception cref="UnreadableException">Past a limit.</exception>
    /// <exception cref="JsonException">Not JSON, or of another shape.</exception>
    public static T? Read<T>(string json, ReadLimits limits, JsonSerializerOptions? options = null)
    {
        var bytes = Bytes(json, limits);
        Check(bytes, limits);
        return JsonSerializer.Deserialize<T>(bytes, options);
    }

    /// <summary>Only checks that it is JSON within the limits.</summary>
    /// <exception cref="UnreadableException">Past a limit.</exception>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static void Check(ReadOnlySpan<byte> json, ReadLimits limits)
    {
        Require(json.Length <= limits.Size, limits);

        // One level more than allowed, so that our own message says so.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = limits.Depth + 1 });
        var nodes = 0;
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject && reader.CurrentDepth >= limits.Depth)
            {
                throw new UnreadableException($"{limits.What} is nested deeper than {limits.Depth} levels. Make it flatter.");
            }

            if (
                reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject or JsonTokenType.PropertyName)
                && ++nodes > limits.Nodes
            )
            {
                throw new UnreadableException($"{limits.What} holds more than {limits.Nodes} values. Make it smaller.");
            }
        }
    }

    private static byte[] Bytes(string json, ReadLimits limits)
    {
        Require(json.Length <= limits.Size, limits);
        return Encoding.UTF8.GetBytes(json);
    }

    private static void Require(bool fits, ReadLimits limits)
    {
        if (!fits)
        {
            throw BoundedYaml.TooLarge(limits);
        }
    }
}
