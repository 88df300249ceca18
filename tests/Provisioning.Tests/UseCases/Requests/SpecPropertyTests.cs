using CsCheck;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

/// <summary>What holds for every spec, for both layouts of Portkey's chart. A failure names the seed that brings it back.</summary>
public sealed class SpecPropertyTests
{
    public static TheoryData<string> Charts => ["gateway", "gateway-1.0.8"];

    [Theory]
    [MemberData(nameof(Charts))]
    public void Spec_ThatIsValid_RendersTheSameTwice_WithLegalKeysOnly(string chart)
    {
        var facts = Facts(chart);
        AnySpec
            .For(new SpecChart(chart, facts))
            .Sample(
                valid =>
                {
                    var values = ValuesRenderer.Gateway(Input(valid, facts));
                    Assert.Equal(values, ValuesRenderer.Gateway(Input(valid, facts)));
                    Assert.Equal(ValuesRenderer.Guardrails(Input(valid, facts)), ValuesRenderer.Guardrails(Input(valid, facts)));

                    // What the chart does not take would be gone from the legal part.
                    var tree = ImportYaml.ReadTyped(values);
                    Assert.Equal(PortalJson.Write(tree), PortalJson.Write(facts.Legal(tree)));
                },
                iter: 300
            );
    }

    [Theory]
    [MemberData(nameof(Charts))]
    public void Import_OfAnExport_IsTheSameSpec(string chart)
    {
        var facts = Facts(chart);
        AnySpec
            .For(new SpecChart(chart, facts))
            .Sample(
                valid =>
                {
                    var values = ValuesRenderer.Gateway(Input(valid, facts));
                    var read = ValuesImporter.Read($"# exported\n{SpecNote.Write(valid.Spec, values)}{values}");
                    Assert.Equal(Canonical(valid.Spec), Canonical(read.Spec));
                    Assert.Empty(read.Secrets);
                },
                iter: 300
            );
    }

    [Theory]
    [MemberData(nameof(Charts))]
    public async Task Spec_ThatIsValid_IsTakenByTheRealHelm(string chart)
    {
        using var folder = new TemporaryFolder();
        var options = Options.Create(
            new ProvisioningOptions
            {
                DataDirectory = folder.Path,
                HelmPath = Tools.Helm,
                ChartsDirectory = Repository.Charts,
                EgressProviders = AnySpec.Providers.ToDictionary(p => p, _ => new[] { "160.79.104.0/23:443" }),
            }
        );
        using var helm = new HelmRunner(options);
        var charts = new ChartStore(helm);
        var renderer = new Renderer(helm, charts, options);
        var location = Location(chart);
        var found = await charts.ResolveAsync(ChartSource.Directory, location, null, null, CancellationToken.None);
        var specs = new List<ValidSpec>();
        AnySpec.For(new SpecChart(chart, Facts(chart))).Sample(specs.Add, iter: 12, threads: 1);
        foreach (var valid in specs)
        {
            var row = ChartRows.Of(
                valid.Spec.Edition,
                ChartSource.Directory,
                location,
                found,
                charts.FactsOf(found),
                "system",
                DateTime.UnixEpoch
            );
            var input = Inputs.Render(valid.Spec, valid.Profile, row, Inputs.Pins([.. valid.Secrets.Keys]));
            var first = await renderer.RenderAsync(input, CancellationToken.None);
            Assert.Equal(first, await renderer.RenderAsync(input, CancellationToken.None));
        }
    }

