using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.EventEmitters;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>A spec as YAML for people who would rather write than click. Field for field the JSON of the API; secrets are never in
/// it.</summary>
public static class SpecYaml
{
    private static readonly ISerializer Yaml = new SerializerBuilder()
        .WithQuotingNecessaryStrings(quoteYaml1_1Strings: true)
        .WithEventEmitter(next => new QuotedBreaks(next))
        .DisableAliases()
        .Build();

    /// <summary>Writes; defaults are left out.</summary>
    public static string Write(EnvironmentSpec spec) => Yaml.Serialize(Plain(JsonSerializer.SerializeToNode(spec, PortalJson.Options))!);

    /// <summary>The JSON that a text of <see cref="Write"/>'s kind stands for. Which fields there are is not looked at here.</summary>
    /// <exception cref="InvalidInputException">It is not YAML within the bounds; says where.</exception>
    public static string ToJson(string text) => PortalJson.Write(ImportYaml.ReadTyped(text));

    private static object? Plain(JsonNode? node) =>
        node switch
        {
            JsonObject map => map.Select(p => (p.Key, Value: Plain(p.Value)))
                .Where(p => p.Value is not (null or false or List<object?> { Count: 0 } or Dictionary<string, object?> { Count: 0 }))
                .ToDictionary(p => p.Key, p => p.Value),
            JsonArray list => list.Select(Plain).ToList(),
            JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
            JsonValue value when value.TryGetValue<int>(out var number) => number,
            _ => node?.ToString(),
        };

    // YAML 1.1 takes these for the end of a line, or for the beginning of a file, where they stand as they are; quoted, they are escaped.
    private sealed class QuotedBreaks(IEventEmitter next) : ChainedEventEmitter(next)
    {
        public override void Emit(ScalarEventInfo eventInfo, IEmitter emitter)
        {
            if (eventInfo.Source.Value is string text && text.AsSpan().ContainsAny("\u0085\u2028\u2029\uFEFF"))
            {
                eventInfo.Style = ScalarStyle.DoubleQuoted;
            }

            base.Emit(eventInfo, emitter);
        }
    }
}
