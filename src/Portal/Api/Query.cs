using System.Globalization;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;

namespace Portkey.Portal.Web.Api;

/// <summary>Reads query parameters; what cannot be read is refused by name, never ignored.</summary>
internal static class Query
{
    public static PageRequest Page(HttpContext context) =>
        new(Text(context, "cursor", 1000), Number(context, "limit", 1, 200) ?? 50);

    public static string? Text(HttpContext context, string name, int longest = 200)
    {
        var value = context.Request.Query[name].ToString();
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new InvalidInputException(name, "It holds a NUL character."); // PostgreSQL has no such text
        }

        return value.Length <= longest ? (value.Length == 0 ? null : value) : throw new InvalidInputException(name, $"At most {longest} characters are taken.");
    }

    public static int? Number(HttpContext context, string name, int least, int most) => Text(context, name) switch
    {
        null => null,
        var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most => number,
        _ => throw new InvalidInputException(name, $"It must be a number from {least} to {most}."),
    };

    public static bool Flag(HttpContext context, string name) => Text(context, name) switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw new InvalidInputException(name, "It must be true or false."),
    };

    public static T? Word<T>(HttpContext context, string name) where T : struct, Enum => Text(context, name) switch
    {
        null => null,
        var text when Words.TryParse<T>(text, out var word) => word,
        _ => throw new InvalidInputException(name, $"It must be one of: {string.Join(", ", Words.Of<T>())}."),
    };

    public static DateTime? Time(HttpContext context, string name) => Text(context, name) switch
    {
        null => null,
        var text when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) => time.UtcDateTime,
        _ => throw new InvalidInputException(name, "It must be a time such as 2026-01-31T08:00:00Z."),
    };

    /// <summary>A day, or a time; a day means its beginning in UTC.</summary>
    public static DateTime? Day(HttpContext context, string name) => Text(context, name) is { } text ? Days.Parse(text) ?? throw new InvalidInputException(name, Days.Wanted) : null;

    /// <summary>An environment by id or by name, as people write it.</summary>
    public static async Task<Guid?> EnvironmentAsync(HttpContext context, EnvironmentService environments, Caller caller)
    {
        if (Text(context, "environment") is not { } text || Guid.TryParse(text, out _))
        {
            return Guid.TryParse(Text(context, "environment"), out var id) ? id : null;
        }

        var found = await environments.ListAsync(caller, new EnvironmentFilter(Search: text, IncludeDeleted: true), new PageRequest(null, 200), context.RequestAborted);
        return found.Items.FirstOrDefault(e => string.Equals(e.Name, text, StringComparison.OrdinalIgnoreCase))?.Id ?? throw new NotFoundException($"environment '{text}'");
    }

    public static async Task<AuditFilter> AuditAsync(HttpContext context, EnvironmentService environments, Caller caller) => new(
        Text(context, "actor"), Text(context, "action"), await EnvironmentAsync(context, environments, caller), Time(context, "from"), Time(context, "to"));
}
