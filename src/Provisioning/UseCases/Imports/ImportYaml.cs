using System.Globalization;
using System.Text.Json;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>Reads YAML and JSON that a person pasted into trees of <see cref="ValueNode"/>: bounded in size, depth, values and in what
/// aliases make of them.</summary>
internal static class ImportYaml
{
    public const int LongestText = 256 * 1024;
    private static readonly ReadLimits Limits = new("It")
    {
        Size = 2 * LongestText,
        Nodes = 10_000,
        Depth = 28,
        Documents = 50,
    };
    private static readonly ReadLimits OwnLimits = Limits with { Nodes = 5000, Depth = 20, Documents = 1, Aliases = false };

    /// <summary>The documents of a text, none of them placed yet. A document that holds nothing is left out.</summary>
    /// <exception cref="InvalidInputException">It is not YAML within the bounds; says where.</exception>
    public static List<ValueNode> Read(string text) => Read(text, Limits);

    /// <summary>The same bounds for YAML that is written for the portal: nothing is corrected, and plain numbers and booleans are
    /// such.</summary>
    /// <exception cref="InvalidInputException">It is not one YAML mapping within the bounds; says where.</exception>
    public static Dictionary<string, object?> ReadTyped(string text)
    {
        Require(text);
        var repeated = new List<ValueNode>();
        var root = Read(text.ReplaceLineEndings("\n"), OwnLimits).FirstOrDefault()?.PlacedAt("", repeated);
        return repeated.Count > 0
            ? throw new InvalidInputException([.. repeated.Select(r => new FieldProblem(r.Path, "It is given twice."))])
            : root?.Plain(Typed) as Dictionary<string, object?>
                ?? throw Wrong("It is not a mapping of values. Paste a values.yaml, or KEY=value lines.");
    }

    /// <summary>Refuses what is empty or too long.</summary>
    public static void Require(string text)
    {
        if (text.Length > LongestText)
        {
            throw Wrong($"It has {text.Length} characters; at most {LongestText} are taken.");
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            throw Wrong("It is empty. Paste a values.yaml.");
        }
    }

    /// <summary>A JSON object; null where the text is none.</summary>
    /// <exception cref="InvalidInputException">It is JSON, but past a bound.</exception>
    public static ValueNode? TryReadJson(string text)
    {
        if (text.AsSpan().TrimStart() is not ['{', ..])
        {
            return null;
        }

        try
        {
            using var document = BoundedJson.Document(text, Limits);
            return Node(document.RootElement);
        }
        catch (JsonException)
        {
            return null; // YAML's own braces, perhaps
        }
        catch (UnreadableException e)
        {
            throw Wrong(e.Message);
        }
    }

    public static InvalidInputException Wrong(string message) => new("text", message);

    private static List<ValueNode> Read(string text, ReadLimits limits)
    {
        try
        {
            return BoundedYaml.Walk(
                text,
                limits,
                parser =>
                {
                    var documents = new List<ValueNode>();
                    parser.Consume<StreamStart>();
                    while (parser.TryConsume<DocumentStart>(out _))
                    {
                        var anchors = new Dictionary<AnchorName, ValueNode>();
                        var root = Node(parser, anchors);
                        parser.Consume<DocumentEnd>();
                        if (root is not { Kind: ValueKind.Scalar, Text: null })
                        {
                            documents.Add(root);
                        }
                    }

                    parser.Consume<StreamEnd>();
                    return documents;
                }
            );
        }
        catch (UnreadableException e)
        {
            throw Wrong(e.InnerException is YamlException ? $"{e.Message} Fix that line, or leave it out." : e.Message);
        }
    }

    private static ValueNode Node(IParser parser, Dictionary<AnchorName, ValueNode> anchors)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            return anchors[alias.Value]; // whether there is one was looked at before
        }

        ValueNode node;
        AnchorName anchor;
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            anchor = scalar.Anchor;
            var isPlain = scalar.Style == ScalarStyle.Plain && (scalar.Tag.IsEmpty || scalar.Tag.Value != "tag:yaml.org,2002:str");
            node = ValueNode.Scalar(isPlain && HelmScalars.IsNull(scalar.Value) ? null : scalar.Value, isPlain, (int)scalar.Start.Line);
        }
        else if (parser.TryConsume<SequenceStart>(out var list))
        {
            anchor = list.Anchor;
            var items = new List<ValueNode>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Node(parser, anchors));
            }

            node = ValueNode.List(items, (int)list.Start.Line);
        }
        else
        {
            var map = parser.Consume<MappingStart>();
            anchor = map.Anchor;
            var pairs = new List<KeyValuePair<string, ValueNode>>();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = parser.Consume<Scalar>(); // anything else was refused before
                pairs.Add(new(key.Value, Node(parser, anchors)));
            }

            node = ValueNode.Map(pairs, (int)map.Start.Line);
        }

        if (!anchor.IsEmpty)
        {
            anchors[anchor] = node;
        }

        return node;
    }

    private static ValueNode Node(JsonElement json) =>
        json.ValueKind switch
        {
            JsonValueKind.Object => ValueNode.Map(json.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, Node(p.Value)))),
            JsonValueKind.Array => ValueNode.List(json.EnumerateArray().Select(Node)),
            JsonValueKind.String => ValueNode.Scalar(json.GetString(), isPlain: false, 0),
            JsonValueKind.Null => ValueNode.Scalar(null, isPlain: true, 0),
            _ => ValueNode.Scalar(json.GetRawText(), isPlain: true, 0),
        };

    private static object? Typed(ValueNode scalar) =>
        !scalar.IsPlain
            ? scalar.Text
            : scalar.Text switch
            {
                "true" => true,
                "false" => false,
                var text
                    when int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                        && text == number.ToString(CultureInfo.InvariantCulture) => number,
                var text => text,
            };
}
