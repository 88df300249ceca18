using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Schema;

/// <summary>
/// Compares an object with its type, as decoding does in an API server: a value of the wrong shape is refused,
/// an unknown field is reported and dropped.
/// </summary>
internal sealed class SchemaCheck
{
    private readonly List<string> _unknown = [];

    /// <summary>Checks and prunes the object in place.</summary>
    /// <returns>The paths of unknown fields.</returns>
    public static IReadOnlyList<string> Run(ResourceType type, JsonObject item)
    {
        var check = new SchemaCheck();
        var schema = TypeCatalog.Of(type);
        if (schema.Shape is Shape.Struct)
        {
            check.Visit(schema, item, "", type);
        }

        return check._unknown;
    }

    private void Visit(FieldType type, JsonNode? node, string path, ResourceType resource)
    {
        if (node is null || type.Shape is Shape.Any)
        {
            return;
        }

        switch (type.Shape)
        {
            case Shape.Struct when node is JsonObject item:
                VisitStruct(type, item, path, resource);
                return;
            case Shape.Map when node is JsonObject map:
                foreach (var (key, value) in map)
                {
                    Visit(type.Element, value, $"{path}.{key}", resource);
                }

                return;
            case Shape.List when node is JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    Visit(type.Element, list[i], string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]"), resource);
                }

                return;
            case Shape.Struct or Shape.Map or Shape.List:
                throw Wrong(type, node, path, resource);
        }

        if (node is not JsonValue scalar || !Fits(type.Shape, scalar))
        {
            throw Wrong(type, node, path, resource);
        }

        if (type.Shape is Shape.Bytes && !IsBase64(scalar.GetValue<string>(), out var at))
        {
            throw KubeStatusException.BadRequest(
                $"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: illegal base64 data at input byte {at} ({path.TrimStart('.')})"
            );
        }
    }

    private void VisitStruct(FieldType type, JsonObject item, string path, ResourceType resource)
    {
        List<string>? unknown = null;
        foreach (var (key, value) in item)
        {
            if (type.Fields.TryGetValue(key, out var field))
            {
                Visit(field, value, $"{path}.{key}", resource);
            }
            else
            {
                (unknown ??= []).Add(key);
            }
        }

        foreach (var key in unknown ?? [])
        {
            item.Remove(key);
            _unknown.Add($"{path}.{key}".TrimStart('.'));
        }
    }

    private static bool Fits(Shape shape, JsonValue value) =>
        (shape, value.GetValueKind()) switch
        {
            (Shape.String or Shape.Bytes or Shape.Time, JsonValueKind.String) => true,
            (Shape.Quantity or Shape.IntOrString, JsonValueKind.String) => true,
            (Shape.Quantity or Shape.Number, JsonValueKind.Number) => true,
            (Shape.Int or Shape.IntOrString, JsonValueKind.Number) => IsInteger(value),
            (Shape.Bool, JsonValueKind.True or JsonValueKind.False) => true,
            _ => false,
        };

    private static bool IsInteger(JsonValue value) =>
        value.TryGetValue<long>(out _)
        || value.TryGetValue<int>(out _)
        || (value.TryGetValue<double>(out var real) && real == Math.Floor(real));

    private static bool IsBase64(string text, out int at)
    {
        at = 0;
        var compact = text.Where(c => c is not ('\r' or '\n')).ToArray();
        foreach (var c in compact)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '/' or '='))
            {
                return false;
            }

            at++;
        }

        return Convert.TryFromBase64Chars(compact, new byte[compact.Length], out _);
    }

    private static KubeStatusException Wrong(FieldType type, JsonNode node, string path, ResourceType resource)
    {
        var got = node.GetValueKind() switch
        {
            JsonValueKind.Object => "object",
            JsonValueKind.Array => "array",
            JsonValueKind.Number => "number",
            JsonValueKind.True or JsonValueKind.False => "bool",
            _ => "string",
        };
        var want = type.Shape switch
        {
            Shape.Struct => type.Name,
            Shape.List => "list",
            Shape.Map => "map",
            Shape.Int => "int64",
            Shape.Bool => "bool",
            Shape.Number => "float64",
            _ => "string",
        };
        return KubeStatusException.BadRequest(
            $"{resource.Kind} in version \"{resource.Version}\" cannot be handled as a {resource.Kind}: json: cannot unmarshal {got} into Go struct field {path.TrimStart('.')} of type {want}"
        );
    }
}
