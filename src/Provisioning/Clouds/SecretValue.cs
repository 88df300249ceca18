using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portkey.Portal.Provisioning.Clouds;

/// <summary>A secret on its way through memory. It prints as <c>***</c> and refuses to be serialised.</summary>
[JsonConverter(typeof(Refuse))]
public sealed class SecretValue(string value)
{
    private readonly string value = value;

    /// <summary>The value itself; the only way to it, so that every use can be found by name.</summary>
    public string Reveal() => value;

    /// <inheritdoc/>
    public override string ToString() => "***";

    private sealed class Refuse : JsonConverter<SecretValue>
    {
        public override SecretValue Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("A SecretValue is never read from JSON.");

        public override void Write(Utf8JsonWriter writer, SecretValue value, JsonSerializerOptions options) =>
            throw new NotSupportedException("A SecretValue is never serialised.");
    }
}
