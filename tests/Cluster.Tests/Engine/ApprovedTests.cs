using CsCheck;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>What Helm installs is the approved text: nothing that a chart does at another time or place changes it.</summary>
public abstract class ApprovedTests(EngineFixture engine)
{
    // Renders nothing where there is no cluster, as for a preview.
    private const string Attack = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: harmless}
        data: {a: "1"}
        {{- if lookup "v1" "Namespace" "" .Release.Namespace }}
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: ClusterRoleBinding
        metadata: {name: taken-over-{{ .Release.Namespace }}}
        roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
        subjects: [{kind: ServiceAccount, name: default, namespace: {{ .Release.Namespace }}}]
        ---
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: stolen}
        data: {all: {{ (lookup "v1" "Secret" "" "").items | toJson | quote }}}
        {{- end }}
        """;

    // EnumNames that a template, a YAML reader or Helm's own splitting could take for something.
    private static readonly Gen<string> Text = Gen.OneOf(
        "{{ lookup \"v1\" \"Secret\" \"\" \"\" }}",
        "{{ .Values.a }}",
        "}}",
        "---",
        "...",
        "\n---\nkind: ClusterRole\n",
        "# Source: other/templates/a.yaml",
        "no",
        "0123",
        "6e4",
        "a: b",
        "- x",
        "\r\n",
        "\t",
        "it's \"quoted\"",
        "日本語",
        "<value>",
        " ",
        "",
        "&a *b !c",
        "|",
        ">\n  folded",
        "$(PORT)",
        "%directive",
        "\\n",
        "~"
    );

    [Fact]
    public async Task Apply_ChartThatLooksAtTheClusterFirst_InstallsNothingThatWasNotShown()
    {
        var (ns, _) = await engine.NamespaceAsync("lookup");
        using var chart = new ChartFolder();
        chart.Write("templates/all.yaml", Attack);
        chart.Write(
            "crds/stolen.yaml",
            $"{{apiVersion: apiextensions.k8s.io/v1, kind: CustomResourceDefinition, metadata: {{name: unseens.{ns}.example.com}}, spec: {{group: {ns}.example.com, scope: Namespaced, names: {{plural: unseens, kind: Unseen}}, versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {{type: object}}}}}}]}}}}"
        );
        var approved = await engine.RenderAsync(chart.Path, ns, "");
        Assert.Equal(["lookup (templates/all.yaml)"], ChartDependence.Of(chart.Path));

        await engine.ApplyAsync(engine.Connection, ns, approved);
        await engine.ApplyAsync(engine.Connection, ns, approved);

        Assert.Empty(await RecordedDifferencesAsync(ns, approved));
        Assert.Equal(
            "configmap/harmless",
            (await engine.Cluster.KubectlAsync("get", "configmaps", "-n", ns, "-o", "name"))
                .Split('\n')
                .Single(n => n is not ("" or "configmap/kube-root-ca.crt"))
        );
        Assert.Empty(
            await engine.Cluster.KubectlAsync("get", "clusterrolebinding", $"taken-over-{ns}", "--ignore-not-found", "-o", "name")
        );
        Assert.DoesNotContain("unseens", await engine.Cluster.KubectlAsync("get", "crd", "-o", "name"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_Hooks_StayHooksWithTheirAnnotations()
    {
        var (ns, _) = await engine.NamespaceAsync("hooks");
        var admin = await AdminAsync();
        using var chart = new ChartFolder();
        chart.Write(
            "templates/all.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: early\n  annotations: {helm.sh/hook: \"pre-install,pre-upgrade\", helm.sh/hook-weight: \"-5\", helm.sh/hook-delete-policy: before-hook-creation}\n"
        );
        var approved = await engine.RenderAsync(chart.Path, ns, "");

        Assert.Equal(
            [("early", "pre-install, pre-upgrade", -5)],
            HelmHook.Of(approved).Select(h => (h.Name, string.Join(", ", h.Events), h.Weight))
        );
        await engine.ApplyAsync(admin, ns, approved);
        await engine.ApplyAsync(admin, ns, approved);

        Assert.Empty(await RecordedDifferencesAsync(ns, approved, revision: 2));
        Assert.Contains(
            "helm.sh/hook-weight: \"-5\"",
            await engine.HelmAsync("get", "hooks", EngineFixture.Release, "-n", ns),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(
            "early",
            await engine.HelmAsync("get", "manifest", EngineFixture.Release, "-n", ns),
            StringComparison.Ordinal
        );
        Assert.Contains("early", await engine.Cluster.KubectlAsync("get", "configmaps", "-n", ns, "-o", "name"), StringComparison.Ordinal);
        Assert.StartsWith(
            "gateway-1.7.7",
            (await engine.Helm.HistoryAsync(engine.Connection, EngineFixture.Release, ns, default))[^1].Chart,
            StringComparison.Ordinal
        );
        await engine.Helm.UninstallAsync(engine.Connection, EngineFixture.Release, ns, default);
        Assert.DoesNotContain(
            "plain",
            await engine.Cluster.KubectlAsync("get", "configmaps", "-n", ns, "-o", "name"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Apply_AnyChartAndValues_RecordsExactlyTheObjectsThatWereApproved()
    {
        var (ns, _) = await engine.NamespaceAsync("property");
        var admin = await AdminAsync();
        var objects = Gen.Select(Gen.Int[0, 9], Text.Array[0, 4], Gen.Bool, Gen.Int[-3, 3]).Array[1, 6];
        await objects.SampleAsync(
            async all =>
            {
                using var chart = new ChartFolder();
                foreach (var (index, (name, texts, isHook, weight)) in all.Index())
                {
                    var hook = isHook
                        ? $"\n  annotations: {{helm.sh/hook: \"pre-install,pre-upgrade\", helm.sh/hook-weight: \"{weight}\"}}"
                        : "";
                    var data = string.Concat(
                        texts.Select(
                            (_, i) =>
                                $"\n  t{i}: {{{{ index .Values.texts{index} {i} | quote }}}}\n  b{i}: |2\n    {{{{- index .Values.texts{index} {i} | nindent 4 }}}}"
                        )
                    );
                    chart.Write(
                        $"templates/{name}-{index}.yaml",
                        $"# nothing but words\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {(isHook ? "hook" : "object")}-{index}{hook}\ndata:{(data.Length == 0 ? " {}" : data)}\n---\n{{{{- if lookup \"v1\" \"Namespace\" \"\" .Release.Namespace }}}}\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: unseen-{index}}}\n{{{{- end }}}}\n"
                    );
                }

                var values = System.Text.Json.JsonSerializer.Serialize(all.Index().ToDictionary(o => $"texts{o.Index}", o => o.Item.Item2));
                var approved = await engine.RenderAsync(chart.Path, ns, values);
                await engine.ApplyAsync(admin, ns, approved, values);

                var newest = (await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default))!.Revision;
                Assert.Empty(await RecordedDifferencesAsync(ns, approved, newest));

                // And by Helm's own mouth.
                var said =
                    await engine.HelmAsync("get", "manifest", EngineFixture.Release, "-n", ns)
                    + "\n---\n"
                    + await engine.HelmAsync("get", "hooks", EngineFixture.Release, "-n", ns);
                Assert.Empty(ManifestComparison.Differences(approved, said));
                Assert.DoesNotContain(
                    "unseen-",
                    await engine.Cluster.KubectlAsync("get", "configmaps", "-n", ns, "-o", "name"),
                    StringComparison.Ordinal
                );
            },
            iter: 6,
            threads: 1
        );
    }

    [Fact]
    public async Task Apply_EveryShapeOfTheGatewaysChart_RecordsExactlyWhatWasApproved()
    {
        var (ns, _) = await engine.NamespaceAsync("shapes");
        var revision = 0;
        foreach (var values in Directory.GetFiles(Path.Combine(engine.Chart, "ci"), "*-oss-values.yaml").Order(StringComparer.Ordinal))
        {
            var text = await File.ReadAllTextAsync(values);
            var approved = await engine.RenderAsync(engine.Chart, ns, text);
            await engine.ApplyAsync(engine.Connection, ns, approved, text);
            Assert.Empty(await RecordedDifferencesAsync(ns, approved, ++revision));
        }
    }

    [Fact]
    public async Task Kinds_ThatTheClusterDoesNotKnowAsNamespaced_AreNamedByItsOwnDiscovery()
    {
        var (ns, _) = await engine.NamespaceAsync("kinds");
        const string Manifest = """
            {apiVersion: v1, kind: ConfigMap, metadata: {name: fine}}
            ---
            {apiVersion: v1, kind: List, items: [{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: wide}}, {apiVersion: example.com/v1, kind: Unheard, metadata: {name: of}}]}
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: elsewhere, namespace: kube-system}}
            """;

        var wrong = await NamespacedKinds.WrongAsync(engine.Connection, ns, ManifestItems.Parse(Manifest), default);

        Assert.Equal(3, wrong.Count);
        Assert.Contains("StorageClass wide is cluster-scoped.", wrong);
        Assert.Contains("does not know Unheard in example.com/v1", wrong[1], StringComparison.Ordinal);
        Assert.Contains("kube-system", wrong[2], StringComparison.Ordinal);
    }

    // Helm watches what hooks make, which takes rights that the portal's chart gives for no kind of hook by itself.
    private Task<ClusterConnection> AdminAsync() => engine.ConnectAsync("admin", engine.Cluster.AdminKubeconfig);

    private async Task<IReadOnlyList<string>> RecordedDifferencesAsync(string ns, string approved, int? revision = null)
    {
        var newest = revision ?? (await engine.Helm.StatusAsync(engine.Connection, EngineFixture.Release, ns, default))!.Revision;
        return ManifestComparison.Differences(
            approved,
            await ReleaseRecord.ManifestAsync(engine.Connection, EngineFixture.Release, ns, newest, default)
        );
    }

    private sealed class ChartFolder : IDisposable
    {
        private readonly TemporaryFolder folder = new();

        public ChartFolder() => Write("Chart.yaml", "apiVersion: v2\nname: somebodys\nversion: 0.1.0\n");

        public string Path => folder.Path;

        public void Write(string name, string text)
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(folder.Combine(name))!);
            File.WriteAllText(folder.Combine(name), text);
        }

        public void Dispose() => folder.Dispose();
    }
}
