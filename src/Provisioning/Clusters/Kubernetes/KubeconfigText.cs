using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Common.Reading;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>
/// Reads the text of a kubeconfig into plain objects, event by event and within bounds: no anchors, tags, second documents or duplicate
/// fields, in which two readers could see two kubeconfigs. Every value is a string; quoting makes no difference.
/// </summary>
internal static class KubeconfigText
{
    /// <exception cref="ClusterRejectedException">It is not one; the text is never quoted, because it holds credentials.</exception>
    public static JsonObject Parse(string cluster, string text)
    {
        try
        {
            return BoundedYaml.Walk(text, ReadLimits.Kubeconfig, Read) ?? throw Unreadable(cluster, "it is not a mapping");
        }
        catch (UnreadableException problem) when (problem.InnerException is null)
        {
            throw new ClusterRejectedException("kubeconfig-refused", problem.Message);
        }
        catch (UnreadableException problem)
        {
            throw Unreadable(
                cluster,
                problem.InnerException is YamlException at
                    ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"it is not YAML, at line {at.Start.Line}")
                    : "it is not YAML"
            );
        }
    }

    internal static ClusterRejectedException Unreadable(string cluster, string why) =>
        new("kubeconfig-invalid", $"The kubeconfig of cluster '{cluster}' cannot be used: {why}.");

    private static JsonObject? Read(IParser parser)
    {
        var open = new Stack<(JsonNode Node, string? Key)>();
        JsonObject? root = null;
        while (parser.MoveNext())
        {
            switch (parser.Current)
            {
                case AnchorAlias or NodeEvent { Anchor.IsEmpty: false } or NodeEvent { Tag.IsEmpty: false }:
                    throw Refused(parser.Current, "anchors and tags");
                case MappingStart:
                    open.Push((Add(open, new JsonObject(), parser.Current), null));
                    root ??= open.Count == 1 ? (JsonObject)open.Peek().Node : null;
                    break;
                case SequenceStart:
                    open.Push((Add(open, new JsonArray(), parser.Current), null));
                    break;
                case MappingEnd or SequenceEnd:
                    open.Pop();
                    break;
                case Scalar scalar when open.TryPeek(out var top) && top is { Node: JsonObject map, Key: null }:
                    if (map.ContainsKey(scalar.Value))
                    {
                        throw Refused(scalar, "a field that is named twice");
                    }

                    open.Pop();
                    open.Push((map, scalar.Value));
                    break;
                case Scalar scalar:
                    var isNull = scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" or "Null" or "NULL" };
                    Add(open, isNull ? null : JsonValue.Create(scalar.Value), scalar);
                    break;
            }
        }

        return root;
    }

    private static T Add<T>(Stack<(JsonNode Node, string? Key)> open, T node, ParsingEvent at)
        where T : JsonNode?
    {
        if (open.TryPop(out var top))
        {
            switch (top)
            {
                case { Node: JsonObject map, Key: { } key }:
                    map.Add(key, node);
                    break;
                case { Node: JsonArray list }:
                    list.Add(node);
                    break;
                default:
                    throw Refused(at, "a field whose name is not text");
            }

            open.Push((top.Node, null));
        }

        return node;
    }

    private static SemanticErrorException Refused(ParsingEvent at, string what) =>
        new(at.Start, at.End, $"A kubeconfig must not have {what}.");
}
