using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Portkey.Portal.Provisioning.Common.Reading;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Reads manifests of any kind from a YAML text of several documents.</summary>
internal static partial class ManifestYaml
{
    public static IReadOnlyList<JsonObject> Parse(string yaml)
    {
        IReadOnlyList<YamlNode> documents;
        try
        {
            documents = BoundedYaml.Read(yaml, ReadLimits.Manifests);
        }
        catch (UnreadableException problem)
        {
            throw new ClusterRejectedException("manifest-invalid", problem.Message, problem);
        }

        return
        [
            .. documents
                .Select(Convert)
                .Where(n => n is not null)
                .Select(n => n as JsonObject ?? throw new ClusterRejectedException("manifest-invalid", "A manifest is not a mapping.")),
        ];
    }

    private static JsonNode? Convert(YamlNode node) =>
        node switch
        {
            YamlMappingNode mapping => new JsonObject(
                mapping.Children.Select(c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value ?? "", Convert(c.Value)))
            ),
            YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(Convert)]),
            YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value ?? ""),
            YamlScalarNode scalar => JsonValue.Create(scalar.Value),
            _ => throw new ClusterRejectedException("manifest-invalid", "A manifest uses YAML that the portal does not read."),
        };

    private static JsonValue? Plain(string text) =>
        text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(value: true),
            "false" or "False" or "FALSE" => JsonValue.Create(value: false),
            _ when Integer().IsMatch(text) && long.TryParse(text, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(whole),

            // Part of a digest may look like a number too large for any computer, such as 12e456789012. Go, and so Helm, takes it for
            // text.
            _ when Number().IsMatch(text) && double.Parse(text, CultureInfo.InvariantCulture) is var number && double.IsFinite(number) =>
                JsonValue.Create(number),
            _ => JsonValue.Create(text),
        };

    [GeneratedRegex(@"\A[+-]?(0|[1-9][0-9]*)\z")]
    private static partial Regex Integer();

    [GeneratedRegex(@"\A[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]+)?\z")]
    private static partial Regex Number();
}
