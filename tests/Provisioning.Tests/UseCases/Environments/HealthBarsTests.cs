using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Environments;

/// <summary>A day of health in bars of ten minutes.</summary>
public sealed class HealthBarsTests
{
    private static readonly DateTime Now = new(2026, 5, 6, 12, 34, 56, DateTimeKind.Utc);

    [Fact]
    public void Of_NoSamples_IsADayOfUnknownThatEndsWithNow()
    {
        var bars = HealthBars.Of([], null, Now);

        Assert.Equal(144, bars.Count);
        Assert.All(bars, b => Assert.Null(b.Worst));
        Assert.Equal(TimeSpan.FromDays(1), bars[^1].To - bars[0].From);
        Assert.InRange(Now, bars[^1].From, bars[^1].To);
        Assert.All(bars.Zip(bars.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
    }

    [Fact]
    public void Of_ShortOutage_ShowsItInItsBarOnlyAndHoldsTheStateAround()
    {
        var start = HealthBars.StartOf(Now);
        var bars = HealthBars.Of(
            [Sample(start.AddMinutes(31), HealthStatus.Unhealthy), Sample(start.AddMinutes(33), HealthStatus.Healthy)],
            Sample(start.AddDays(-1), HealthStatus.Healthy),
            Now
        );

        Assert.Equal(HealthStatus.Unhealthy, bars[3].Worst);
        Assert.Equal(143, bars.Count(b => b.Worst == HealthStatus.Healthy));
    }

    [Fact]
    public void Of_FirstSampleWithinTheDay_LeavesTheTimeBeforeItEmpty()
    {
        var bars = HealthBars.Of([Sample(HealthBars.StartOf(Now).AddHours(12), HealthStatus.Degraded)], null, Now);

        Assert.Equal(72, bars.Count(b => b.Worst is null));
        Assert.Equal(72, bars.Count(b => b.Worst == HealthStatus.Degraded));
    }

    private static HealthSample Sample(DateTime at, HealthStatus status) =>
        new()
        {
            EnvironmentId = Guid.Empty,
            At = at,
            Status = status,
            Reason = status.ToString(),
        };
}
