using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Components.Layout;

namespace Portkey.Portal.Components.Tests.Components.Layout;

public sealed class PaletteItemTests
{
    private static readonly Guid Id = Guid.Parse("0199a000-0000-7000-8000-000000000001");

    private static readonly Access Lead = new("lena", "Lena Payments", false, false, [new TeamView(Id, "payments", "Payments")]);

    private static readonly Access Administrator = new("ada", "Ada Admin", true, false, []);

    private static readonly Access Auditor = new("olga", "Olga Auditor", false, true, []);

    [Theory]
    [InlineData("sign out", "Sign out")]
    [InlineData("log out", "Sign out")]
    [InlineData("DARK", "Switch between light and dark")]
    [InlineData("import", "Import a values file")]
    [InlineData("new gateway", "Request a new gateway")]
    [InlineData("shared credential", "New shared credential")]
    public void Places_OfALead_AreFoundByTheirWords(string typed, string title) =>
        Assert.Contains(PaletteItem.Places(Lead), p => p.Matches(typed) && p.Title == title);

    [Fact]
    public void Places_ByRole_AreWhatThePersonMayDo()
    {
        static List<string> Titles(Access access, string typed) =>
            [.. PaletteItem.Places(access).Where(p => p.Matches(typed)).Select(p => p.Title)];

        Assert.Contains("Approve or reject what waits for me", Titles(Administrator, "approve"));
        Assert.DoesNotContain("Approve or reject what waits for me", Titles(Lead, "approve"));
        Assert.Equal(["Register a cluster", "Register a chart"], Titles(Administrator, "register"));
        Assert.Empty(Titles(Lead, "register"));
        Assert.Contains("Verify the history", Titles(Auditor, "verify"));
        Assert.Empty(Titles(Lead, "verify"));
        Assert.Empty(Titles(Auditor, "gateway"));
    }

    [Fact]
    public void Of_AnEnvironmentThatThePersonMayChange_OffersWhatCanBeAskedFor()
    {
        var found = new Found([new FoundEnvironment(Id, "payments-prod", "payments", MayPropose: true)], [], []);
        var titles = PaletteItem.Of(found, withActions: true).Select(p => p.Title).ToList();
        Assert.All(
            [
                "Change payments-prod",
                "Upgrade payments-prod",
                "Rotate a secret of payments-prod",
                "Roll back payments-prod",
                "Delete payments-prod",
            ],
            t => Assert.Contains(t, titles)
        );
        Assert.Single(PaletteItem.Of(found, withActions: false));
    }

    [Fact]
    public void Of_AnEnvironmentOfOthers_OffersOnlyToLook()
    {
        var found = new Found([new FoundEnvironment(Id, "payments-prod", "payments", MayPropose: false)], [], []);
        Assert.DoesNotContain(PaletteItem.Of(found, withActions: true), p => p.Title.StartsWith("Delete", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_AnEnvironmentWithWork_OffersToStopItOrToTryItAgain()
    {
        var other = Guid.Parse("0199a000-0000-7000-8000-000000000002");
        var found = new Found([new FoundEnvironment(Id, "payments-prod", "payments", true) { Stoppable = Id, Retryable = other }], [], []);
        var items = PaletteItem.Of(found, withActions: true).ToList();
        Assert.Equal($"/operations/{Id}", items.Single(p => p.Matches("stop payments")).Href);
        Assert.Equal($"/operations/{other}", items.Single(p => p.Matches("try again payments")).Href);

        var idle = new Found([new FoundEnvironment(Id, "payments-prod", "payments", true)], [], []);
        Assert.DoesNotContain(PaletteItem.Of(idle, withActions: true), p => p.Matches("stop") || p.Matches("retry"));
    }

    [Fact]
    public void Of_Requests_OffersTheDecisionToThoseWhoMay()
    {
        FoundRequest Request(bool decide, bool back) =>
            new(Id, RequestKind.Rollback, RequestState.Pending, "payments-prod", "Lena Payments", decide, back);

        var titles = PaletteItem.Of(new Found([], [Request(true, false), Request(false, true)], []), true).Select(p => p.Title);
        Assert.Equal(
            [
                "Approve or reject: roll back payments-prod",
                "roll back payments-prod",
                "Take back: roll back payments-prod",
                "roll back payments-prod",
            ],
            titles
        );
    }

    [Fact]
    public void Of_Credentials_LeadToTheirRotation()
    {
        var found = new Found(
            [],
            [],
            [
                new FoundCredential(Id, "REDIS_URL", "", Id, "payments-prod", MayRotate: true),
                new FoundCredential(Id, "PORTKEY_CLIENT_AUTH", "team-key", null, "", MayRotate: true),
                new FoundCredential(Id, "REDIS_URL", "", Id, "search-prod", MayRotate: false),
            ]
        );
        var rotations = PaletteItem.Of(found, true).Where(p => p.Matches("rotate")).Select(p => (p.Title, p.Href)).ToList();
        Assert.Equal(
            [
                ("Rotate REDIS_URL of payments-prod", $"/environments/{Id}?tab=secrets&rotate=REDIS_URL"),
                ("Rotate PORTKEY_CLIENT_AUTH, shared as team-key", $"/credentials/{Id}/rotate"),
            ],
            rotations
        );
    }

    [Theory]
    [InlineData("rotate redis", "redis")]
    [InlineData("try again payments-prod", "payments-prod")]
    [InlineData("stop payments-prod", "payments-prod")]
    [InlineData("roll back payments-prod", "payments-prod")]
    [InlineData("approve", "")]
    [InlineData("ros", "ros")]
    [InlineData("payments prod", "payments prod")]
    public void Names_OfWhatWasTyped_AreItsWordsWithoutTheVerbs(string typed, string names) =>
        Assert.Equal(names, PaletteItem.Names(typed));
}
