using System.Globalization;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Credentials;

/// <summary>When unattended work may happen.</summary>
public sealed class MaintenanceWindowTests
{
    // 28 November 2026 is a Saturday.
    [Theory]
    [InlineData("Sat,Sun 02:00-05:00", "2026-11-28 02:00", true)]
    [InlineData("Sat,Sun 02:00-05:00", "2026-11-28 04:59", true)]
    [InlineData("Sat,Sun 02:00-05:00", "2026-11-28 05:00", false)]
    [InlineData("Sat,Sun 02:00-05:00", "2026-11-27 03:00", false)]
    [InlineData("Fri 22:00-02:00", "2026-11-28 01:30", true)]
    [InlineData("Fri 22:00-02:00", "2026-11-27 01:30", false)]
    [InlineData("Fri-Mon 02:00-03:00", "2026-11-30 02:30", true)]
    [InlineData("Fri-Mon 02:00-03:00", "2026-12-01 02:30", false)]
    [InlineData("02:00-03:00", "2026-12-01 02:30", true)]
    [InlineData("20:00-24:00", "2026-12-01 23:59", true)]
    [InlineData("mon 01:00-02:00; Sat 10:00-11:00", "2026-11-28 10:00", true)]
    [InlineData("", "2026-11-28 13:37", true)]
    public void IsOpen_AtATime_IsAsWritten(string text, string at, bool expected) =>
        Assert.Equal(expected, MaintenanceWindow.TryParse(text)!.IsOpen(At(at)));

    [Theory]
    [InlineData("Sat,Sun 02:00-05:00", "2026-11-28 03:00", "2026-11-28 03:00")]
    [InlineData("Sat,Sun 02:00-05:00", "2026-11-28 05:00", "2026-11-29 02:00")]
    [InlineData("Sat,Sun 02:00-05:00", "2026-11-29 05:00", "2026-12-05 02:00")]
    [InlineData("Sat 02:00-05:00", "2026-11-28 05:00", "2026-12-05 02:00")]
    [InlineData("", "2026-11-28 05:00", "2026-11-28 05:00")]
    public void NextOpening_FromATime_IsNowOrTheNextStart(string text, string from, string expected) =>
        Assert.Equal(At(expected), MaintenanceWindow.TryParse(text)!.NextOpening(At(from)));

    [Theory]
    [InlineData("always")]
    [InlineData("Sat")]
    [InlineData("Sat 2:00-5:00")]
    [InlineData("Sat 02:00-25:00")]
    [InlineData("Sat 02:60-05:00")]
    [InlineData("Sat 02:00-02:00")]
    [InlineData("Sat 24:00-02:00")]
    [InlineData("Sam 02:00-05:00")]
    [InlineData("Mon-Tue-Wed 02:00-05:00")]
    [InlineData("Sat 02:00-05:00;")]
    [InlineData("Sat 02:00-05:00\n")]
    public void TryParse_WhatIsNotTheSyntax_IsNull(string text) => Assert.Null(MaintenanceWindow.TryParse(text));

    [Fact]
    public void TryParse_TooLong_IsNull() =>
        Assert.Null(MaintenanceWindow.TryParse(string.Join(';', Enumerable.Repeat("Sat 02:00-05:00", 100))));

    private static DateTime At(string text) =>
        DateTime.SpecifyKind(DateTime.ParseExact(text, "yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture), DateTimeKind.Utc);
}
