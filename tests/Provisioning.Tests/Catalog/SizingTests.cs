using Portkey.Portal.Provisioning.Catalog;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Catalog;

/// <summary>From traffic to a size.</summary>
public sealed class SizingTests
{
    private static readonly ProfileView[] Profiles =
    [
        Profile("dev", 1, 1, 1, "1"), Profile("standard", 2, 2, 1, "2"), Profile("mission-critical", 3, 10, 3, "2"),
    ];

    [Theory]
    [InlineData(10, "dev", 1)]
    [InlineData(600, "standard", 2)]
    [InlineData(6_000, "standard", 2)]
    [InlineData(30_000, "mission-critical", 6)]
    public void Propose_Traffic_GivesTheSmallestProfileThatCarriesItWithOneToSpare(int perMinute, string profile, int most)
    {
        var size = Sizing.Propose(new Traffic(perMinute), Profiles, new RateCard());

        Assert.Equal((profile, most), (size.Profile, size.MaxReplicas));
    }

    [Fact]
    public void Propose_Logs_AreCountedOverTheRetention()
    {
        // 1000 a minute at their mean, 10 kB each, a day: 1.44 million documents.
        var size = Sizing.Propose(new Traffic(1000, 10, 1, 1), Profiles, new RateCard { StorageGibMonth = 1 });

        Assert.Equal((14, 14), (size.StorageGiB, size.StorageUsd));
    }

    [Fact]
    public void Propose_MoreOfAnything_NeverCostsLess()
    {
        var sizes = new[] { 1, 60, 61, 1000, 10_000, 100_000, 1_000_000 }.Select(r => Sizing.Propose(new Traffic(r), Profiles, new RateCard())).ToList();

        Assert.Equal(sizes.Select(s => s.ComputeUsd).Order(), sizes.Select(s => s.ComputeUsd));
        Assert.Equal(sizes.Select(s => s.StorageGiB).Order(), sizes.Select(s => s.StorageGiB));
    }

    private static ProfileView Profile(string name, int replicas, int most, int zones, string cpu) =>
        new(name, name, name, replicas, most, zones, "500m", cpu, "1Gi", "2Gi", 2, 4, 70, false);
}
