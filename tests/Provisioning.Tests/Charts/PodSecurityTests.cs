using System.Text.Json.Nodes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>Pod security 'restricted' for every pod the chart can render.</summary>
public sealed class PodSecurityTests
{
    public static TheoryData<string> Profiles() => [.. RepositoryFiles.Profiles("gateway")];

    [Theory]
    [MemberData(nameof(Profiles))]
    public async Task Template_Profile_PassesRestricted(string file)
    {
        var path = RepositoryFiles.Profile("gateway", file);
        AssertRestricted((await HelmTool.TemplateAsync("gateway", null, "portkey-gateway", path)).Manifests());
    }

    [Fact]
    public async Task Template_RedisDataServiceAndSidecar_PassRestricted()
    {
        var values = JsonNode
            .Parse(
                """
                { "dataservice": { "enabled": true },
                  "podSecurityContext": { "fsGroup": 2000 },
                  "sidecars": [{ "name": "proxy", "image": "registry.example.com/proxy:1" }] }
                """
            )!
            .AsObject();

        var rendered = (await HelmTool.TemplateAsync("gateway", values)).Manifests();

        Assert.Equal(3, rendered.Pods().Count());
        AssertRestricted(rendered);
    }

    // The rules of https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted that a chart decides.
    private static void AssertRestricted(RenderedManifests rendered)
    {
        Assert.NotEmpty(rendered.Pods());
        foreach (var (name, spec) in rendered.Pods())
        {
            Assert.Equal("true", spec.Text("securityContext", "runAsNonRoot"));
            Assert.Equal("RuntimeDefault", spec.Text("securityContext", "seccompProfile", "type"));
            Assert.All(new[] { "hostNetwork", "hostPID", "hostIPC" }, key => Assert.Null(spec[key]));
            Assert.All(spec.Items("volumes"), volume => Assert.Null(volume["hostPath"]));
            Assert.All(
                spec.Items("containers"),
                container =>
                {
                    var security = container["securityContext"];
                    Assert.True(security is not null, $"{name}/{container.Text("name")} has no security context");
                    Assert.Equal("false", security.Text("allowPrivilegeEscalation"));
                    Assert.Equal("true", security.Text("readOnlyRootFilesystem"));
                    Assert.Equal("ALL", Assert.Single(security.Items("capabilities", "drop")).ToString());
                    Assert.NotEqual("0", security.Text("runAsUser"));
                }
            );
        }
    }
}
