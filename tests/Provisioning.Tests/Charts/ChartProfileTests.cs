using System.Text.Json.Nodes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>Both charts lint and render under the values of every profile.</summary>
public sealed class ChartProfileTests
{
    private static readonly string[] ClusterNames = ["dev", "standard", "mission-critical"];

    public static TheoryData<string, string> Profiles()
    {
        var data = new TheoryData<string, string>();
        foreach (var chart in new[] { "gateway", "guardrails" })
        {
            foreach (var file in RepositoryFiles.Profiles(chart))
            {
                data.Add(chart, file);
            }
        }

        return data;
    }

    [Theory]
    [InlineData("gateway", 6)]
    [InlineData("guardrails", 3)]
    public async Task Lint_DefaultsAndProfiles_PassesStrict(string chart, int profiles)
    {
        var files = RepositoryFiles.Profiles(chart);
        Assert.Equal(profiles, files.Count);
        Assert.All(ClusterNames, name => Assert.Contains(files, file => file.StartsWith(name, StringComparison.Ordinal)));

        var plain = await HelmTool.LintAsync(chart);
        Assert.True(plain.ExitCode == 0, plain.Output + plain.Errors);
        foreach (var file in files)
        {
            var lint = await HelmTool.LintAsync(chart, RepositoryFiles.Profile(chart, file));
            Assert.True(lint.ExitCode == 0, file + lint.Output + lint.Errors);
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task Template_Profile_GivesTheSameLabelledObjectsTwice(string chart, string file)
    {
        var path = RepositoryFiles.Profile(chart, file);
        var first = await HelmTool.TemplateAsync(chart, null, "portkey-gateway", path);
        var second = await HelmTool.TemplateAsync(chart, null, "portkey-gateway", path);

        var rendered = first.Manifests();
        Assert.Equal(first.Output, second.Output);
        Assert.NotEmpty(rendered.Objects);
        Assert.All(
            rendered.Objects,
            o =>
            {
                Assert.Equal("Helm", o.Text("metadata", "labels", "app.kubernetes.io/managed-by"));
                Assert.Equal("portkey-gateway", o.Text("metadata", "labels", "app.kubernetes.io/instance"));
                Assert.Equal("team-a", o.Text("metadata", "namespace"));
            }
        );
        Assert.Equal(rendered.Objects.Count, rendered.Objects.Select(o => (o.Text("kind"), o.Text("metadata", "name"))).Distinct().Count());
    }

    [Theory]
    [InlineData("dev", "1")]
    [InlineData("standard", "2")]
    [InlineData("mission-critical", null)]
    public async Task Template_Profile_HasItsReplicasAndFitsASmallNode(string profile, string? replicas)
    {
        foreach (var edition in new[] { "oss", "enterprise" })
        {
            var path = RepositoryFiles.Profile("gateway", $"{profile}-{edition}-values.yaml");
            var rendered = (await HelmTool.TemplateAsync("gateway", null, "portkey-gateway", path)).Manifests();
            var gateway = rendered.One("Deployment", "portkey-gateway");

            Assert.Equal(replicas, gateway.Text("spec", "replicas"));
            Assert.NotNull(gateway.Container().At("resources", "requests", "cpu"));
            Assert.NotNull(gateway.Container().At("resources", "limits", "memory"));
            if (replicas is null)
            {
                Assert.Equal("3", rendered.One("HorizontalPodAutoscaler").Text("spec", "minReplicas"));
                JsonNode spread = Assert.Single(gateway.Items("spec", "template", "spec", "topologySpreadConstraints"));
                Assert.Equal("topology.kubernetes.io/zone", spread.Text("topologyKey"));
                Assert.Equal("gateway", spread.Text("labelSelector", "matchLabels", "app.kubernetes.io/name"));
            }
        }
    }
}
