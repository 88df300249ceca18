using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Credentials;

/// <summary>When a credential is due, what it is for and what is said of it.</summary>
public sealed class CredentialDueTests
{
    private static readonly DateTime Rotated = new(2026, 11, 1, 0, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData(null, null, 30, null)] // reminders tell of it
    [InlineData(90, null, null, 90)]
    [InlineData(null, 14, 30, 16)]
    [InlineData(null, 14, null, null)]
    [InlineData(10, 14, 30, 10)]
    [InlineData(20, 14, 30, 16)]
    public void At_PolicyAndExpiry_IsTheSooner(int? every, int? before, int? expiresAfter, int? expected) =>
        Assert.Equal(Days(expected), CredentialDue.At(every, before, Rotated, Days(expiresAfter)));

    [Fact]
    public void At_NeverRotated_HasNoAge() => Assert.Null(CredentialDue.At(90, null, null, null));

    [Theory]
    [InlineData(31, null)]
    [InlineData(30, 30)]
    [InlineData(8, 30)]
    [InlineData(7, 7)]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    [InlineData(-5, 0)]
    public void ReachedAt_DaysBeforeExpiry_IsTheSmallestThreshold(int daysLeft, int? expected) =>
        Assert.Equal(expected, Reminders.ReachedAt(Rotated.AddDays(daysLeft), Rotated));

    [Theory]
    [InlineData("PORTKEY_CLIENT_AUTH", CredentialKind.ClientKey)]
    [InlineData("REDIS_URL", CredentialKind.Redis)]
    [InlineData("AZURE_STORAGE_KEY", CredentialKind.Storage)]
    [InlineData("MONGO_DB_CONNECTION_URL", CredentialKind.Mongo)]
    [InlineData("ANALYTICS_STORE_PASSWORD", CredentialKind.Analytics)]
    [InlineData("VECTOR_STORE_API_KEY", CredentialKind.Vector)]
    [InlineData("SEMANTIC_CACHE_EMBEDDING_API_KEY", CredentialKind.Embedding)]
    [InlineData("REGISTRY_PASSWORD", CredentialKind.Registry)]
    [InlineData("NO_SUCH_KEY", CredentialKind.Other)]
    public void Of_Setting_IsItsKind(string key, CredentialKind expected) => Assert.Equal(expected, CredentialKinds.Of(key));

    [Fact]
    public void Of_Facts_NamesAllStatesWorstFirst()
    {
        Assert.Equal(
            [CredentialState.Expired, CredentialState.Orphan, CredentialState.Due],
            CredentialStates.Of(Rotated, Days(0), Days(-1), isInUse: true, hasAnomaly: true)
        );
        Assert.Equal(
            [CredentialState.Due, CredentialState.Expiring],
            CredentialStates.Of(Rotated, Days(30), Days(14), isInUse: true, hasAnomaly: false)
        );
        Assert.Equal([CredentialState.NotInUse], CredentialStates.Of(Rotated, null, null, isInUse: false, hasAnomaly: false));
        Assert.Equal([CredentialState.Fine], CredentialStates.Of(Rotated, Days(31), Days(15), isInUse: true, hasAnomaly: false));
    }

    [Fact]
    public void Refresh_AfterTheExpiryMoved_MovesTheDueDate()
    {
        var reference = new SecretReference
        {
            EnvironmentId = null,
            TeamId = null,
            Key = "REDIS_URL",
            VaultName = "shared-1",
            RotateBeforeDays = 10,
            ExpiresAt = Days(30),
        };
        CredentialDue.Refresh(reference);
        Assert.Equal(Days(20), reference.DueAt);
    }

    private static DateTime? Days(int? days) => days is { } n ? Rotated.AddDays(n) : null;
}
