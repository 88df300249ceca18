using System.Text.Json;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>
/// Reads JSON strictly into the record of a body and gathers everything that is wrong with it: unknown, repeated and missing fields, wrong
/// types, values that are too long. Which fields there are and what they take says <see cref="BodyContract"/>; nothing here knows a field
/// by name.
/// </summary>
internal sealed class StrictReader(List<FieldProblem> problems)
{
    private const int LongestKey = 128;

    /// <summary>Reads one object; a field that is null counts as left out.</summary>
    public object Read(JsonElement element, Type type, string path = "")
    {
        var contract = BodyContract.Of(type);
        var result = contract.Create();
        var given = new HashSet<string>(StringComparer.Ordinal);
        var empty = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in element.EnumerateObject())
        {
            var name = property.Name;
            if (!given.Add(name))
            {
                Refuse(path, name, "It is given twice.");
            }
            else if (!contract.Fields.TryGetValue(name, out var field))
            {
                Refuse(
                    path,
                    name,
                    $"There is no such field. Fields here: {string.Join(", ", contract.Fields.Keys.Order(StringComparer.Ordinal))}."
                );
            }
            else if (property.Value.ValueKind == JsonValueKind.Null)
            {
                empty.Add(name);
            }
            else if (Value(path, field, property.Value) is { } value)
            {
                field.Set(result, value);
            }
        }

        foreach (var field in contract.Fields.Values.Where(f => f.IsRequired && (!given.Contains(f.Name) || empty.Contains(f.Name))))
        {
            Refuse(path, field.Name, "It is required" + Choices(field.Type) + ".");
        }

        return result;
    }

    // Null where it was refused.
    private object? Value(string path, BodyField field, JsonElement value)
    {
        var (name, type) = (field.Name, field.Type);
        if (type == typeof(string) || type == typeof(SecretValue) || type == typeof(DateTime))
        {
            return Text(path, field, value);
        }

        if (type == typeof(int))
        {
            return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
                ? number
                : Wrong(path, name, "a whole number", value);
        }

        if (type == typeof(bool))
        {
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? value.GetBoolean()
                : Wrong(path, name, "true or false", value);
        }

        if (type == typeof(Guid))
        {
            return value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id) ? id : Wrong(path, name, "an id (UUID)", value);
        }

        if (type.IsEnum)
        {
            return value.ValueKind == JsonValueKind.String && EnumNames.TryParse(type, value.GetString()!, out var word)
                ? word
                : Refuse(path, name, $"It must be one of: {string.Join(", ", EnumNames.Of(type))}.");
        }

        if (type == typeof(IReadOnlyList<string>))
        {
            return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String)
                ? value
                    .EnumerateArray()
                    .Select(i => Limited(path, name, i.GetString()!, field.Entries?.Longest ?? EntriesAttribute.Usual))
                    .ToArray()
                : Wrong(path, name, "a list of strings", value);
        }

        if (type == typeof(IReadOnlyDictionary<string, string>))
        {
            return Map(path, field, value, text => text);
        }

        if (type == typeof(IReadOnlyDictionary<string, SecretValue>))
        {
            return Map(path, field, value, text => new SecretValue(text));
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            return Records(path, name, type.GetGenericArguments()[0], value);
        }

        return value.ValueKind == JsonValueKind.Object ? Read(value, type, At(path, name)) : Wrong(path, name, "an object", value);
    }

    private object? Text(string path, BodyField field, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return Wrong(path, field.Name, "a string", value);
        }

        var text = Limited(path, field.Name, value.GetString()!, field.Longest);
        return field.Type == typeof(SecretValue) ? new SecretValue(text)
            : field.Type == typeof(DateTime) ? Days.Parse(text) ?? Refuse(path, field.Name, Days.Wanted)
            : text;
    }

    private Array? Records(string path, string name, Type type, JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(i => i.ValueKind != JsonValueKind.Object))
        {
            Wrong(path, name, "a list of objects", value);
            return null;
        }

        var records = Array.CreateInstance(type, value.GetArrayLength());
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            records.SetValue(Read(item, type, $"{At(path, name)}[{index}]"), index++);
        }

        return records;
    }

    // An object of free keys.
    private Dictionary<string, T>? Map<T>(string path, BodyField field, JsonElement value, Func<string, T> of)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Wrong(path, field.Name, "an object", value);
            return null;
        }

        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        var (inner, scalars, longest) = (
            At(path, field.Name),
            field.Entries?.Scalars == true,
            field.Entries?.Longest ?? EntriesAttribute.Usual
        );
        foreach (var entry in value.EnumerateObject())
        {
            if (map.ContainsKey(entry.Name))
            {
                Refuse(inner, entry.Name, "It is given twice.");
            }
            else if (entry.Name.Length > LongestKey)
            {
                // Stops here: what is passed on is named again in every answer about it.
                Refuse(inner, entry.Name, $"The name is {entry.Name.Length} characters long; at most {LongestKey} are taken.");
            }
            else if (entry.Value.ValueKind == JsonValueKind.String)
            {
                map[entry.Name] = of(Limited(inner, entry.Name, entry.Value.GetString()!, longest));
            }
            else if (scalars && entry.Value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
            {
                map[entry.Name] = of(Limited(inner, entry.Name, entry.Value.GetRawText(), longest));
            }
            else
            {
                Wrong(inner, entry.Name, scalars ? "a string, number or boolean" : "a string", entry.Value);
            }
        }

        return map;
    }

    private string Limited(string path, string name, string value, int longest)
    {
        if (value.Length > longest)
        {
            Refuse(path, name, $"It is {value.Length} characters long; at most {longest} are taken.");
            return "";
        }

        if (value.Contains('\0', StringComparison.Ordinal))
        {
            Refuse(path, name, "It holds a NUL character.");
            return "";
        }

        return value;
    }

    private static string Choices(Type type) =>
        type == typeof(bool) ? ": true or false"
        : type.IsEnum ? $": one of {string.Join(", ", EnumNames.Of(type))}"
        : "";

    private object? Wrong(string path, string name, string wanted, JsonElement got) =>
        Refuse(path, name, $"It must be {wanted}, not {Kind(got)}.");

    private object? Refuse(string path, string name, string message)
    {
        problems.Add(new(At(path, name), message));
        return null;
    }

    // The path names what was sent, which may be long and hostile itself.
    private static string At(string path, string name) =>
        (path.Length == 0 ? "" : path + ".") + (name.Length <= LongestKey ? name : name[..LongestKey] + "…");

    private static string Kind(JsonElement element) =>
        element.ValueKind switch
        {
            JsonValueKind.Object => "an object",
            JsonValueKind.Array => "a list",
            JsonValueKind.String => "a string",
            JsonValueKind.Number => "this number",
            JsonValueKind.True or JsonValueKind.False => "a boolean",
            _ => "null",
        };
}