    [Fact]
    public void Spec_ThatIsSpoilt_IsRefusedByField_OrStillFine_AndNeverThrows()
    {
        var chart = new SpecChart("gateway", Facts("gateway"));
        var text = Gen.Frequency(
            (1, Gen.String),
            (
                1,
                Gen.OneOf(
                    "",
                    " ",
                    "\0",
                    "-1",
                    "99999999999",
                    "../..",
                    "{{ }}",
                    "a\nb: c",
                    "0.0.0.0/0",
                    "::/0",
                    "1.2.3.4",
                    new string('x', 5000)
                )
            )
        );
        Gen.Select(AnySpec.For(chart), text, Gen.Int[0, 9], Gen.Int[0, SettingsCatalog.All.Count - 1], Gen.Int[-5, 1_000_000])
            .Sample(
                (valid, junk, what, setting, number) =>
                {
                    var spec = valid.Spec;
                    spec = what switch
                    {
                        0 => spec with
                        {
                            Settings = new Dictionary<string, string>(spec.Settings) { [SettingsCatalog.All[setting].Key] = junk },
                        },
                        1 => spec with { Settings = new Dictionary<string, string>(spec.Settings) { [junk] = "1" } },
                        2 => spec with { Network = spec.Network with { Host = junk, AllowedRanges = [junk] } },
                        3 => spec with { Network = spec.Network with { Egress = [junk], Providers = [junk] } },
                        4 => spec with { Replicas = number },
                        5 => spec with
                        {
                            Autoscaling = new AutoscalingSpec
                            {
                                Min = number,
                                Max = number / 2,
                                TargetCpu = number,
                            },
                        },
                        6 => spec with
                        {
                            Resources = new ResourcesSpec { CpuRequest = junk, MemoryLimit = junk },
                        },
                        7 => spec with
                        {
                            Scheduling = new SchedulingSpec
                            {
                                Zones = number,
                                NodeSelector = new Dictionary<string, string> { [junk] = junk },
                                Tolerations = [new TolerationSpec { Key = junk, Effect = junk }],
                            },
                        },
                        8 => spec with
                        {
                            Labels = new Dictionary<string, string> { [junk] = junk },
                            Annotations = new Dictionary<string, string> { [junk] = junk },
                        },
                        _ => spec with
                        {
                            EnvFrom = new EnvFromSpec { Secrets = [junk], ConfigMaps = [junk] },
                            ImageTag = junk,
                            TtlHours = number,
                        },
                    };
                    var problems = SpecValidator.Judge((valid with { Spec = spec }).Candidate(chart)).Problems;
                    Assert.All(
                        problems,
                        p => Assert.True(p.Field.StartsWith("spec.", StringComparison.Ordinal) && p.Message.Length > 0, p.ToString())
                    );
                    if (problems.Count == 0)
                    {
                        ValuesRenderer.Gateway(Input(valid with { Spec = spec }, chart.Facts));
                    }
                },
                iter: 500
            );
    }

    private static RenderInput Input(ValidSpec valid, ChartFacts facts) =>
        Inputs.Render(valid.Spec, valid.Profile, Inputs.Chart(valid.Spec.Edition), Inputs.Pins([.. valid.Secrets.Keys])) with
        {
            Facts = facts,
            Providers = AnySpec.Providers.ToDictionary(p => p, _ => new[] { "160.79.104.0/23:443" }),
        };

    private static string Location(string chart) =>
        chart == "gateway" ? Path.Combine(Repository.Charts, chart) : Path.Combine(Repository.Root, "tests", "Shared", "Charts", chart);

    private static ChartFacts Facts(string chart) => ChartFacts.Read(Location(chart));

    // Settings, labels and the like have no order.
    private static string Canonical(EnvironmentSpec spec) =>
        PortalJson.Write(
            spec with
            {
                Settings = Sorted(spec.Settings)!,
                Labels = Sorted(spec.Labels),
                Annotations = Sorted(spec.Annotations),
                Scheduling = spec.Scheduling is { } scheduling ? scheduling with { NodeSelector = Sorted(scheduling.NodeSelector)! } : null,
            }
        );

    private static SortedDictionary<string, string>? Sorted(IReadOnlyDictionary<string, string>? map) =>
        map is null ? null : new(map.ToDictionary(), StringComparer.Ordinal);
}
