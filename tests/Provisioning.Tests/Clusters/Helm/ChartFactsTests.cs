using System.Diagnostics;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Helm;

/// <summary>Every way in which values.yaml, schema and templates leave a place open or closed; the real Helm is the judge of what gets
/// through.</summary>
public sealed class ChartFactsTests : IDisposable
{
    private const string Other = "zebra-other";

    private static readonly string[] Defaults =
    [
        "",
        "place: {}\n",
        "place: null\n",
        "place: {known: a}\n",
        "place: {known: a, more: {deep: b}}\n",
        "place: [a]\n",
    ];

    private static readonly (string Text, bool IsOpen)[] Templates =
    [
        ("x: {{ toJson .Values.place }}", true),
        ("x: {{ .Values.place | toJson }}", true),
        ("{{ with .Values.place }}x: {{ toJson . }}{{ end }}", true),
        ("x: y\n{{- range $k, $v := .Values.place }}\na-{{ $k }}: {{ toJson $v }}\n{{- end }}", true),
        ("{{ $p := .Values.place }}x: {{ toJson $p }}", true),
        ("x: {{ tpl (toJson (default dict .Values.place)) . }}", true),
        ("x: {{ include \"whole\" . }}", true),
        ("x: {{ include \"dot\" .Values.place }}", true),
        ("x: {{ include \"field\" (dict \"root\" . \"part\" .Values.place) }}", true),
        ("x: {{ toJson (merge (dict \"own\" 1) (deepCopy (.Values.place | default dict))) }}", true),
        ("x: {{ index .Values \"place\" | toJson }}", true),
        ("x: {{ toJson .Values }}", true),
        ("{{ $name := print \"wh\" \"ole\" }}x: {{ include $name . }}", true),
        ("{{ if .Values.missing }}x: 1{{ else if .Values.place }}x: {{ toJson .Values.place }}{{ end }}", true),
        ("x: {{ (.Values.place).known }}", false),
        ("{{ with .Values.place }}x: {{ .known }}{{ end }}", false),
        ("x: {{ dig \"known\" \"\" (.Values.place | default dict) }}", false),
        ("{{ $p := .Values.place | default dict }}x: {{ get $p \"known\" }}", false),
        ("x: {{ toJson (pick (.Values.place | default dict) \"known\") }}", false),
        ("{{ if .Values.place }}x: yes-it-is{{ end }}", false),
        ("x: {{ include \"named\" . }}", false),
        ("x: nothing", false),
        ("{{/* toJson .Values.place */}}x: {{ \".Values.place\" }}", false),
    ];

    private static readonly (string? Text, bool IsClosed)[] Schemas =
    [
        (null, false),
        ("""{"type":"object","properties":{"place":{}}}""", false),
        ("""{"properties":{"place":{"additionalProperties":{}}}}""", false),
        ("""{"properties":{"place":{"properties":{"known":{}},"patternProperties":{"^zebra-":{}},"additionalProperties":false}}}""", false),
        ("""{"properties":{"place":{"properties":{"known":{},"more":{}},"additionalProperties":false}}}""", true),
        (
            """{"properties":{"place":{"$ref":"#/$defs/p"}},"$defs":{"p":{"properties":{"known":{},"more":{}},"additionalProperties":false}}}""",
            true
        ),
        ("""{"properties":{"place":{"allOf":[{"properties":{"known":{},"more":{}},"additionalProperties":false}]}}}""", true),
        ("""{"properties":{"place":{"propertyNames":{"pattern":"^(known|more)$"}}}}""", true),
        ("""{"properties":{"place":{"properties":{"zebra-other":false}}}}""", true),
        ("""{"additionalProperties":false,"properties":{"other":{}}}""", true),
    ];

    private readonly TemporaryFolder folder = new();
    private readonly HelmRunner helm;

    public ChartFactsTests() =>
        helm = new HelmRunner(
            Options.Create(
                new ProvisioningOptions
                {
                    DataDirectory = folder.Path,
                    HelmPath = Tools.Helm,
                    ChartsDirectory = Repository.Charts,
                }
            )
        );

