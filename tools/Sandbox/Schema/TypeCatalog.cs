using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Schema;

/// <summary>Reads schema.txt, once, and finds the type of a kind.</summary>
internal static class TypeCatalog
{
    private static readonly Dictionary<string, FieldType> _structs = Load();

    /// <summary>The type of a kind's objects; unknown for kinds without a schema.</summary>
    public static FieldType Of(ResourceType type) =>
        type.IsCustom
            ? FieldType.Unknown
            : _structs.GetValueOrDefault(
                type switch
                {
                    _ when type == ResourceTypes.Events => "Corev1Event",
                    _ when type == ResourceTypes.EventsV1 => "Eventsv1Event",
                    _ => type.Kind,
                }
            ) ?? FieldType.Unknown;

    private static Dictionary<string, FieldType> Load()
    {
        using var stream = typeof(TypeCatalog).Assembly.GetManifestResourceStream("schema.txt")!;
        using var reader = new StreamReader(stream);
        List<(FieldType Type, string Fields)> lines = [];
        var structs = new Dictionary<string, FieldType>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#') || line.Split(" =", 2) is not [var head, var fields])
            {
                continue;
            }

            var name = head.TrimEnd('!');
            structs[name] = new FieldType(Shape.Struct) { Name = name, Atomic = head.EndsWith('!') };
            lines.Add((structs[name], fields));
        }

        foreach (var (type, fields) in lines)
        {
            foreach (var field in fields.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var colon = field.IndexOf(':', StringComparison.Ordinal);
                type.Fields[field[..colon]] = Parse(field[(colon + 1)..], structs);
            }
        }

        return structs;
    }

    private static FieldType Parse(string text, Dictionary<string, FieldType> structs)
    {
        var atomic = text.EndsWith('!');
        text = text.TrimEnd('!');
        string[] keys = [];
        if (text.EndsWith(')'))
        {
            var open = text.LastIndexOf('(');
            keys = text[(open + 1)..^1].Split(',');
            text = text[..open];
        }

        return text switch
        {
            ['[', .. var inner, ']'] => new FieldType(Shape.List)
            {
                Element = Parse(inner, structs),
                Keys = keys,
                Atomic = keys.Length == 0,
            },
            ['{', .. var inner, '}'] => new FieldType(Shape.Map) { Element = Parse(inner, structs), Atomic = atomic },
            "string" => new FieldType(Shape.String),
            "bytes" => new FieldType(Shape.Bytes),
            "time" => new FieldType(Shape.Time),
            "quantity" => new FieldType(Shape.Quantity),
            "int" => new FieldType(Shape.Int),
            "number" => new FieldType(Shape.Number),
            "bool" => new FieldType(Shape.Bool),
            "intstr" => new FieldType(Shape.IntOrString),
            "any" => FieldType.Unknown,
            _ => structs.GetValueOrDefault(text) ?? FieldType.Unknown,
        };
    }
}
