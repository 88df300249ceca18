using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Features.Credentials;
using Portkey.Portal.Web.Features.Environments;
using Portkey.Portal.Web.Features.Home;

namespace Portkey.Portal.Components.Tests.Features.Credentials;

public sealed class CredentialTests : PageTest
{
    private static readonly DateOnly Thursday = new(2026, 11, 26);

    [Fact]
    public void Table_Row_SaysWhatWhereWhoseAndWhen()
    {
        var table = Render<CredentialTable>(p =>
            p.Add(
                c => c.Rows,
                [
                    Row(),
                    Row() with
                    {
                        EnvironmentId = null,
                        Environment = "",
                        Name = "cache-eu",
                        Environments = 20,
                        Team = "",
                        Version = "",
                    },
                ]
            )
        );

        var rows = table.FindAll("[data-testid=credential-row]");
        Assert.Contains("checkout", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("v3 waits", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("Payments", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("20 environments", rows[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("shared as cache-eu", rows[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("All teams", rows[1].TextContent, StringComparison.Ordinal);
        Assert.All(rows, r => Assert.Equal(r.QuerySelectorAll("td").Length - 1, r.QuerySelectorAll("td[data-label]").Length));
    }

    [Fact]
    public void Table_HostileText_StaysTextAndNothingReveals()
    {
        var table = Render<CredentialTable>(p =>
            p.Add(c => c.Rows, [Row() with { Key = Hostile, Environment = Hostile, StoredBy = Hostile }])
        );

        Assert.Empty(table.FindAll("img"));
        Assert.Empty(table.FindAll("button"));
        Assert.DoesNotContain("reveal", table.Markup, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Calendar_WithExpiries_LinksThoseDaysAndHidesTheOthers()
    {
        var calendar = Render<ExpiryCalendar>(p =>
            p.Add(c => c.Calendar, Calendar((3, 2), (40, 1))).Add(c => c.Selected, Thursday.AddDays(3))
        );

        var days = calendar.FindAll("[data-testid=calendar-day]");
        Assert.Equal(
            ["29 Nov 2026: 2 credentials expire", "5 Jan 2027: REDIS_URL of checkout expires"],
            days.Select(d => d.QuerySelector(".sr-only")!.TextContent)
        );
        Assert.Equal("/credentials?day=2026-11-29", days[0].GetAttribute("href"));
        Assert.Contains("tone-warn", days[0].ClassName, StringComparison.Ordinal);
        Assert.Equal(2, calendar.FindAll("[role=listitem]").Count);
        Assert.All(calendar.FindAll(".calendar > span:not([role])"), s => Assert.Equal("true", s.GetAttribute("aria-hidden")));
        Assert.Equal(2, calendar.FindAll("[data-testid=calendar-items] li").Count);
    }

    [Fact]
    public void Calendar_NothingExpires_IsOneSentence()
    {
        var calendar = Render<ExpiryCalendar>(p => p.Add(c => c.Calendar, Calendar() with { Expired = 2 }));

        Assert.Empty(calendar.FindAll(".calendar"));
        Assert.Equal("Nothing expires in the next 90 days. 2 have expired already.", calendar.Find("p").TextContent);
    }

    [Theory]
    [InlineData(2026, 11, 26, 90)]
    [InlineData(2026, 11, 30, 90)]
    [InlineData(2026, 11, 29, 1)]
    public void Layout_AnyStart_IsWholeWeeksFromMonday(int year, int month, int day, int days)
    {
        var cells = CalendarLayout.Of(new CredentialCalendar(new DateOnly(year, month, day), days, 0, []));

        Assert.Equal(0, cells.Count % 7);
        Assert.Equal(DayOfWeek.Monday, cells[0].Date.DayOfWeek);
        Assert.Equal(days, cells.Count(c => c.IsShown));
    }

    [Fact]
    public void Plan_BeforeAnything_NamesStepsPlacesAndTheWayBack()
    {
        var plan = Render<RotationPlan>(p =>
            p.Add(c => c.From, "v2")
                .Add(c => c.To, "v3")
                .Add(c => c.Touches, ["checkout", "browse"])
                .Add(c => c.Soak, TimeSpan.FromMinutes(6))
        );

        Assert.Equal(
            ["New version", "Cluster Secret", "Roll", "Health", "Live probe", "Soak", "Old version disabled"],
            plan.FindAll("ol strong").Select(s => s.TextContent)
        );
        Assert.Contains("6 minutes", plan.Markup, StringComparison.Ordinal);
        Assert.Contains("checkout, browse", plan.Find("[data-testid=plan-touches]").TextContent, StringComparison.Ordinal);
        Assert.Contains("v2, until the last step", plan.Markup, StringComparison.Ordinal);
        Assert.Contains("nothing is disabled", plan.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Orphans_HostileName_StaysTextWithWhatToDo()
    {
        var table = Render<OrphanTable>(p =>
            p.Add(
                c => c.Rows,
                [new OrphanRow(Guid.NewGuid(), SecretAnomalyKind.Missing, Hostile, "1", null, "", "Store a new version.", DateTime.UtcNow)]
            )
        );

        Assert.Empty(table.FindAll("img"));
        Assert.Contains("Missing", table.Find("[data-testid=orphan-row]").TextContent, StringComparison.Ordinal);
        Assert.Contains("Store a new version.", table.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Orphans_Remove_IsThereForWhatIsLeftOverAndWhoeverMay()
    {
        OrphanRow[] rows =
        [
            new(Guid.NewGuid(), SecretAnomalyKind.Unused, "env-1-a", "1", null, "", "", DateTime.UtcNow),
            new(Guid.NewGuid(), SecretAnomalyKind.Missing, "env-2-a", "1", null, "", "", DateTime.UtcNow),
        ];
        OrphanRow? removed = null;
        Assert.Empty(Render<OrphanTable>(p => p.Add(c => c.Rows, rows)).FindAll("[data-testid=orphan-remove]"));

        var table = Render<OrphanTable>(p => p.Add(c => c.Rows, rows).Add(c => c.OnRemove, r => removed = r));
        Assert.Single(table.FindAll("[data-testid=orphan-remove]")).Click();
        Assert.Equal(rows[0], removed);
    }

    [Fact]
    public void Waiting_DueCredential_IsOneLineWithItsTime()
    {
        var card = Render<WaitingCard>(p =>
            p.Add(c => c.Waiting, [])
                .Add(c => c.Mine, [])
                .Add(c => c.Credentials, [Row() with { DueAt = DateTime.UtcNow.AddDays(3).AddHours(1) }])
        );

        var line = card.Find("[data-testid=waiting-credential]");
        Assert.StartsWith("Rotate REDIS_URL", line.TextContent.Trim(), StringComparison.Ordinal);
        Assert.Contains("due in 3 days", line.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("Nothing waits", card.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void Secrets_OfAnEnvironment_TakeAValueByPlainFormWithItsExpiry()
    {
        Services.AddSingleton<Microsoft.AspNetCore.Components.Forms.AntiforgeryStateProvider>(new NoAntiforgery());
        var form = Render<StoreSecretForm>(p =>
                p.Add(c => c.Action, PortalUrls.SecretForm(Guid.Empty, "REDIS_URL")).Add(c => c.SecretKey, "REDIS_URL")
            )
            .Find("form");

        Assert.Equal("post", form.GetAttribute("method"));
        Assert.Equal("/forms/environments/00000000-0000-0000-0000-000000000000/secrets/REDIS_URL", form.GetAttribute("action"));
        Assert.Equal(
            ["password", "date"],
            form.QuerySelectorAll("input[name=value],input[name=expires]").Select(i => i.GetAttribute("type")!)
        );
        Assert.All(
            form.QuerySelectorAll("input[name=value],input[name=expires]"),
            i => Assert.DoesNotContain(i.Attributes, a => a.Name.StartsWith("blazor:on", StringComparison.Ordinal))
        ); // bound to nothing
    }

    private static CredentialRow Row() =>
        new(
            Guid.NewGuid(),
            "REDIS_URL",
            CredentialKind.Redis,
            "",
            Guid.NewGuid(),
            "checkout",
            1,
            "Payments",
            "v2",
            "v3",
            "lead",
            DateTime.UtcNow.AddDays(-40),
            40,
            null,
            DateTime.UtcNow.AddDays(-40),
            null,
            false,
            [CredentialState.Due]
        );

    private static CredentialCalendar Calendar(params (int Day, int Count)[] days) =>
        new(
            Thursday,
            90,
            0,
            [
                .. days.Select(d => new CalendarDay(
                    Thursday.AddDays(d.Day),
                    d.Count,
                    [
                        .. Enumerable
                            .Range(0, d.Count)
                            .Select(_ => new CalendarItem(
                                Guid.NewGuid(),
                                "REDIS_URL",
                                "checkout",
                                Thursday.AddDays(d.Day).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc)
                            )),
                    ]
                )),
            ]
        );

    private sealed class NoAntiforgery : Microsoft.AspNetCore.Components.Forms.AntiforgeryStateProvider
    {
        public override Microsoft.AspNetCore.Components.Forms.AntiforgeryRequestToken? GetAntiforgeryToken() => null;
    }
}
