using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>What the portal writes itself: namespaces, secret versions, guardrails.</summary>
public abstract class WriterTests(EngineFixture engine)
{
    [Fact]
    public async Task EnsureNamespace_ThatSomebodyElseMade_IsRefused()
    {
        var (ns, _) = await engine.NamespaceAsync("somebody-elses");
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() =>
            engine.Writer.EnsureNamespaceAsync(engine.Connection, ns, EngineFixture.Labels(Guid.NewGuid()), default)
        );
        Assert.Equal("namespace-taken", problem.Code);
        await Assert.ThrowsAsync<ClusterRejectedException>(() =>
            engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, Guid.NewGuid(), default)
        );
    }

    [Theory]
    [InlineData("default")]
    [InlineData("kube-system")]
    public async Task Namespace_OfTheSystem_IsNeverTouchedWhoeverItIsLabelledFor(string ns)
    {
        var id = Guid.NewGuid();
        await engine.Cluster.KubectlAsync("label", "namespace", ns, $"{ClusterLabels.Environment}={id}", "--overwrite");
        try
        {
            Assert.Equal(
                "namespace-reserved",
                (
                    await Assert.ThrowsAsync<ClusterRejectedException>(() =>
                        engine.Writer.EnsureNamespaceAsync(engine.Connection, ns, EngineFixture.Labels(id), default)
                    )
                ).Code
            );
            Assert.Equal(
                "namespace-reserved",
                (
                    await Assert.ThrowsAsync<ClusterRejectedException>(() =>
                        engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default)
                    )
                ).Code
            );
        }
        finally
        {
            await engine.Cluster.KubectlAsync("label", "namespace", ns, $"{ClusterLabels.Environment}-");
        }
    }

    [Fact]
    public async Task EnsureNamespace_Twice_AndWithAnotherLabel_KeepsWhatIsInIt()
    {
        var (ns, id) = await engine.NamespaceAsync("labels");
        await engine.Writer.WriteSecretAsync(engine.Connection, ns, "kept", Data("one"), EngineFixture.Labels(id), default);
        var labels = EngineFixture.Labels(id);
        await engine.Writer.EnsureNamespaceAsync(engine.Connection, ns, labels, default);
        labels["pod-security.kubernetes.io/enforce"] = "restricted";
        await engine.Writer.EnsureNamespaceAsync(engine.Connection, ns, labels, default);
        Assert.Contains(
            "restricted",
            await engine.Cluster.KubectlAsync("get", "namespace", ns, "-o", "jsonpath={.metadata.labels}"),
            StringComparison.Ordinal
        );
        Assert.NotEmpty(await engine.Cluster.KubectlAsync("get", "secret", "kept", "-n", ns, "-o", "name"));
    }

    [Fact]
    public async Task EnsureNamespace_ThatIsStillTerminating_IsTransient_AndPassesOnceItIsGone()
    {
        var (ns, id) = await engine.NamespaceAsync("terminating");
        await engine.Cluster.ApplyAsync(
            $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: held, namespace: {ns}, finalizers: [example.com/held]}}}}"
        );
        var deleting = engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default);
        await Eventually.TrueAsync(
            async () => (await engine.Cluster.KubectlAsync("get", "namespace", ns, "-o", "jsonpath={.status.phase}")) == "Terminating",
            "the namespace terminates"
        );

        var problem = await Assert.ThrowsAsync<ClusterException>(() =>
            engine.Writer.EnsureNamespaceAsync(engine.Connection, ns, EngineFixture.Labels(id), default)
        );
        Assert.Equal("namespace-terminating", problem.Code);
        Assert.True(problem.IsTransient);
        problem = await Assert.ThrowsAnyAsync<ClusterException>(() =>
            engine.Writer.WriteSecretAsync(engine.Connection, ns, "late", Data("one"), EngineFixture.Labels(id), default)
        );
        Assert.Equal("namespace-terminating", problem.Code);
        var helm = await Assert.ThrowsAsync<Provisioning.Clusters.Helm.HelmException>(() =>
            engine.InstallAsync(ns, EngineFixture.Values())
        );
        Assert.True(helm.IsTransient, helm.Message);
        Assert.False(deleting.IsCompleted);

        await engine.Cluster.KubectlAsync(
            "patch",
            "configmap",
            "held",
            "-n",
            ns,
            "--type=merge",
            "-p",
            """{"metadata":{"finalizers":null}}"""
        );
        await deleting;
        await engine.Writer.EnsureNamespaceAsync(engine.Connection, ns, EngineFixture.Labels(id), default);
    }

    [Fact]
    public async Task WaitUntilGone_OfANamespaceThatFinalizersHold_NamesTheObjectsAndWhoHoldsThem()
    {
        var (ns, id) = await engine.NamespaceAsync("held");
        await engine.Cluster.ApplyAsync(
            $"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: stuck, namespace: {ns}, finalizers: [example.com/x]}}}}"
        );
        var uid = await engine.Cluster.KubectlAsync("get", "namespace", ns, "-o", "jsonpath={.metadata.uid}");
        var deleting = engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default);
        await Eventually.TrueAsync(
            async () => (await engine.Cluster.KubectlAsync("get", "namespace", ns, "-o", "jsonpath={.status.phase}")) == "Terminating",
            "the namespace terminates"
        );

        var problem = await Assert.ThrowsAsync<ClusterException>(() =>
            Namespaces.WaitUntilGoneAsync(engine.Connection, ns, uid, TimeSpan.FromSeconds(2), default)
        );
        Assert.Contains("ConfigMap stuck (example.com/x)", problem.Message, StringComparison.Ordinal);

        await engine.Cluster.KubectlAsync(
            "patch",
            "configmap",
            "stuck",
            "-n",
            ns,
            "--type=merge",
            "-p",
            """{"metadata":{"finalizers":null}}"""
        );
        await deleting;
    }

    [Fact]
    public async Task WriteSecret_Twice_DoesNothingTheSecondTime_AndPruneKeepsTheNamed()
    {
        var (ns, id) = await engine.NamespaceAsync("secrets");
        var (other, otherId) = await engine.NamespaceAsync("secrets-other");
        var data = Data("value ünd \"more\"");
        await engine.Writer.WriteSecretAsync(engine.Connection, other, "env-a", data, EngineFixture.Labels(otherId), default);
        await engine.Writer.WriteSecretAsync(engine.Connection, ns, "env-a", data, EngineFixture.Labels(id), default);
        var version = await Version();
        await engine.Writer.WriteSecretAsync(engine.Connection, ns, "env-a", data, EngineFixture.Labels(id), default);
        Assert.Equal(version, await Version());
        await engine.Writer.WriteSecretAsync(engine.Connection, ns, "env-b", data, EngineFixture.Labels(id), default);
        Assert.Equal(["env-a"], await engine.Writer.PruneSecretsAsync(engine.Connection, ns, ["env-b"], default));
        Assert.Empty(await engine.Writer.PruneSecretsAsync(engine.Connection, ns, ["env-b"], default));
        Assert.NotEmpty(await engine.Cluster.KubectlAsync("get", "secret", "env-a", "-n", other, "-o", "name"));

        Task<string> Version() =>
            engine.Cluster.KubectlAsync("get", "secret", "env-a", "-n", ns, "-o", "jsonpath={.metadata.resourceVersion}");
    }

    [Fact]
    public async Task WriteSecret_WithOtherContentUnderTheSameName_IsRefused()
    {
        var (ns, id) = await engine.NamespaceAsync("immutable");
        await engine.Writer.WriteSecretAsync(engine.Connection, ns, "env-a", Data("one"), EngineFixture.Labels(id), default);
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() =>
            engine.Writer.WriteSecretAsync(engine.Connection, ns, "env-a", Data("two"), EngineFixture.Labels(id), default)
        );
        Assert.DoesNotContain("two", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("dHdv", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ApplyManifests_OfTheGuardrailsChart_AreAppliedTwice_AndWhatIsOutsideIsRefused()
    {
        var (ns, _) = await engine.NamespaceAsync("guardrails");
        var yaml = await GuardrailsAsync(ns, "mission-critical");
        await engine.Writer.ApplyManifestsAsync(engine.Connection, ns, yaml, default);
        await engine.Writer.ApplyManifestsAsync(engine.Connection, ns, yaml, default);
        Assert.Empty(await engine.Writer.PruneGuardrailsAsync(engine.Connection, ns, "guardrails", yaml, default));
        var smaller = await GuardrailsAsync(ns, "dev");
        Assert.Contains(
            "PodDisruptionBudget guardrails-gateway",
            await engine.Writer.PruneGuardrailsAsync(engine.Connection, ns, "guardrails", smaller, default)
        );
        Assert.Empty(await engine.Writer.PruneGuardrailsAsync(engine.Connection, ns, "guardrails", smaller, default));
        await Assert.ThrowsAsync<ClusterRejectedException>(() =>
            engine.Writer.ApplyManifestsAsync(engine.Connection, ns, "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}", default)
        );
        await Assert.ThrowsAsync<ClusterRejectedException>(() =>
            engine.Writer.ApplyManifestsAsync(
                engine.Connection,
                ns,
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}",
                default
            )
        );
        await Assert.ThrowsAsync<ClusterRejectedException>(() =>
            engine.Writer.ApplyManifestsAsync(engine.Connection, ns, "apiVersion: v1\nkind: Unheard\nmetadata: {name: x}", default)
        );
    }

    [Fact]
    public async Task ApplyManifests_WithAFieldThatTheServerDoesNotKnow_AreRefusedForGood_AndNameIt()
    {
        var (ns, _) = await engine.NamespaceAsync("unknown-field");
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() =>
            engine.Writer.ApplyManifestsAsync(
                engine.Connection,
                ns,
                "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {pods: \"1\"}, harder: {pods: \"0\"}}}",
                default
            )
        );
        Assert.Contains("harder", problem.Message, StringComparison.Ordinal);
    }

    // As the portal renders them: for the cluster's own version.
    private async Task<string> GuardrailsAsync(string ns, string profile)
    {
        var version = JsonNode.Parse(await engine.Cluster.KubectlAsync("get", "--raw", "/version"))!["gitVersion"]!.GetValue<string>();
        var values = await File.ReadAllTextAsync(Path.Combine(Repository.Charts, "guardrails", "ci", $"{profile}-values.yaml"));
        return await engine.Helm.TemplateAsync(
            Path.Combine(Repository.Charts, "guardrails"),
            "guardrails",
            ns,
            values,
            default,
            kubernetesVersion: version
        );
    }

    private static Dictionary<string, SecretValue> Data(string value) => new(StringComparer.Ordinal) { ["KEY"] = new(value) };
}
