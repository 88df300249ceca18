using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Environments;

/// <summary>What the vendor says of a version is said where that version is asked for.</summary>
public sealed class VendorNoteTests
{
    [Theory]
    [InlineData("2.6.1", "loses cost attribution", true)]
    [InlineData("v2.6.1-fips", "loses cost attribution", true)]
    [InlineData("2.6.2", "loses cost attribution", false)]
    [InlineData("2.7.9", "data service 1.7.0", false)]
    [InlineData("2.8.0", "data service 1.7.0", true)]
    [InlineData("2.9.9", "TRUSTED_CUSTOM_HOSTS", false)]
    [InlineData("2.10.0", "TRUSTED_CUSTOM_HOSTS", true)]
    [InlineData("2.14.0", "cap the targets", true)]
    [InlineData("2.13.0", "cap the targets", false)]
    [InlineData("@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef", "is unknown, so the vendor", true)]
    public void Judge_VersionInARange_IsAFinding(string tag, string says, bool expected) =>
        Assert.Equal(
            expected,
            Findings(Inputs.Enterprise() with { ImageTag = tag }).Any(f => f.Message.Contains(says, StringComparison.Ordinal))
        );

    [Fact]
    public void Judge_ChartsOwnImage_CountsWhereTheSpecNamesNone() =>
        Assert.Contains(Findings(Inputs.Enterprise(), "2.6.1"), f => f.Message.Contains("cost attribution", StringComparison.Ordinal));

    [Theory]
    [InlineData("1.6.9", true)]
    [InlineData("1.7.0", false)]
    public void Judge_DataServiceOfAKnownVersion_BlocksOrIsFine(string version, bool blocks)
    {
        var spec = Inputs.Enterprise() with
        {
            ImageTag = "2.8.0",
            DataService = true,
            DataServiceImage = new() { Tag = version },
        };

        var (problems, findings) = SpecValidator.Judge(Candidate(spec, "2.8.0"));

        Assert.Equal(blocks, problems.Any(p => p.Message.Contains("data service 1.7.0", StringComparison.Ordinal)));
        Assert.DoesNotContain(findings, f => f.Message.Contains("data service 1.7.0", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2.7.1", "1.6.4", "data service 1.6.4 runs")]
    [InlineData("2.7.1", "", "no data service runs yet")]
    [InlineData("2.7.1", "1.7.0", "")]
    [InlineData("2.7.1@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef", "1.8.0", "")]
    [InlineData("2.8.0", "1.6.4", "")] // nothing is crossed
    public void Judge_UpgradeBeforeWhatItNeedsIsDeployed_IsRefusedWithTheOrder(string gateway, string dataService, string says)
    {
        var spec = Inputs.Enterprise() with
        {
            ImageTag = "2.8.0",
            DataService = true,
            DataServiceImage = new() { Tag = "1.7.0" },
        };

        var problems = SpecValidator
            .Judge(Candidate(spec, "2.8.0") with { Running = new(gateway, dataService) })
            .Problems.Where(p => p.Message.Contains("deployed first", StringComparison.Ordinal))
            .ToList();

        Assert.Equal(says.Length > 0 ? 1 : 0, problems.Count);
        Assert.All(problems, p => Assert.Contains(says, p.Message, StringComparison.Ordinal));
        Assert.All(
            problems,
            p =>
                Assert.Contains(
                    $"leaves the gateway at {gateway}; when that is applied, ask for 2.8.0",
                    p.Message,
                    StringComparison.Ordinal
                )
        );
    }

    [Fact]
    public void Judge_ChartsOwnDataService_CountsWhereTheSpecNamesNone()
    {
        var spec = Inputs.Enterprise() with { ImageTag = "2.8.0", DataService = true };

        Assert.Contains(
            SpecValidator.Judge(Candidate(spec, "2.8.0") with { ChartDataServiceTag = "1.6.9" }).Problems,
            p => p.Message.Contains("data service 1.7.0", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void OfRunning_WhatRuns_IsJudgedByItsManifestAndSecretsCount()
    {
        var spec = Inputs.Enterprise() with { DataService = true };

        var found = VendorNotes.OfRunning(spec, "1.7.7", "2.13.0", new("2.8.0", "1.6.4"), ["PORTKEY_CLIENT_AUTH"]);
        var blocking = Assert.Single(found, f => f.Message.Contains("data service 1.7.0", StringComparison.Ordinal));
        Assert.Equal((Severity.Error, "vendor", "spec.imageTag"), (blocking.Severity, blocking.Kind, blocking.Field));
        Assert.DoesNotContain(found, f => f.Message.Contains("TRUSTED", StringComparison.Ordinal)); // 2.8.0 runs, whatever the chart pins

        Assert.Contains(
            VendorNotes.OfRunning(spec, "1.7.7", "2.13.0", new("2.13.0", "1.9.0"), []),
            f => f.Message.Contains("TRUSTED_CUSTOM_HOSTS", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Of_Manifest_TellsGatewayAndDataServiceOfAMirror()
    {
        var text = string.Concat(
            new[]
            {
                "mirror.example.com:5000/x/gateway_enterprise:2.7.1",
                "mirror.example.com:5000/x/data-service:1.6.4",
                "docker.io/redis:7.2-alpine",
            }.Select(
                (i, n) =>
                    $"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{n}}}\nspec: {{template: {{spec: {{containers: [{{name: c, image: \"{i}\"}}]}}}}}}\n"
            )
        );

        Assert.Equal(new RunningImages("2.7.1", "1.6.4"), RunningImages.Of(text));
    }

    [Fact]
    public void Judge_WhatANoteNeedsIsGiven_SaysNothing() =>
        Assert.DoesNotContain(
            Findings(
                Inputs.Enterprise(("TRUSTED_CUSTOM_HOSTS", "ollama.internal"), ("MAX_FALLBACK_CONFIG_TARGETS", "40")) with
                {
                    ImageTag = "2.14.0",
                }
            ),
            f =>
                f.Kind == "vendor"
                && (f.Message.Contains("TRUSTED", StringComparison.Ordinal) || f.Message.Contains("MAX_", StringComparison.Ordinal))
        );

    [Fact]
    public void Judge_OpenSource_HasNoNotes() =>
        Assert.DoesNotContain(Findings(Inputs.Oss() with { ImageTag = "2.6.1" }), f => f.Kind == "vendor");

    [Fact]
    public void All_OfTheTable_NameComponentTextAndSource() =>
        Assert.All(
            VendorNote.All,
            n =>
            {
                Assert.Contains(n.Component, new[] { "gateway", "dataservice", "chart" });
                Assert.NotEmpty(n.Text);
                Assert.NotEmpty(n.Source);
            }
        );

    private static IReadOnlyList<FindingView> Findings(EnvironmentSpec spec, string chartImage = "2.13.0") =>
        SpecValidator.Judge(Candidate(spec, chartImage)).Findings;

    private static SpecCandidate Candidate(EnvironmentSpec spec, string chartImage) =>
        new(spec, Inputs.Profile("dev"), spec.Edition == Edition.Oss ? Inputs.None : Inputs.EnterpriseSecrets, new HashSet<string>())
        {
            ChartImageTag = chartImage,
        };
}
