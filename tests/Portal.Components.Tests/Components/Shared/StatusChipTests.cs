using Bunit;
using Portkey.Portal.Data;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Components.Tests.Components.Shared;

public sealed class StatusChipTests : PageTest
{
    public static TheoryData<HealthStatus, string, string> Healths =>
        new()
        {
            { HealthStatus.Healthy, "Healthy", "ok" },
            { HealthStatus.Progressing, "Progressing", "info" },
            { HealthStatus.Degraded, "Degraded", "warn" },
            { HealthStatus.Unhealthy, "Unhealthy", "bad" },
            { HealthStatus.Unknown, "Unknown", "unknown" },
            { HealthStatus.Suspended, "Suspended", "unknown" },
        };

    [Theory, MemberData(nameof(Healths))]
    public void Chip_EveryHealth_HasIconWordAndTone(HealthStatus health, string word, string tone)
    {
        var chip = Render<StatusChip>(p => p.Add(c => c.Status, StatusLabel.Of(health)));

        Assert.Equal(word, chip.Find(".chip").TextContent.Trim());
        Assert.Contains("tone-" + tone, chip.Find(".chip").ClassName, StringComparison.Ordinal);
        Assert.Equal("true", chip.Find("svg").GetAttribute("aria-hidden"));
    }

    [Fact]
    public void Healths_ThatMustNotBeConfused_DifferInShape()
    {
        var shapes = Enum.GetValues<HealthStatus>().Select(h => StatusLabel.Of(h).Shape);

        Assert.Equal(Enum.GetValues<HealthStatus>().Length, shapes.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void EveryState_OfEveryKind_HasAWord()
    {
        var words = Enum.GetValues<RequestState>()
            .Select(StatusLabel.Of)
            .Concat(Enum.GetValues<OperationState>().Select(StatusLabel.Of))
            .Concat(Enum.GetValues<EnvironmentState>().Select(StatusLabel.Of))
            .Concat(Enum.GetValues<StepState>().Select(StatusLabel.Of));

        Assert.All(words, w => Assert.False(string.IsNullOrWhiteSpace(w.Text)));
    }
}
