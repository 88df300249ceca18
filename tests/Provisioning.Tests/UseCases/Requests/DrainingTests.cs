using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

public sealed class DrainingTests
{
    [Theory]
    [InlineData("dev", 30, 25)]
    [InlineData("standard", 120, 115)]
    [InlineData("mission-critical", 300, 295)]
    public void Gateway_OfAProfile_GivesItsGrace_AndWaitsBeforeTheProcessIsTold(string profile, int grace, int wait)
    {
        var values = Values(Inputs.Render(Inputs.Oss(), profile, Inputs.Chart(Edition.Oss)));

        Assert.Contains($"terminationGracePeriodSeconds: {grace}\n", values, StringComparison.Ordinal);
        Assert.Contains(
            $"extraContainerConfig:\n  lifecycle:\n    preStop:\n      exec:\n        command:\n        - sleep\n        - \"{wait}\"\n",
            values,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Gateway_OfASpecWithAGraceOfItsOwn_TakesThatInPlaceOfTheProfiles()
    {
        var values = Values(Inputs.Render(Inputs.Oss() with { GraceSeconds = 60 }, "dev", Inputs.Chart(Edition.Oss)));

        Assert.Contains("terminationGracePeriodSeconds: 60\n", values, StringComparison.Ordinal);
        Assert.Contains("- \"55\"\n", values, StringComparison.Ordinal);
    }

    // A server before 1.30 does not know the action and refuses the object, or drops the field; an image may have no sleep of its own.
    [Theory]
    [InlineData("", false)]
    [InlineData("v1.20.2", false)]
    [InlineData("v1.29.9-gke.100", false)]
    [InlineData("v1.30.0", true)]
    [InlineData("v1.35.1+k3s1", true)]
    public void Gateway_OnAVersionOfKubernetes_TakesTheWayOfWaitingThatItHas(string version, bool hasAction)
    {
        var values = Values(Inputs.Render(Inputs.Oss(), "dev", Inputs.Chart(Edition.Oss)) with { KubernetesVersion = version });

        Assert.Equal(hasAction, values.Contains("preStop:\n      sleep:\n        seconds: 25\n", StringComparison.Ordinal));
        Assert.Equal(!hasAction, values.Contains("command:\n        - sleep\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(10, 5)]
    [InlineData(11, 6)]
    [InlineData(600, 595)]
    public void WaitOf_AnyGrace_LeavesTimeToEnd(int grace, int wait) => Assert.Equal(wait, Draining.WaitOf(grace));

    [Theory]
    [InlineData("dev", "4")]
    [InlineData("mission-critical", "5")]
    public void Gateway_BehindAzuresLoadBalancer_KeepsSilentConnectionsForTheGrace(string profile, string minutes)
    {
        var open = Inputs.Oss() with { Network = new NetworkSpec { Exposure = Exposure.LoadBalancer } };

        Assert.Contains(
            $"azure-load-balancer-tcp-idle-timeout: \"{minutes}\"",
            Values(Inputs.Render(open, profile, Inputs.Chart(Edition.Oss))),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "idle-timeout",
            Values(Inputs.Render(Inputs.Oss(), profile, Inputs.Chart(Edition.Oss))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Gateway_InAChartWithoutAPlaceForGrace_WaitsWithinThatOfKubernetes_BesideWhatElseIsThere()
    {
        var facts = ChartFacts.Read(Path.Combine(Repository.Root, "tests", "Shared", "Charts", "gateway-1.0.8"));
        var input = Inputs.Render(Inputs.Oss(), "mission-critical", Inputs.Chart(Edition.Oss)) with { Facts = facts };

        var values = Values(input);

        Assert.DoesNotContain("terminationGracePeriodSeconds", values, StringComparison.Ordinal);
        Assert.Contains("- \"25\"\n", values, StringComparison.Ordinal);
        Assert.Contains("envFrom:", values, StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_OfAnObjectThatWaits_AreNone() =>
        Assert.Empty(
            Draining.Findings(
                Deployment("      terminationGracePeriodSeconds: 120\n", "        lifecycle: {preStop: {sleep: {seconds: 115}}}\n"),
                Standard
            )
        );

    [Fact]
    public void Findings_OfAnObjectThatDoesNotWait_SayThatRequestsAreCut()
    {
        var finding = Assert.Single(Draining.Findings(Deployment("      terminationGracePeriodSeconds: 120\n", ""), Standard));

        Assert.Equal((Severity.Warning, Draining.FindingKind, "chartVersion"), (finding.Severity, finding.Kind, finding.Field));
        Assert.StartsWith("Requests that are under way are cut when a pod is replaced", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Findings_OfAShorterGrace_SayHowLongIsLeft()
    {
        var finding = Assert.Single(Draining.Findings(Deployment("", "        lifecycle: {preStop: {sleep: {seconds: 25}}}\n"), Standard));

        Assert.Contains("get 25 s to end when a pod is replaced, not 115 s", finding.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(119, true)]
    [InlineData(120, false)]
    [InlineData(600, false)]
    public void Findings_OfASpecThatGivesLessThanItsProfile_SayThatStreamsMayBeCut(int grace, bool isLess)
    {
        var input = Inputs.Render(Inputs.Oss() with { GraceSeconds = grace }, "standard", Inputs.Chart(Edition.Oss));
        var found = Draining.Findings(
            Deployment($"      terminationGracePeriodSeconds: {grace}\n", "        lifecycle: {preStop: {sleep: {seconds: 5}}}\n"),
            input
        );

        Assert.Equal(
            isLess,
            found.Any(f =>
                f is { Severity: Severity.Warning, Field: "spec.graceSeconds" }
                && f.Message.Contains("120 s of profile standard", StringComparison.Ordinal)
            )
        );
    }

    [Fact]
    public void Findings_OfFourPodsWithoutAStrategy_SayThatSomeAreMissing()
    {
        var manifest = Deployment("      terminationGracePeriodSeconds: 300\n", "        lifecycle: {preStop: {sleep: {seconds: 295}}}\n")
            .Replace("  strategy: {rollingUpdate: {maxUnavailable: 0}}\n", "", StringComparison.Ordinal);

        Assert.Contains(
            "a quarter of the pods",
            Assert.Single(Draining.Findings(manifest, Inputs.Render(Inputs.Oss(), "mission-critical", Inputs.Chart(Edition.Oss)))).Message,
            StringComparison.Ordinal
        );
    }

    private static RenderInput Standard => Inputs.Render(Inputs.Oss(), "standard", Inputs.Chart(Edition.Oss));

    private static string Values(RenderInput input) => ValuesRenderer.Gateway(input).ReplaceLineEndings("\n");

    // Redis beside it says nothing and is not asked.
    private static string Deployment(string pod, string container) =>
        $$$$"""
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: gateway}
            spec:
              strategy: {rollingUpdate: {maxUnavailable: 0}}
              template:
                spec:
            {{{{pod}}}}      containers:
                  - name: gateway
                    image: registry.example.com:5000/portkeyai/gateway_enterprise:2.13.0
            {{{{container}}}}---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: redis}
            spec: {template: {spec: {containers: [{name: redis, image: "redis:7"}]}}}
            """;
}
