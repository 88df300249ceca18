using Portkey.Portal.Provisioning.Clusters.Helm;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Helm;

public class ManifestComparisonTests
{
    [Theory]
    [InlineData("12e456789012", "12e456789013")] // twelve digits of a digest, which Go writes without quotes
    [InlineData("-1e999", "1e999")]
    [InlineData("1.5e3", "1501")]
    public void Differences_TextThatLooksLikeANumberOfAnySize_IsComparedAsItStands(string approved, string recorded)
    {
        Assert.Empty(ManifestComparison.Differences(Annotated(approved), Annotated(approved)));
        Assert.Equal(["ConfigMap settings"], ManifestComparison.Differences(Annotated(approved), Annotated(recorded)));
    }

    [Fact]
    public void Differences_OrderCommentsAndQuotes_DoNotCount() =>
        Assert.Empty(
            ManifestComparison.Differences(
                "kind: ConfigMap\nmetadata: {name: a, labels: {x: 'y', z: w}}\n---\nkind: Service\nmetadata:\n  name: b\n",
                "# as Helm wrote it\nkind: Service\nmetadata: {name: \"b\"}\n---\nmetadata:\n  labels:\n    z: w\n    x: y\n  name: a\nkind: ConfigMap\n"
            )
        );

    private static string Annotated(string value) =>
        $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\n  annotations:\n    version: {value}\n";
}
