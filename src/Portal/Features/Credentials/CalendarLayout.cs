using Portkey.Portal.Provisioning.UseCases.Credentials;

namespace Portkey.Portal.Web.Features.Credentials;

/// <summary>One day of the grid.</summary>
/// <param name="Date">Day.</param>
/// <param name="IsShown">Within the days asked for; the others only fill their week.</param>
/// <param name="Expires">What expires on it; null for nothing.</param>
/// <param name="Tone">How loud: the nearer, the louder.</param>
internal sealed record CalendarCell(DateOnly Date, bool IsShown, CalendarDay? Expires, string Tone);

/// <summary>Days in whole weeks from Monday, for a grid that is read by columns on a desktop and by rows on a phone.</summary>
internal static class CalendarLayout
{
    public static IReadOnlyList<CalendarCell> Of(CredentialCalendar calendar)
    {
        var (first, last) = (Monday(calendar.From), Monday(calendar.From.AddDays(calendar.Days - 1)).AddDays(6));
        var days = calendar.Items.ToDictionary(d => d.Date);
        return
        [
            .. Enumerable
                .Range(0, last.DayNumber - first.DayNumber + 1)
                .Select(n => first.AddDays(n))
                .Select(date => new CalendarCell(
                    date,
                    date >= calendar.From && date < calendar.From.AddDays(calendar.Days),
                    days.GetValueOrDefault(date),
                    Tone(date.DayNumber - calendar.From.DayNumber)
                )),
        ];
    }

    // The same thresholds as the reminders.
    private static string Tone(int days) =>
        days switch
        {
            <= 1 => "bad",
            <= 7 => "warn",
            _ => "info",
        };

    private static DateOnly Monday(DateOnly date) => date.AddDays(-(((int)date.DayOfWeek + 6) % 7));
}
