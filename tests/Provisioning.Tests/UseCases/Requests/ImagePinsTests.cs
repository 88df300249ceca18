using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations.Steps;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

/// <summary>Digests in the text that is approved.</summary>
public sealed class ImagePinsTests
{
    private const string One = "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";
    private const string Other = "sha256:6e70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef";

    [Theory]
    [InlineData("image: redis:7.2", "image: redis:7.2@" + One)]
    [InlineData("image: \"redis:7.2\"", "image: \"redis:7.2@" + One + "\"")]
    [InlineData("image: 'redis:7.2' # cache", "image: 'redis:7.2@" + One + "' # cache")]
    [InlineData("image: redis:7.2@" + Other, "image: redis:7.2@" + Other)]
    public void Write_ImageOfAContainer_GetsItsDigest(string before, string after) =>
        Assert.Equal(Manifest(after), ImagePins.Write(Manifest(before), new Dictionary<string, string> { ["redis:7.2"] = One }));

    [Theory]
    [InlineData("image: redis:7.3")]
    [InlineData("image: >-\n            redis:7.2")]
    [InlineData("image: ! redis:7.2")]
    public void Write_ImageThatStaysWithoutADigest_IsRefused(string line)
    {
        var problem = Assert.Throws<InvalidInputException>(() =>
            ImagePins.Write(Manifest(line), new Dictionary<string, string> { ["redis:7.2"] = One })
        );

        Assert.Contains("Name the digest yourself", Assert.Single(problem.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MovedImages_DigestOfAnotherDay_IsNamedWithBoth()
    {
        ImageDigest[] seen = [new("a/gateway:1", One), new("a/redis:7", One), new("a/unknown:1", "")];

        var moved = PreflightStep.MovedImages(
            seen,
            [new("a/gateway:1", Other), new("a/redis:7", One), new("a/unknown:1", Other), new("a/new:1", One)]
        );

        var only = Assert.Single(moved);
        Assert.All(["a/gateway:1", One, Other], part => Assert.Contains(part, only, StringComparison.Ordinal));
    }

    private static string Manifest(string line) =>
        $"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: cache\nspec:\n  template:\n    spec:\n      containers:\n        - name: redis\n          {line}\n";
}
