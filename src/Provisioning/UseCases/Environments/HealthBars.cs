using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Turns samples into bars of ten minutes. A verdict holds until the next sample, so a bar without samples shows the one before.
/// Pure.</summary>
public static class HealthBars
{
    private const int Bars = 144;
    private static readonly TimeSpan Width = TimeSpan.FromMinutes(10);

    /// <summary>Start of the first bar.</summary>
    public static DateTime StartOf(DateTime now) =>
        new DateTime(now.Ticks - (now.Ticks % Width.Ticks), DateTimeKind.Utc) + Width - (Width * Bars);

    /// <summary>144 bars, oldest first.</summary>
    public static IReadOnlyList<HealthBucket> Of(IReadOnlyList<HealthSample> samples, HealthSample? before, DateTime now)
    {
        var bars = new List<HealthBucket>(Bars);
        var (from, held, next) = (StartOf(now), before, 0);
        for (var i = 0; i < Bars; i++, from += Width)
        {
            var worst = held;
            while (next < samples.Count && samples[next].At < from + Width)
            {
                held = samples[next++];
                worst = worst is null || Rank(held.Status) >= Rank(worst.Status) ? held : worst;
            }

            bars.Add(new HealthBucket(from, from + Width, worst?.Status, worst?.Reason ?? ""));
        }

        return bars;
    }

    private static int Rank(HealthStatus status) =>
        status switch
        {
            HealthStatus.Unhealthy => 5,
            HealthStatus.Degraded => 4,
            HealthStatus.Unknown => 3,
            HealthStatus.Progressing => 2,
            HealthStatus.Suspended => 1,
            _ => 0,
        };
}
