using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portkey.Portal.Sandbox.Api;

/// <summary>
/// YAML to JSON by the core schema. Depth and the number of nodes are limited, with aliases counted as often as they
/// are used, so that a small text cannot become a huge object.
/// </summary>
internal sealed class YamlReader
{
    private const int MostNodes = 200_000;

    private readonly IParser _parser;
    private readonly Dictionary<string, (JsonNode? Node, int Size)> _anchors = new(StringComparer.Ordinal);
    private int _nodes;

    private YamlReader(IParser parser) => _parser = parser;

    public static JsonNode? Parse(byte[] bytes)
    {
        try
        {
            using var text = new StreamReader(new MemoryStream(bytes, writable: false));
            var parser = new Parser(text);
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                throw KubeStatusException.BadRequest("the body is empty");
            }

            parser.Consume<DocumentStart>();
            return new YamlReader(parser).Node(0);
        }
        catch (YamlException e)
        {
            throw KubeStatusException.BadRequest($"error converting YAML to JSON: yaml: line {e.Start.Line}: {e.Message}");
        }
    }

    private JsonNode? Node(int depth)
    {
        if (depth > ApiLimits.Depth || ++_nodes > MostNodes)
        {
            throw KubeStatusException.BadRequest("error converting YAML to JSON: the document is too deep or too large");
        }

        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            var (target, size) = _anchors.TryGetValue(alias.Value.Value, out var known)
                ? known
                : throw KubeStatusException.BadRequest($"error converting YAML to JSON: unknown anchor '{alias.Value}'");
            _nodes += size;
            if (_nodes > MostNodes)
            {
                throw KubeStatusException.BadRequest("error converting YAML to JSON: document contains excessive aliasing");
            }

            return target?.DeepClone();
        }

        var before = _nodes;
        var anchor = _parser.Current is NodeEvent { Anchor.IsEmpty: false } named ? named.Anchor.Value : null;
        var node = Content(depth);
        if (anchor is not null)
        {
            _anchors[anchor] = (node, _nodes - before + 1);
        }

        return anchor is null ? node : node?.DeepClone();
    }

    private JsonNode? Content(int depth)
    {
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return Value(scalar);
        }

        if (_parser.TryConsume<SequenceStart>(out _))
        {
            var list = new JsonArray();
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                list.Add(Node(depth + 1));
            }

            return list;
        }

        _parser.Consume<MappingStart>();
        var map = new JsonObject();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = _parser.Consume<Scalar>().Value;
            if (map.ContainsKey(key))
            {
                throw KubeStatusException.BadRequest($"error converting YAML to JSON: key \"{key}\" already set in map");
            }

            map[key] = Node(depth + 1);
        }

        return map;
    }

    private static JsonValue? Value(Scalar scalar)
    {
        var text = scalar.Value;
        if (scalar.Style is not ScalarStyle.Plain)
        {
            return JsonValue.Create(text);
        }

        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" => JsonValue.Create(true),
            "false" or "False" or "FALSE" => JsonValue.Create(false),
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => JsonValue.Create(
                whole
            ),
            _ when (char.IsAsciiDigit(text[0]) || text[0] is '-' or '+' or '.')
                    && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
                    && double.IsFinite(real) => JsonValue.Create(real),
            _ => JsonValue.Create(text),
        };
    }
}
