using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api;

/// <summary>Reads the protobuf form of Kubernetes objects into the JSON form. Answers are always JSON.</summary>
internal static class ProtoReader
{
    public const string MediaType = "application/vnd.kubernetes.protobuf";

    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    public static JsonObject Parse(byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith(Magic))
        {
            throw KubeStatusException.BadRequest("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
        }

        var envelope = Message("Unknown", bytes.AsSpan(Magic.Length), 0);
        var (apiVersion, kind) = (envelope["typeMeta"].Text("apiVersion") ?? "", envelope["typeMeta"].Text("kind") ?? "");
        if (ProtoTypes.Find(kind) is null)
        {
            throw BodyReader.Unsupported($"{MediaType} of a {kind}", "application/json, application/yaml");
        }

        var raw = Convert.FromBase64String(envelope.Text("raw") ?? "");
        var item = Message(kind, raw, 0);
        item["apiVersion"] = apiVersion;
        item["kind"] = kind;
        return item;
    }

    private static JsonObject Message(string type, ReadOnlySpan<byte> data, int depth)
    {
        if (depth > 20)
        {
            throw Broken();
        }

        var fields = ProtoTypes.Find(type) ?? [];
        var item = new JsonObject();
        while (!data.IsEmpty)
        {
            var tag = Varint(ref data);
            var (number, wire) = ((int)(tag >> 3), (int)(tag & 7));
            var value = 0UL;
            ReadOnlySpan<byte> bytes = [];
            switch (wire)
            {
                case 0:
                    value = Varint(ref data);
                    break;
                case 1:
                    bytes = Take(ref data, 8);
                    value = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
                    break;
                case 2:
                    bytes = Take(ref data, Varint(ref data));
                    break;
                case 5:
                    bytes = Take(ref data, 4);
                    break;
                default:
                    throw Broken();
            }

            if (fields.TryGetValue(number, out var field))
            {
                Set(item, field, value, bytes, depth);
            }
        }

        return item;
    }

    private static void Set(JsonObject item, ProtoField field, ulong value, ReadOnlySpan<byte> bytes, int depth)
    {
        if (field.Map)
        {
            if (item[field.Name] is not JsonObject map)
            {
                item[field.Name] = map = [];
            }

            var (key, content) = Entry(bytes);
            map[key] = field.Type == "bytes" ? Convert.ToBase64String(content) : Encoding.UTF8.GetString(content);
        }
        else if (field.Repeated)
        {
            if (item[field.Name] is not JsonArray list)
            {
                item[field.Name] = list = [];
            }

            list.Add(Value(field.Type, value, bytes, depth));
        }
        else if (
            Value(field.Type, value, bytes, depth) is { } node
            && !(node is JsonValue text && text.TryGetValue<string>(out var s) && s.Length == 0)
        )
        {
            // Go always writes strings, so an empty one means that there is none.
            item[field.Name] = node;
        }
    }

    private static JsonNode? Value(string type, ulong value, ReadOnlySpan<byte> bytes, int depth)
    {
        switch (type)
        {
            case "string":
                return JsonValue.Create(Encoding.UTF8.GetString(bytes));
            case "bytes":
                return JsonValue.Create(Convert.ToBase64String(bytes));
            case "int":
                return JsonValue.Create((long)value);
            case "bool":
                return JsonValue.Create(value != 0);
            case "Time":
                return Time(bytes);
            case "FieldsV1":
                return Fields(bytes);
            default:
                return Message(type, bytes, depth + 1) is { Count: > 0 } message ? message : null;
        }
    }

    private static JsonValue? Time(ReadOnlySpan<byte> data)
    {
        long seconds = 0;
        while (!data.IsEmpty)
        {
            var tag = Varint(ref data);
            var value = Varint(ref data);
            seconds = tag >> 3 == 1 ? (long)value : seconds;
        }

        return seconds is > 0 and < 253402300800 ? JsonValue.Create(ObjectMeta.Stamp(DateTimeOffset.FromUnixTimeSeconds(seconds))) : null;
    }

    private static JsonNode? Fields(ReadOnlySpan<byte> data)
    {
        var tag = Varint(ref data);
        return tag >> 3 == 1 ? BodyReader.Json(Take(ref data, Varint(ref data)).ToArray()) : null;
    }

    private static (string Key, byte[] Value) Entry(ReadOnlySpan<byte> data)
    {
        var (key, value) = ("", Array.Empty<byte>());
        while (!data.IsEmpty)
        {
            var tag = Varint(ref data);
            var content = (tag & 7) == 2 ? Take(ref data, Varint(ref data)) : throw Broken();
            if (tag >> 3 == 1)
            {
                key = Encoding.UTF8.GetString(content);
            }
            else
            {
                value = content.ToArray();
            }
        }

        return (key, value);
    }

    private static ulong Varint(scoped ref ReadOnlySpan<byte> data)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (data.IsEmpty)
            {
                throw Broken();
            }

            var part = data[0];
            data = data[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw Broken();
    }

    private static ReadOnlySpan<byte> Take(scoped ref ReadOnlySpan<byte> data, ulong length)
    {
        if (length > (ulong)data.Length)
        {
            throw Broken();
        }

        var part = data[..(int)length];
        data = data[(int)length..];
        return part;
    }

    private static KubeStatusException Broken() => KubeStatusException.BadRequest("unable to decode the protobuf message: unexpected EOF");
}
