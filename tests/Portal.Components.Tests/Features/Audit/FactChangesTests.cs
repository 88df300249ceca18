using Portkey.Portal.Web.Features.Audit;

namespace Portkey.Portal.Components.Tests.Features.Audit;

public sealed class FactChangesTests
{
    [Fact]
    public void Of_BeforeAndAfter_NamesWhatChangedFirstAndInWords()
    {
        var facts = FactChanges.Of(
            """{"policy":{"rotateEveryDays":90,"unattended":false},"owner":"payments"}""",
            """{"policy":{"rotateEveryDays":30,"unattended":true},"owner":"payments"}"""
        );

        Assert.Equal(
            [
                new("Policy: Rotate every days", "90", "30"),
                new("Policy: Unattended", "no", "yes"),
                new FactChange("Owner", "payments", "payments"),
            ],
            facts
        );
    }

    [Fact]
    public void Of_Lists_AreOneFactEachOrNumbered() =>
        Assert.Equal(
            [new("Failed", "", "none"), new("Warned", "", "cluster, room"), new FactChange("Rules 1: To", "", "db")],
            FactChanges.Of("", """{"failed":[],"warned":["cluster","room"],"rules":[{"to":"db"}]}""")
        );

    [Fact]
    public void Of_NamesOfSettingsAndOfPeople_StayAsTheyAre() =>
        Assert.Equal(
            ["REQUEST_TIMEOUT", "Key of storage"],
            FactChanges.Of("", """{"REQUEST_TIMEOUT":"5","Key of storage":"x"}""").Select(f => f.Name)
        );

    [Fact]
    public void Of_TextThatIsNoJson_IsShownAsItIs() =>
        Assert.Equal([new FactChange("Content", "", "<b>{{")], FactChanges.Of("", "<b>{{"));

    [Fact]
    public void Of_Nothing_IsNothing() => Assert.Empty(FactChanges.Of("", ""));
}
