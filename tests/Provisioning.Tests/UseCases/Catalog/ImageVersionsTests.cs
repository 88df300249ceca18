using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Catalog;

/// <summary>Gateway images that the catalogue knows.</summary>
public sealed class ImageVersionsTests
{
    [Fact]
    public void NewerThan_PinnedTag_IsTheNewerOnesInOrderWithWhatIsSaidOfThem()
    {
        var newer = ImageVersions.NewerThan(Edition.Enterprise, "2.11.0");

        Assert.Equal(["2.13.0", "2.14.0", "2.15.0"], newer.Select(i => i.Tag));
        Assert.All(newer, i => Assert.NotEmpty(i.Source));
        Assert.Contains(newer[1].Notes, n => n.StartsWith("Images from 2.14.0 on cap", StringComparison.Ordinal));
        Assert.DoesNotContain(newer[0].Notes, n => n.Contains("2.14.0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Edition.Enterprise, "2.15.0")]
    [InlineData(Edition.Enterprise, "@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef")]
    [InlineData(Edition.Oss, "1.15.2")]
    public void NewerThan_NewestOrUnknown_IsNone(Edition edition, string tag) => Assert.Empty(ImageVersions.NewerThan(edition, tag));

    [Fact]
    public void Of_VersionWithATrap_SaysIt() =>
        Assert.Contains(ImageVersions.Of(Edition.Enterprise, "2.6.1").Notes, n => n.Contains("cost attribution", StringComparison.Ordinal));
}
