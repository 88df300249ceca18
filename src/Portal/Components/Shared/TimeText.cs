using System.Globalization;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>Times and durations in words.</summary>
internal static class TimeText
{
    public static string Exact(DateTime utc) => utc.ToString("d MMM yyyy HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Relative(DateTime utc, DateTime now)
    {
        var ago = now - utc;
        var words = Span(ago.Duration());
        return words is "now" ? "just now"
            : ago >= TimeSpan.Zero ? words + " ago"
            : "in " + words;
    }

    /// <summary>Minutes and seconds that are left, such as <c>0:42</c>; <c>0:00</c> when they are over.</summary>
    public static string Left(DateTime utc, DateTime now)
    {
        var seconds = (int)Math.Max(0, Math.Ceiling((utc - now).TotalSeconds));
        return $"{seconds / 60}:{seconds % 60:00}";
    }

    /// <summary>For ages: one unit, rounded down.</summary>
    public static string Span(TimeSpan span) =>
        span switch
        {
            { TotalSeconds: < 10 } => "now",
            { TotalSeconds: < 60 } => $"{(int)span.TotalSeconds} s",
            { TotalMinutes: < 60 } => $"{(int)span.TotalMinutes} min",
            { TotalHours: < 24 } => $"{(int)span.TotalHours} h",
            { TotalDays: < 2 } => "1 day",
            _ => $"{(int)span.TotalDays} days",
        };

    /// <summary>For durations that somebody set, such as <c>6 minutes</c> or <c>90 s</c>.</summary>
    public static string Set(TimeSpan span) =>
        span == TimeSpan.FromMinutes(1) ? "a minute"
        : span.Ticks % TimeSpan.TicksPerMinute == 0 && span > TimeSpan.Zero ? $"{(int)span.TotalMinutes} minutes"
        : $"{(int)span.TotalSeconds} s";

    /// <summary>For durations of steps, such as <c>0.4 s</c> or <c>2 min 05 s</c>.</summary>
    public static string Duration(TimeSpan span) =>
        span switch
        {
            { TotalSeconds: < 10 } => span.TotalSeconds.ToString("0.0 's'", CultureInfo.InvariantCulture),
            { TotalSeconds: < 60 } => span.TotalSeconds.ToString("0 's'", CultureInfo.InvariantCulture),
            { TotalHours: < 1 } => $"{(int)span.TotalMinutes} min {span.Seconds:00} s",
            _ => $"{(int)span.TotalHours} h {span.Minutes:00} min",
        };
}
