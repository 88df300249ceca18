using System.Reflection;
using System.Text.Json;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>Waiting between attempts, and values that never show themselves.</summary>
public sealed class RetryAndSecretTests
{
    [Theory]
    [InlineData("cluster-unreachable", true, "cluster-unreachable", 19, true)]
    [InlineData("cluster-unreachable", true, "", 20, false)]
    [InlineData("image-pull", false, "", 1, false)]
    [InlineData("cluster-forbidden", false, "", 1, true)]
    [InlineData("helm-forbidden", false, "cluster-unreachable", 3, true)]
    [InlineData("helm-forbidden", false, "cluster-forbidden", 2, false)]
    public void TriesAgain_AfterAFailure_IsForWhatCanPass_AndOnceForWantOfRights(
        string code,
        bool transient,
        string before,
        int attempts,
        bool expected
    ) => Assert.Equal(expected, RetryPolicy.TriesAgain(code, transient, before, attempts));

    [Fact]
    public void DelayAfter_MoreAttempts_GrowsToAMinuteAndStaysThere()
    {
        var delays = Enumerable.Range(0, 40).Select(n => RetryPolicy.DelayAfter(n)).ToList();

        Assert.Equal(delays.Order(), delays);
        Assert.Equal(TimeSpan.FromSeconds(2), RetryPolicy.DelayAfter(1));
        Assert.Equal(TimeSpan.FromMinutes(1), delays[^1]);
    }

    [Fact]
    public void SecretValue_PrintedOrFormatted_ShowsStars()
    {
        var secret = new SecretValue("hunter2");

        Assert.Equal("*** ***", $"{secret} {string.Concat(secret)}");
        Assert.DoesNotContain("hunter2", new { secret }.ToString(), StringComparison.Ordinal);
        Assert.Equal("hunter2", secret.Reveal());
        Assert.Empty(typeof(SecretValue).GetProperties());
        Assert.Empty(typeof(SecretValue).GetFields(BindingFlags.Public | BindingFlags.Instance));
    }

    [Fact]
    public void SecretValue_Serialised_Throws()
    {
        var secret = new SecretValue("hunter2");

        Assert.Throws<NotSupportedException>(() => JsonSerializer.Serialize(secret));
        Assert.Throws<NotSupportedException>(() => PortalJson.Write(new { inner = new[] { secret } }));
        Assert.Throws<NotSupportedException>(() => JsonSerializer.Deserialize<SecretValue>("\"hunter2\""));
    }
}
