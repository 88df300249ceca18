using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Helm;

/// <summary>Charts that were made to hurt the portal, its Helm, or those whom Helm can reach.</summary>
public sealed class HostileChartTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HelmRunner helm;
    private readonly ChartStore store;

    public HostileChartTests()
    {
        helm = new HelmRunner(Options.Create(new ProvisioningOptions { DataDirectory = folder.Combine("data"), HelmPath = Tools.Helm }));
        store = new ChartStore(helm);
    }

    public static TheoryData<string, string, string> Files =>
        new()
        {
            { "values.yaml", "a: " + new string('[', 30_000) + new string(']', 30_000), "values.yaml is nested deeper" },
            { "Chart.yaml", "name: c\nversion: 1.0.0\na: " + new string('[', 30_000), "Chart.yaml is nested deeper" },
            { "Chart.lock", string.Concat(Enumerable.Repeat("- ", 30_000)), "Chart.lock is nested deeper" },
            { "requirements.yaml", "{a: 1}: 2", "requirements.yaml has a key" },
            { "values.schema.json", new string('[', 30_000), "values.schema.json is nested deeper" },
            { "values.schema.json", "{", "values.schema.json is not JSON" },
            { "charts/sub/values.yaml", "a: " + new string('[', 30_000), "charts/sub/values.yaml is nested deeper" },
            {
                "charts/sub/charts/low/values.schema.json",
                "{\"$ref\":\"https://example.com/x\"}",
                "charts/sub/charts/low/values.schema.json has a $ref"
            },
            { "charts/sub-1.0.0.tgz", "anything", "is an archive inside the chart" },
        };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task Resolve_OfAChartWithAFilePastTheBounds_NamesTheFile(string file, string content, string says)
    {
        var problem = await Assert.ThrowsAsync<ChartException>(() => ResolveAsync(Chart((file, content))));
        Assert.Equal("chart-invalid", problem.Code);
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Schemas =>
        [
            """{"$ref":"ADDRESS"}""",
            """{"$schema":"ADDRESS"}""",
            """{"$dynamicRef":"ADDRESS"}""",
            """{"$recursiveRef":"ADDRESS","$schema":"https://json-schema.org/draft/2019-09/schema"}""",
            """{"$id":"ADDRESS","$ref":"other.json"}""",
            """{"id":"ADDRESS","$schema":"http://json-schema.org/draft-04/schema#","allOf":[{"$ref":"other.json"}]}""",
            """{"properties":{"a":{"$schema":"ADDRESS"}}}""",
            """{"\u0024ref":"ADDRESS"}""",
            """{"$ref":"#","$ref":"ADDRESS"}""",
            """{"$ref":"#/definitions/x","definitions":{"x":{"$id":"ADDRESS","properties":{"a":{"$ref":"z"}}}}}""",
        ];

    [Theory]
    [MemberData(nameof(Schemas))]
    public async Task Resolve_OfASchemaThatPointsOutsideTheChart_IsRefused_AndNobodyIsCalled(string schema)
    {
        using var listener = new CountingListener();
        var chart = Chart(
            ("values.schema.json", schema.Replace("ADDRESS", $"http://127.0.0.1:{listener.Port}/x", StringComparison.Ordinal))
        );

        var problem = await Assert.ThrowsAsync<ChartException>(() => ResolveAsync(chart));

        Assert.Contains("values.schema.json has a $", problem.Message, StringComparison.Ordinal);
        Assert.Equal(0, listener.Calls);

        // What is refused is worth it: Helm itself would have called.
        await Record.ExceptionAsync(() => helm.TemplateAsync(chart, "x", "ns", "a: {}", default));
        Assert.True(listener.Calls > 0, "Helm calls nobody for this schema, so that it need not be refused.");
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("other.json")]
    [InlineData("/etc/passwd")]
    public async Task Resolve_OfASchemaThatNamesAFile_IsRefused(string reference) =>
        Assert.Equal(
            "chart-invalid",
            (
                await Assert.ThrowsAsync<ChartException>(() =>
                    ResolveAsync(Chart(("values.schema.json", $$"""{"$ref":"{{reference}}"}""")))
                )
            ).Code
        );

    [Theory]
    [InlineData("http://json-schema.org/draft-07/schema#")]
    [InlineData("https://json-schema.org/draft/2020-12/schema")]
    [InlineData("http://json-schema.org/draft-04/schema")]
    public async Task Resolve_OfASchemaThatStaysInTheChart_IsTaken(string draft)
    {
        var chart = await ResolveAsync(
            Chart(
                (
                    "values.schema.json",
                    """{"$schema":"DRAFT","$id":"https://example.com/values","properties":{"a":{"$ref":"#/definitions/a"},"$ref":{"type":"string"}},"definitions":{"a":{"type":"integer"}}}""".Replace(
                        "DRAFT",
                        draft,
                        StringComparison.Ordinal
                    )
                )
            )
        );
        Assert.Contains("kind: A", await helm.TemplateAsync(chart.Path, "x", "ns", "a: 1", default), StringComparison.Ordinal);
        Assert.Equal(
            HelmFailure.InvalidValues,
            (await Assert.ThrowsAsync<HelmException>(() => helm.TemplateAsync(chart.Path, "x", "ns", "a: no", default))).Failure
        );
    }

    [Fact]
    public async Task Resolve_OfAChartThatIsInTheCacheFromBefore_IsInspectedToo()
    {
        var chart = Chart(("values.schema.json", """{"$ref":"https://example.com/x"}"""));
        var digest = ChartFiles.Digest(chart);
        ChartFiles.Copy(chart, folder.Combine("data/charts/" + digest[7..]));
        Assert.Equal(
            "chart-invalid",
            (await Assert.ThrowsAsync<ChartException>(() => store.ResolveAsync(ChartSource.Directory, chart, null, digest, default))).Code
        );
    }

    [Theory]
    [InlineData("""{{- $x := "aaaaaaaaaaaaaaaa" }}{{ range until 28 }}{{ $x = cat $x $x }}{{ end }}kind: {{ len $x }}""")] // doubles 28 times
    [InlineData("{{ range until 900000000 }}{{ . }}{{ end }}")]
    public async Task Template_OfAChartThatWantsMoreMemoryThanThereIs_EndsHelmAndSaysSo(string template)
    {
        var problem = await Assert.ThrowsAsync<HelmException>(() =>
            helm.TemplateAsync(Chart(("templates/a.yaml", template)), "x", "ns", "{}", default)
        );
        Assert.Equal((HelmFailure.InvalidChart, false), (problem.Failure, problem.IsTransient));
        Assert.Contains("more memory", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("goroutine", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exec yes")]
    [InlineData("exec tr '\\0' x </dev/zero")] // one line that never ends
    [InlineData("exec yes >&2")]
    public async Task Template_WhereHelmPrintsWithoutEnd_IsCutOffInBoundedMemory(string script)
    {
        using var endless = ScriptedHelm(script);
        var before = GC.GetTotalAllocatedBytes();

        var problem = await Assert.ThrowsAsync<HelmException>(() => endless.TemplateAsync(Chart(), "x", "ns", "{}", default));

        Assert.Equal((HelmFailure.InvalidChart, false), (problem.Failure, problem.IsTransient));
        Assert.Contains("printed more than 48 MB", problem.Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1_000_000_000);
    }

    [Theory]
    [InlineData("{{ \"[\" | repeat 30000 }}", "nested deeper")]
    [InlineData(
        "kind: A\na: &a [x]\nb: [{{ range until 400 }}*a,{{ end }}]\n{{ range until 3000 }}\n---\nkind: A{{ end }}",
        "more than 2000 YAML documents"
    )]
    public async Task Template_OfManifestsPastTheBounds_SaysWhich(string template, string says)
    {
        // NOTES.txt and comments aside, Helm prints what is no YAML too where nobody sorts it; either's word will do.
        var problem = await Assert.ThrowsAsync<HelmException>(() =>
            helm.TemplateAsync(Chart(("templates/a.yaml", template)), "x", "ns", "{}", default)
        );
        Assert.Equal(HelmFailure.InvalidChart, problem.Failure);
        Assert.True(
            problem.Message.Contains(says, StringComparison.Ordinal) || problem.Message.Contains("YAML", StringComparison.Ordinal),
            problem.Message
        );
    }

    public void Dispose()
    {
        helm.Dispose();
        folder.Dispose();
    }

    private Task<ResolvedChart> ResolveAsync(string chart) => store.ResolveAsync(ChartSource.Directory, chart, null, null, default);

    // A program in Helm's place that knows its version, and then does this.
    private HelmRunner ScriptedHelm(string script)
    {
        var program = folder.Combine("played-helm");
        File.WriteAllText(program, $"#!/bin/sh\ncase \"$1\" in version) echo v4.1.4 ;; *) {script} ;; esac\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new HelmRunner(Options.Create(new ProvisioningOptions { DataDirectory = folder.Combine("played"), HelmPath = program }));
    }

    private string Chart(params (string File, string Content)[] files)
    {
        var chart = folder.Combine($"chart-{Guid.NewGuid():n}");
        foreach (
            var (file, content) in ((string, string)[])
                [
                    ("Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
                    ("values.yaml", "a: 1\n"),
                    ("templates/a.yaml", "kind: A\n"),
                    .. files,
                ]
        )
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(chart, file))!);
            File.WriteAllText(Path.Combine(chart, file), content);
        }

        return chart;
    }
}
