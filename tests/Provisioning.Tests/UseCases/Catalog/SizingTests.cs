using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Catalog;

/// <summary>From traffic to a size.</summary>
public sealed class SizingTests
{
    private static readonly Profile[] Profiles = [Inputs.Profile("dev"), Inputs.Profile("standard"), Inputs.Profile("mission-critical")];

    // A pod of one vCPU carries 3000.
    [Theory]
    [InlineData(10, "dev", 1)]
    [InlineData(600, "standard", 2)]
    [InlineData(3_000, "standard", 2)]
    [InlineData(15_000, "mission-critical", 6)]
    public void Propose_Traffic_GivesTheSmallestProfileThatCarriesItWithOneToSpare(int perMinute, string profile, int most)
    {
        var size = Propose(new Traffic(perMinute));

        Assert.Equal((profile, most), (size.Profile, size.MaxReplicas));
    }

    [Fact]
    public void Propose_Logs_AreCountedOverTheRetention()
    {
        // 1000 a minute at their mean, 10 kB each, a day: 1.44 million documents.
        var size = Propose(new Traffic(1000, 10, 1, 1), new RateCard { StorageGibMonth = 1 });

        Assert.Equal((14, 14), (size.StorageGiB, size.StorageUsd));
    }

    [Fact]
    public void Propose_MoreOfAnything_NeverCostsLess()
    {
        var sizes = new[] { 1, 60, 61, 1000, 10_000, 100_000, 1_000_000 }.Select(r => Propose(new Traffic(r))).ToList();

        Assert.Equal(sizes.Select(s => s.ComputeUsd).Order(), sizes.Select(s => s.ComputeUsd));
        Assert.Equal(sizes.Select(s => s.Cost.MaxUsd).Order(), sizes.Select(s => s.Cost.MaxUsd));
        Assert.Equal(sizes.Select(s => s.StorageGiB).Order(), sizes.Select(s => s.StorageGiB));
    }

    private static SizeProposal Propose(Traffic traffic, RateCard? card = null) =>
        Sizing.Propose(traffic, Profiles, card ?? new(), new CostEstimate(Options.Create(card ?? new())));
}