    [Fact]
    public async Task Legal_OverGeneratedCharts_DropsNothingThatHelmWouldCarry_AndSendsNothingThatHelmRefuses()
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var values in Defaults)
        {
            foreach (var (template, isOpen) in Templates)
            {
                foreach (var (schema, isClosed) in Schemas)
                {
                    var facts = ChartFacts.Read(Chart($"c{count++}", values, template, schema));
                    var sent =
                        facts.Legal(Map("place", Map(Other, "marked-value"))).GetValueOrDefault("place")
                            is Dictionary<string, object?> place
                        && place.ContainsKey(Other);
                    if (sent != (isOpen && !isClosed))
                    {
                        wrong.Add(
                            $"values '{values.Trim()}', template '{template}', schema '{schema}': {(sent ? "sent" : "dropped")}, {facts.Place("place." + Other).Why}"
                        );
                    }
                }
            }
        }

        Assert.True(count >= 1000, $"{count} charts");
        Assert.Empty(wrong);

        // What the table says is what the real Helm does, for each way of a template and of a schema.
        foreach (var (template, isOpen) in Templates)
        {
            var (taken, text) = await TryAsync(Chart($"t{count++}", "place: {}\n", template, null));
            Assert.True(taken && text.Contains(Other, StringComparison.Ordinal) == isOpen, $"{template}: {text}");
        }

        foreach (var (schema, isClosed) in Schemas)
        {
            var (taken, text) = await TryAsync(Chart($"t{count++}", "", "x: {{ toJson .Values.place }}", schema));
            Assert.True(taken == !isClosed, $"{schema}: {text}");
        }
    }

    [Fact]
    public void Place_SaysWhy()
    {
        var facts = ChartFacts.Read(
            Chart(
                "why",
                "a: {x: 1}\nb: {}\nc: {}\nd: {}\n",
                "x: {{ toJson .Values.a }}\ny: {{ .Values.b.one }}{{ .Values.b.two }}\nz: {{ toJson .Values.d }}",
                """{"properties":{"d":{"properties":{"e":{}},"additionalProperties":false}}}"""
            )
        );
        Assert.Equal((true, true, "templates pass it on whole: toJson in templates/all.yaml"), Said(facts.Place("a.any")));
        Assert.Equal((true, false, "templates read only .one, .two"), Said(facts.Place("b")));
        Assert.Equal((false, false, "templates read only .one, .two"), Said(facts.Place("b.three")));
        Assert.Equal((false, false, "nothing reads it"), Said(facts.Place("c")));
        Assert.Equal((true, false, "schema: additionalProperties false"), Said(facts.Place("d")));
        Assert.Contains("a", facts.Places.Select(p => p.Path));

        static (bool, bool, string) Said(ChartPlace place) => (place.Taken, place.Open, place.Why);
    }

    [Fact]
    public void Read_HostileTemplates_EndsSoon_AndLeavesEverythingOpen()
    {
        var calls = string.Concat(
            Enumerable
                .Range(0, 200)
                .Select(i =>
                    $"{{{{ define \"d{i}\" }}}}{string.Concat(Enumerable.Range(0, 200).Select(j => $"{{{{ include \"d{j}\" (dict \"a{i}\" . \"b{j}\" .) }}}}"))}{{{{ end }}}}"
                )
        );
        foreach (
            var text in new[]
            {
                calls + "{{ include \"d0\" .Values }}",
                "{{ x " + new string('(', 100_000) + " }}",
                string.Concat(Enumerable.Repeat("{{ if .Values.a }}", 50_000)),
                "{{ $a := .Values }}" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"{{{{ $a = $a.b{i} }}}}")),
                "{{ .Values." + string.Join('.', Enumerable.Repeat("a", 100_000)) + " }}",
            }
        )
        {
            var clock = Stopwatch.StartNew();
            Assert.True(ChartFacts.Read(Chart($"h{Guid.NewGuid():n}", "", text, null)).Accepts("any.place"), text[..40]);
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
        }
    }

    [Fact]
    public void Layout_OfAThirdLine_IsAddedByRowsAlone()
    {
        var layouts = ChartLayout.Parse(
            new StringReader(
                """
                layout,what,path
                gateway,chart,gateway
                third,chart,third-gw
                third,has,cache.own
                third,externalRedis,cache.own
                third,images.gatewayImage.repository,image.name
                third,images.gatewayImage.tag,image.version
                third,service.port,ports.http
                third,environment.data,env
                third,imagePullSecrets,pull
                """
            )
        );
        var folderOf = Chart(
            "third",
            "",
            "x: {{ .Values.image.name }}:{{ .Values.image.version }} {{ .Values.ports.http }} {{ .Values.cache.own }} {{ toJson .Values.pull }}\nenv: {{ toJson .Values.env }}",
            null
        );
        var facts = ChartFacts.Read(folderOf, layouts);
        Assert.Equal("third", facts.Layout.Name);
        var legal = facts.Legal(
            new Dictionary<string, object?>
            {
                ["externalRedis"] = true,
                ["images"] = new Dictionary<string, object?>
                {
                    ["gatewayImage"] = new Dictionary<string, object?> { ["repository"] = "r", ["tag"] = "t" },
                },
                ["service"] = new Dictionary<string, object?> { ["port"] = 80, ["type"] = "ClusterIP" },
                ["environment"] = new Dictionary<string, object?>
                {
                    ["create"] = false,
                    ["data"] = new Dictionary<string, object?> { ["LOG_STORE"] = "s3" },
                },
                ["imagePullSecrets"] = new[] { "p" },
            }
        );
        Assert.Equal(
            """{"cache":{"own":true},"env":{"LOG_STORE":"s3"},"image":{"name":"r","version":"t"},"ports":{"http":80},"pull":["p"]}""",
            PortalJson.Write(new SortedDictionary<string, object?>(legal, StringComparer.Ordinal))
        );
        Assert.True(facts.Accepts("service.port") && facts.TakesSettings && facts.AcceptsSetting("LOG_STORE", ""));
        Assert.False(facts.Accepts("service.type"));
    }

    public void Dispose()
    {
        helm.Dispose();
        folder.Dispose();
    }

    private static Dictionary<string, object?> Map(string key, object? value) => new(StringComparer.Ordinal) { [key] = value };

    private async Task<(bool Taken, string Text)> TryAsync(string chart)
    {
        try
        {
            return (
                true,
                await helm.TemplateAsync(chart, "r", "n", $"place: {{{Other}: marked-value}}", TestContext.Current.CancellationToken)
            );
        }
        catch (HelmException e)
        {
            return (false, e.Message);
        }
    }

    private string Chart(string name, string values, string template, string? schema)
    {
        var chart = Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName;
        Directory.CreateDirectory(Path.Combine(chart, "templates"));
        File.WriteAllText(Path.Combine(chart, "Chart.yaml"), $"apiVersion: v2\nname: any\nversion: 1.0.0\n");
        File.WriteAllText(Path.Combine(chart, "values.yaml"), values);
        File.WriteAllText(
            Path.Combine(chart, "templates", "all.yaml"),
            $"kind: ConfigMap\napiVersion: v1\nmetadata: {{name: x}}\n{template}\n"
        );
        File.WriteAllText(
            Path.Combine(chart, "templates", "_some.tpl"),
            """
            {{ define "whole" }}{{ toJson .Values.place }}{{ end }}
            {{ define "dot" }}{{ toJson . }}{{ end }}
            {{ define "field" }}{{ toJson .part }}{{ end }}
            {{ define "named" }}{{ with .Values.place }}{{ .known }}{{ end }}{{ end }}
            {{ define "never called" }}{{ toJson .Values }}{{ end }}
            """
        );
        if (schema is not null)
        {
            File.WriteAllText(Path.Combine(chart, "values.schema.json"), schema);
        }

        return chart;
    }
}
