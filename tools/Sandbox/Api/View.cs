using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;
using Portkey.Portal.Sandbox.Tables;

namespace Portkey.Portal.Sandbox.Api;

/// <summary>The form in which a reader wants objects: whole, as a table for people, or only their metadata.</summary>
internal sealed class View
{
    private enum Form
    {
        Whole,
        Table,
        Metadata,
    }

    private readonly Form _form;
    private readonly string _include;

    private View(Form form, string include) => (_form, _include) = (form, include);

    public bool IsTable => _form is Form.Table;

    /// <summary>Picks the first form in the Accept header that can be given. No protobuf, CBOR or text: 406 where nothing else will
    /// do.</summary>
    public static View Of(HttpRequest request)
    {
        var accept = request.Headers.Accept.ToString();
        var include = request.Query["includeObject"].ToString();
        if (accept.Length == 0)
        {
            return new View(Form.Whole, include);
        }

        foreach (var choice in accept.Split(','))
        {
            var parts = choice.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "*/*" or "application/*" or "text/html" or "text/*"))
            {
                continue;
            }

            var form = Array.Find(parts, p => p.StartsWith("as=", StringComparison.Ordinal));
            switch (form)
            {
                case null:
                    return new View(Form.Whole, include);
                case "as=Table":
                    return new View(Form.Table, include);
                case "as=PartialObjectMetadata" or "as=PartialObjectMetadataList":
                    return new View(Form.Metadata, include);
            }
        }

        throw new KubeStatusException(406, "NotAcceptable", "only the following media types are accepted: application/json");
    }

    public JsonNode One(ResourceType type, JsonObject item) =>
        _form switch
        {
            Form.Table => Table.Of(type, [item], Version(item), _include, withColumns: true),
            Form.Metadata => Partial(item),
            _ => item,
        };

    /// <summary>An object as a watch sends it; the columns of a table only come with the first.</summary>
    public JsonNode Event(ResourceType type, JsonObject item, bool first) =>
        _form switch
        {
            Form.Table => Table.Of(type, [item], Version(item), _include, withColumns: first),
            Form.Metadata => Partial(item),
            _ => item,
        };

    public JsonObject Bookmark(ResourceType type, long version, bool initialEnd)
    {
        var metadata = new JsonObject
        {
            ["resourceVersion"] = version.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["creationTimestamp"] = null,
        };
        if (initialEnd)
        {
            metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        }

        return _form switch
        {
            Form.Table => Table.Bookmark(metadata),
            Form.Metadata => new JsonObject
            {
                ["kind"] = "PartialObjectMetadata",
                ["apiVersion"] = "meta.k8s.io/v1",
                ["metadata"] = metadata,
            },
            _ => new JsonObject
            {
                ["kind"] = type.Kind,
                ["apiVersion"] = type.ApiVersion,
                ["metadata"] = metadata,
            },
        };
    }

    public void WriteList(Stream stream, ResourceType type, JsonObject metadata, List<JsonObject> items)
    {
        if (_form is Form.Table)
        {
            var table = Table.Of(type, items, metadata.Text("resourceVersion") ?? "", _include, withColumns: true);
            table["metadata"] = metadata;
            Answer.Write(stream, table);
            return;
        }

        using var writer = new Utf8JsonWriter(
            stream,
            new JsonWriterOptions
            {
                SkipValidation = true,
                MaxDepth = 512,
                Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            }
        );
        writer.WriteStartObject();
        writer.WriteString("kind", _form is Form.Metadata ? "PartialObjectMetadataList" : type.Kind + "List");
        writer.WriteString("apiVersion", _form is Form.Metadata ? "meta.k8s.io/v1" : type.ApiVersion);
        writer.WritePropertyName("metadata");
        metadata.WriteTo(writer);
        writer.WriteStartArray("items");
        foreach (var item in items)
        {
            (_form is Form.Metadata ? Partial(item) : item).WriteTo(writer);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string Version(JsonObject item) => item["metadata"].Text("resourceVersion") ?? "";

    private static JsonObject Partial(JsonObject item) =>
        new()
        {
            ["kind"] = "PartialObjectMetadata",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = item["metadata"]?.DeepClone(),
        };
}
