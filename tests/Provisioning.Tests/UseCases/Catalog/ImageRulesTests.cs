using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Catalog;

public sealed class ImageRulesTests
{
    [Theory]
    [InlineData("portkeyai/gateway", true)]
    [InlineData("portkeyai/gateway:", true)]
    [InlineData("portkeyai/gateway:latest", true)]
    [InlineData("portkeyai/gateway:LATEST", true)]
    [InlineData("registry.example.com:5000/gateway", true)]
    [InlineData("", true)]
    [InlineData("gateway@", true)]
    [InlineData("portkeyai/gateway:1.15.2", false)]
    [InlineData("registry.example.com:5000/gateway:1.15.2", false)]
    [InlineData("portkeyai/gateway:latest@sha256:0000", false)]
    [InlineData("portkeyai/gateway@sha256:0000", false)]
    public void IsFloating_Images_OnlyAVersionOrADigestStays(string image, bool expected) =>
        Assert.Equal(expected, ImageRules.IsFloating(image));

    [Fact]
    public void Floating_ContainersOfEveryKindAndDepth_AreNamed()
    {
        const string Text = """
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: nightly}
            spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: main, image: redis}], initContainers: [{name: first, image: "redis:7.2"}]}}}}}
            ---
            apiVersion: v1
            kind: List
            items:
              - {apiVersion: v1, kind: Pod, metadata: {name: inner}, spec: {containers: [{name: gateway, image: "gateway:Latest"}]}}
            """;
        var found = ImageRules.Floating(Text);
        Assert.Equal(2, found.Count);
        Assert.StartsWith("CronJob nightly, container main: image 'redis'", found[0], StringComparison.Ordinal);
        Assert.StartsWith("Pod inner, container gateway: image 'gateway:Latest'", found[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("Latest")]
    public void Spec_WithATagThatMoves_IsRefusedByField(string tag)
    {
        var profile = new Profile
        {
            Name = "dev",
            DisplayName = "",
            Description = "",
            Order = 1,
            Replicas = 1,
            MaxReplicas = 1,
            Zones = 1,
            CpuRequest = "250m",
            CpuLimit = "1",
            MemoryRequest = "512Mi",
            MemoryLimit = "1Gi",
            NodeCpu = 2,
            NodeMemoryGiB = 4,
            BuiltInRedisAllowed = true,
        };
        var (problems, _) = SpecValidator.Judge(
            new SpecCandidate(
                new EnvironmentSpec { Edition = Edition.Oss, ImageTag = tag },
                profile,
                new Dictionary<string, string>(),
                new HashSet<string>()
            )
        );
        Assert.Equal("spec.imageTag", Assert.Single(problems).Field);
    }

    [Theory]
    [InlineData("latest")]
    [InlineData("LATEST")]
    public void Import_WithATagThatMoves_LeavesItOutAndSaysSo(string tag)
    {
        var read = ValuesImporter.Read($"images:\n  gatewayImage:\n    repository: docker.io/portkeyai/gateway\n    tag: \"{tag}\"\n");
        Assert.Null(read.Spec.ImageTag);
        Assert.Contains(read.Dropped, d => d.Field == "images.gatewayImage.tag");
    }
}
