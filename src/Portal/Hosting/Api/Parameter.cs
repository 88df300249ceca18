using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>One query parameter or header of a call. It is read, refused and published from this declaration alone.</summary>
internal abstract class Parameter(string name, string description)
{
    public string Name { get; } = name;

    public string Description { get; } = description;

    /// <summary>Whether it is a header; else it is in the query.</summary>
    public bool IsHeader { get; init; }

    /// <summary>Whether a call without it is refused.</summary>
    public bool IsRequired { get; init; }

    /// <summary>What it takes, for the description of the API.</summary>
    public abstract OpenApiSchema Schema();

    /// <summary>Reads it for this call; adds what is wrong with it to <paramref name="problems"/>.</summary>
    public abstract void Read(HttpContext http, List<FieldProblem> problems);
}

/// <summary>A parameter of one type.</summary>
/// <param name="name">Name.</param>
/// <param name="description">Description.</param>
/// <param name="longest">Longest text, characters.</param>
/// <param name="parse">Reads a text that is not empty; throws where it cannot be.</param>
/// <param name="schema">What it takes.</param>
internal sealed class Parameter<T>(string name, string description, int longest, Func<string, T> parse, Func<OpenApiSchema> schema)
    : Parameter(name, description)
{
    /// <summary>Value of this call; <c>default</c> where none was given.</summary>
    public T? Of(HttpContext http) =>
        http.Items.TryGetValue(this, out var value)
            ? (T?)value
            : throw new InvalidOperationException($"Parameter {Name} is read, but {http.GetEndpoint()?.DisplayName} does not declare it.");

    public override OpenApiSchema Schema() => schema();

    public override void Read(HttpContext http, List<FieldProblem> problems)
    {
        http.Items[this] = default(T);
        var values = IsHeader ? http.Request.Headers[Name] : http.Request.Query[Name];
        var text = values.ToString();
        if (!IsHeader && values.Count > 1)
        {
            problems.Add(new(Name, "It is given twice."));
        }
        else if (values.Count == 0 && IsRequired)
        {
            problems.Add(new(Name, $"It is required. {Description}"));
        }
        else if (text.Contains('\0', StringComparison.Ordinal))
        {
            problems.Add(new(Name, "It holds a NUL character.")); // PostgreSQL has no such text
        }
        else if (text.Length > longest)
        {
            problems.Add(new(Name, $"At most {longest} characters are taken."));
        }
        else if (text.Length > 0)
        {
            try
            {
                http.Items[this] = parse(text);
            }
            catch (FormatException e)
            {
                problems.Add(new(Name, e.Message));
            }
        }
    }
}

/// <summary>The kinds of parameters, and those that many calls share.</summary>
internal static class Parameters
{
    private const int Usual = 200;

    public static readonly Parameter<string> Cursor = new(
        "cursor",
        "Where to continue: next of the page before.",
        1000,
        t => t,
        () => Text(1000)
    );

    public static readonly Parameter<int?> Limit = Number("limit", "Items per page; 50 if left out.", 1, 200);

    public static readonly Parameter<string> IdempotencyKey = new(
        "Idempotency-Key",
        "Any text of your own. A call repeated with it gets the first one's response, and nothing is made twice.",
        Usual,
        t => t,
        () => Text(Usual)
    )
    {
        IsHeader = true,
    };

    public static readonly Parameter<string> IfNoneMatch = new(
        "If-None-Match",
        "ETag of the answer that you have; 304 without a body where it is still the same.",
        1000,
        t => t,
        () => Text(1000)
    )
    {
        IsHeader = true,
    };

    public static Parameter<string> Text(string name, string description) => new(name, description, Usual, t => t, () => Text(Usual));

    public static Parameter<int?> Number(string name, string description, int least, int most) =>
        new(
            name,
            description,
            Usual,
            text =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                    ? number
                    : throw new FormatException($"It must be a number from {least} to {most}."),
            () =>
                new()
                {
                    Type = JsonSchemaType.Integer,
                    Format = "int32",
                    Minimum = least.ToString(CultureInfo.InvariantCulture),
                    Maximum = most.ToString(CultureInfo.InvariantCulture),
                }
        );

    public static Parameter<bool> Flag(string name, string description) =>
        new(
            name,
            description,
            Usual,
            text =>
                text switch
                {
                    "true" => true,
                    "false" => false,
                    _ => throw new FormatException("It must be true or false."),
                },
            () => new() { Type = JsonSchemaType.Boolean, Default = false }
        );

    public static Parameter<T?> Choice<T>(string name, string description)
        where T : struct, Enum =>
        new(
            name,
            description,
            Usual,
            text =>
                EnumNames.TryParse<T>(text, out var word)
                    ? word
                    : throw new FormatException($"It must be one of: {string.Join(", ", EnumNames.Of<T>())}."),
            () => Words(EnumNames.Of<T>())
        );

    /// <summary>One of some words that are no enum.</summary>
    public static Parameter<string> OneOf(string name, string description, params string[] words) =>
        new(
            name,
            description,
            Usual,
            text =>
                words.Contains(text, StringComparer.Ordinal)
                    ? text
                    : throw new FormatException($"It must be one of: {string.Join(", ", words)}."),
            () => Words(words)
        );

    public static Parameter<DateTime?> Time(string name, string description) =>
        new(
            name,
            description,
            Usual,
            text =>
                DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                    ? time.UtcDateTime
                    : throw new FormatException("It must be a time such as 2026-01-31T08:00:00Z."),
            () => new() { Type = JsonSchemaType.String, Format = "date-time" }
        );

    /// <summary>A day, or a time; a day means its beginning in UTC.</summary>
    public static Parameter<DateTime?> Day(string name, string description) =>
        new(name, description, Usual, text => Days.Parse(text) ?? throw new FormatException(Days.Wanted), () => Text(40));

    public static Parameter<Guid?> Id(string name, string description, string wanted) =>
        new(
            name,
            description,
            Usual,
            text => Guid.TryParse(text, out var id) ? id : throw new FormatException(wanted),
            () => new() { Type = JsonSchemaType.String, Format = "uuid" }
        );

    /// <summary>Id of a line of a log.</summary>
    public static Parameter<long?> Line(string name, string description, bool isHeader = false) =>
        new(
            name,
            description,
            Usual,
            text =>
                long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? number
                    : throw new FormatException("It must be the id of a log line."),
            () =>
                new()
                {
                    Type = JsonSchemaType.Integer,
                    Format = "int64",
                    Minimum = "0",
                }
        )
        {
            IsHeader = isHeader,
        };

    /// <summary>Page that the call asks for; the endpoint declares it with <see cref="Declarations.Pages"/>.</summary>
    public static PageRequest Page(HttpContext http) => new(Cursor.Of(http), Limit.Of(http) ?? 50);

    /// <summary>A text of the usual length.</summary>
    public static OpenApiSchema NameSchema() => Text(Usual);

    private static OpenApiSchema Text(int longest) => new() { Type = JsonSchemaType.String, MaxLength = longest };

    private static OpenApiSchema Words(IEnumerable<string> words) =>
        new() { Type = JsonSchemaType.String, Enum = [.. words.Select(w => (JsonNode)w)] };
}
