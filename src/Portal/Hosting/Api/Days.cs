using System.Globalization;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>Days as people write them; the moment meant is the beginning of the day in UTC, so that nothing lasts longer than
/// said.</summary>
internal static class Days
{
    public const string Wanted = "It must be a day such as 2027-01-31, or a time such as 2027-01-31T08:00:00Z.";

    /// <summary>Reads a day or a time; null when it is neither.</summary>
    public static DateTime? Parse(string text) =>
        text.Length switch
        {
            10 => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                ? day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)
                : null,
            > 10 => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                ? time.UtcDateTime
                : null,
            _ => null,
        };
}
