using System.Text.Json;
using System.Text.Json.Serialization;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>The one way JSON is stored and digested: camel case, enums as words, nulls left out.</summary>
public static class PortalJson
{
    /// <summary>Options.</summary>
    public static JsonSerializerOptions Options { get; } =
        new(JsonSerializerDefaults.Web)
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        };

    /// <summary>Writes.</summary>
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static T Read<T>(string json) =>
        BoundedJson.Read<T>(json, ReadLimits.Stored, Options) ?? throw new JsonException("null where a value was stored");
}
