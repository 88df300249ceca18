using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Credentials;

/// <summary>What counts as a difference between vault and portal.</summary>
public sealed class VaultComparisonTests
{
    private static readonly DateTime Now = new(2026, 11, 26, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(null, true, false, true, SecretAnomalyKind.Unused)] // no row names it
    [InlineData(null, true, false, false, null)] // disabled already
    [InlineData(SecretVersionState.Current, true, false, true, null)]
    [InlineData(SecretVersionState.Current, true, false, false, SecretAnomalyKind.Disabled)]
    [InlineData(SecretVersionState.Current, false, false, true, SecretAnomalyKind.Unused)]
    [InlineData(SecretVersionState.Pending, true, false, true, null)] // waits for its rotation
    [InlineData(SecretVersionState.Pending, true, true, true, SecretAnomalyKind.Unused)]
    [InlineData(SecretVersionState.Pending, false, false, true, SecretAnomalyKind.Unused)]
    [InlineData(SecretVersionState.Previous, true, true, true, null)] // the way back
    [InlineData(SecretVersionState.Disabled, true, true, true, SecretAnomalyKind.Unused)]
    [InlineData(SecretVersionState.Disabled, true, true, false, null)]
    public void Of_EntryAndRow_IsWhatDiffers(
        SecretVersionState? state,
        bool live,
        bool overtaken,
        bool enabled,
        SecretAnomalyKind? expected
    )
    {
        var known = state is { } s ? new KnownVersion(Guid.NewGuid(), "REDIS_URL", 2, s, live, overtaken) : null;

        Assert.Equal(expected, VaultComparison.Of(Entry("env-1-redis-url", enabled), known, Now)?.Kind);
    }

    [Fact]
    public void Of_YoungEntry_IsWorkInProgress() =>
        Assert.Null(VaultComparison.Of(Entry("env-1-redis-url", true) with { CreatedAt = Now.AddMinutes(-59) }, null, Now));

    [Fact]
    public void Of_WhatOthersKeepInTheVault_IsNotOurs() => Assert.Null(VaultComparison.Of(Entry("payroll-database", true), null, Now));

    [Theory]
    [InlineData(SecretVersionState.Current, true)]
    [InlineData(SecretVersionState.Pending, false)]
    [InlineData(SecretVersionState.Disabled, false)]
    public void OfMissing_OnlyWhatIsInUse_IsMissed(SecretVersionState state, bool expected) =>
        Assert.Equal(
            expected,
            VaultComparison.OfMissing("env-1-redis-url", "a", new KnownVersion(Guid.NewGuid(), "REDIS_URL", 1, state, true, false))
                is not null
        );

    private static VaultEntry Entry(string name, bool enabled) => new(name, "a", enabled, Now.AddHours(-2), null, "", "");
}
