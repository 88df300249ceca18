using System.Text.Json;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Api;

/// <summary>
/// Reads one JSON object strictly and gathers everything that is wrong with it: unknown and repeated fields, wrong types, values
/// that are too long. Call <see cref="Done"/> last; it reports the fields that nobody asked for.
/// </summary>
internal sealed class FieldReader
{
    private const int LongestKey = 128;

    private readonly Dictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly string path;
    private readonly List<FieldProblem> problems;

    public FieldReader(JsonElement element, string path, List<FieldProblem> problems)
    {
        this.path = path;
        this.problems = problems;
        foreach (var field in element.EnumerateObject())
        {
            if (!fields.TryAdd(field.Name, field.Value))
            {
                Refuse(field.Name, "It is given twice.");
            }
        }
    }

    public bool Has(string name) => Find(name) is not null;

    public void Refuse(string name, string message) => problems.Add(new(At(name), message));

    public string? Text(string name, int longest = 4096)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String ? Limited(name, value.GetString()!, longest) : Wrong<string?>(name, "a string", value, null);
    }

    public string Required(string name, int longest = 4096)
    {
        if (!Has(name))
        {
            Refuse(name, "It is required.");
            return "";
        }

        return Text(name, longest) ?? "";
    }

    public int? Number(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : Wrong<int?>(name, "a whole number", value, null);
    }

    public bool Flag(string name) =>
        Find(name) is { } value && (value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : Wrong(name, "true or false", value, false));

    public Guid? Id(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.String && value.TryGetGuid(out var id) ? id : Wrong<Guid?>(name, "an id (UUID)", value, null);
    }

    public T? Word<T>(string name) where T : struct, Enum
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.String && Words.TryParse<T>(value.GetString()!, out var word))
        {
            return word;
        }

        Refuse(name, $"It must be one of: {string.Join(", ", Words.Of<T>())}.");
        return null;
    }

    public FieldReader? Object(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        return value.ValueKind == JsonValueKind.Object ? new FieldReader(value, At(name), problems) : Wrong<FieldReader?>(name, "an object", value, null);
    }

    public IReadOnlyList<FieldReader> Objects(string name)
    {
        if (Find(name) is not { } value)
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.Object)
            ? [.. value.EnumerateArray().Select((item, i) => new FieldReader(item, $"{At(name)}[{i}]", problems))]
            : Wrong<IReadOnlyList<FieldReader>>(name, "a list of objects", value, []);
    }

    public IReadOnlyList<string> Texts(string name)
    {
        if (Find(name) is not { } value)
        {
            return [];
        }

        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(i => i.ValueKind == JsonValueKind.String)
            ? [.. value.EnumerateArray().Select(i => Limited(name, i.GetString()!, 200))]
            : Wrong<IReadOnlyList<string>>(name, "a list of strings", value, []);
    }

    /// <summary>An object of free keys; values are strings, and with <paramref name="scalars"/> numbers and booleans too, as they are written.</summary>
    public Dictionary<string, string> Map(string name, int longest, bool scalars)
    {
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        if (Object(name) is { } inner)
        {
            foreach (var (key, value) in inner.fields)
            {
                if (key.Length > LongestKey)
                {
                    // Stops here: what is passed on is named again in every answer about it.
                    inner.Refuse(key, $"The name is {key.Length} characters long; at most {LongestKey} are taken.");
                }
                else if (value.ValueKind == JsonValueKind.String)
                {
                    map[key] = inner.Limited(key, value.GetString()!, longest);
                }
                else if (scalars && value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False)
                {
                    map[key] = inner.Limited(key, value.GetRawText(), longest);
                }
                else
                {
                    inner.Wrong(key, scalars ? "a string, number or boolean" : "a string", value, "");
                }
            }
        }

        return map;
    }

    /// <summary>Reports what was sent but never asked for.</summary>
    public void Done()
    {
        foreach (var name in fields.Keys.Where(k => !known.Contains(k)))
        {
            Refuse(name, $"There is no such field. Fields here: {string.Join(", ", known.Order(StringComparer.Ordinal))}.");
        }
    }

    private JsonElement? Find(string name)
    {
        known.Add(name);
        return fields.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    // The path names what was sent, which may be long and hostile itself.
    private string At(string name) => (path.Length == 0 ? "" : path + ".") + (name.Length <= LongestKey ? name : name[..LongestKey] + "…");

    private string Limited(string name, string value, int longest)
    {
        if (value.Length > longest)
        {
            Refuse(name, $"It is {value.Length} characters long; at most {longest} are taken.");
            return "";
        }

        if (value.Contains('\0', StringComparison.Ordinal))
        {
            Refuse(name, "It holds a NUL character.");
            return "";
        }

        return value;
    }

    private T Wrong<T>(string name, string wanted, JsonElement got, T instead)
    {
        Refuse(name, $"It must be {wanted}, not {Kind(got)}.");
        return instead;
    }

    private static string Kind(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "this number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };
}
