using System.Globalization;
using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>
/// When unattended work may happen: <c>Sat,Sun 02:00-05:00</c>, in UTC. Days may be ranges (<c>Mon-Fri</c>) or left out for every day; an
/// end before the start is on the next day; <c>;</c> separates several. Empty means any time.
/// </summary>
public sealed partial class MaintenanceWindow
{
    /// <summary>What the syntax is, for messages.</summary>
    public const string Syntax =
        "Write days and hours in UTC, such as 'Sat,Sun 02:00-05:00' or 'Mon-Fri 22:00-02:00'; separate several with ';'. Empty means any time.";

    /// <summary>Longest text that is taken.</summary>
    public const int Longest = 200;

    private static readonly string[] Days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

    private readonly List<Part> parts;

    private MaintenanceWindow(List<Part> parts) => this.parts = parts;

    /// <summary>Open at any time.</summary>
    public static MaintenanceWindow Always { get; } = new([]);

    /// <summary>Reads one; null when it is not the syntax.</summary>
    public static MaintenanceWindow? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text))
        {
            return Always;
        }

        List<Part?> found =
            text.Length > Longest || text.Any(char.IsControl) ? [] : [.. text.Split(';', StringSplitOptions.TrimEntries).Select(PartOf)];
        return found.Count == 0 || found.Contains(null) ? null : new MaintenanceWindow([.. found.OfType<Part>()]);
    }

    /// <summary>Whether it is open at this time.</summary>
    public bool IsOpen(DateTime utc) => parts.Count == 0 || Spans(utc.Date.AddDays(-1), 2).Any(s => s.Start <= utc && utc < s.End);

    /// <summary>When it opens next; the time itself where it is open then.</summary>
    public DateTime NextOpening(DateTime utc) => IsOpen(utc) ? utc : OpensAfter(utc)!.Value;

    /// <summary>When it opens next after this time; null where it is always open.</summary>
    public DateTime? OpensAfter(DateTime utc) => parts.Count == 0 ? null : Spans(utc.Date, 8).Where(s => s.Start > utc).Min(s => s.Start);

    private IEnumerable<(DateTime Start, DateTime End)> Spans(DateTime first, int days) =>
        from day in Enumerable.Range(0, days).Select(n => first.AddDays(n))
        from part in parts
        where part.On.Contains(day.DayOfWeek)
        select (day + part.From, day + part.To);

    private static Part? PartOf(string text)
    {
        if (Pattern().Match(text) is not { Success: true } match || DaysOf(match.Groups["days"].Value) is not { } days)
        {
            return null;
        }

        var (from, to) = (TimeOf(match.Groups["from"].Value), TimeOf(match.Groups["to"].Value));
        if (from is null || to is null || from == to || from == TimeSpan.FromDays(1))
        {
            return null;
        }

        return new Part(days, from.Value, to > from ? to.Value : to.Value + TimeSpan.FromDays(1));
    }

    private static HashSet<DayOfWeek>? DaysOf(string text)
    {
        if (text.Length == 0)
        {
            return [.. Enum.GetValues<DayOfWeek>()];
        }

        var days = new HashSet<DayOfWeek>();
        foreach (var item in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var ends = item.Split('-', StringSplitOptions.TrimEntries)
                .Select(d => Array.FindIndex(Days, x => x.Equals(d, StringComparison.OrdinalIgnoreCase)))
                .ToList();
            if (ends.Count > 2 || ends.Contains(-1))
            {
                return null;
            }

            // Fri-Mon wraps around the end of the week.
            for (var day = ends[0]; ; day = (day + 1) % 7)
            {
                days.Add((DayOfWeek)day);
                if (day == ends[^1])
                {
                    break;
                }
            }
        }

        return days;
    }

    private static TimeSpan? TimeOf(string text) =>
        text == "24:00" ? TimeSpan.FromDays(1)
        : TimeSpan.TryParseExact(text, @"hh\:mm", CultureInfo.InvariantCulture, out var time) ? time
        : null;

    [GeneratedRegex(
        @"\A(?:(?<days>[A-Za-z]{3}(?:\s*[,-]\s*[A-Za-z]{3})*)\s+)?(?<from>[0-9]{2}:[0-9]{2})\s*-\s*(?<to>[0-9]{2}:[0-9]{2})\z",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Pattern();

    private sealed record Part(HashSet<DayOfWeek> On, TimeSpan From, TimeSpan To);
}
