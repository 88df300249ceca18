using Portkey.Portal.Provisioning.Kubernetes;
using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Cluster.Tests.Engine;

public sealed class ClusterWriterTests(EngineFixture engine) : IClassFixture<EngineFixture>
{
    [Fact]
    public async Task EnsureNamespace_ThatSomebodyElseMade_IsRefused()
    {
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() => engine.Writer.EnsureNamespaceAsync(engine.Connection, "default", EngineFixture.Labels(Guid.NewGuid()), default));
        Assert.Equal("namespace-taken", problem.Code);
        await Assert.ThrowsAsync<ClusterRejectedException>(() => engine.Writer.DeleteNamespaceAsync(engine.Connection, "default", Guid.NewGuid(), default));
    }

    [Fact]
    public async Task WriteSecret_Twice_DoesNothingTheSecondTime_AndPruneKeepsTheNamed()
    {
        var (ns, id) = await engine.NamespaceAsync("secrets");
        await engine.NamespaceAsync("secrets-other");
        var data = new Dictionary<string, SecretValue> { ["KEY"] = new("value ünd \"more\"") };
        await engine.Writer.WriteSecretAsync(engine.Connection, ns, "env-a", data, EngineFixture.Labels(id), default);
        await engine.Writer.WriteSecretAsync(engine.Connection, ns, "env-a", data, EngineFixture.Labels(id), default);
        await engine.Writer.WriteSecretAsync(engine.Connection, ns, "env-b", data, EngineFixture.Labels(id), default);
        Assert.Equal(["env-a"], await engine.Writer.PruneSecretsAsync(engine.Connection, ns, ["env-b"], default));
        Assert.Empty(await engine.Writer.PruneSecretsAsync(engine.Connection, ns, ["env-b"], default));
    }

    [Fact]
    public async Task WriteSecret_WithOtherContentUnderTheSameName_IsRefused()
    {
        var (ns, id) = await engine.NamespaceAsync("immutable");
        await engine.Writer.WriteSecretAsync(engine.Connection, ns, "env-a", new Dictionary<string, SecretValue> { ["KEY"] = new("one") }, EngineFixture.Labels(id), default);
        await Assert.ThrowsAsync<ClusterRejectedException>(() =>
            engine.Writer.WriteSecretAsync(engine.Connection, ns, "env-a", new Dictionary<string, SecretValue> { ["KEY"] = new("two") }, EngineFixture.Labels(id), default));
    }

    [Fact]
    public async Task ApplyManifests_OfTheGuardrailsChart_AreAppliedTwice_AndWhatIsOutsideIsRefused()
    {
        var (ns, _) = await engine.NamespaceAsync("guardrails");
        var yaml = await engine.Helm.TemplateAsync(Path.Combine(Shared.Repository.Charts, "guardrails"), "guardrails", ns, "{}", default);
        await engine.Writer.ApplyManifestsAsync(engine.Connection, ns, yaml, default);
        await engine.Writer.ApplyManifestsAsync(engine.Connection, ns, yaml, default);
        Assert.Empty(await engine.Writer.PruneGuardrailsAsync(engine.Connection, ns, "guardrails", yaml, default));
        var smaller = await engine.Helm.TemplateAsync(Path.Combine(Shared.Repository.Charts, "guardrails"), "guardrails", ns, "limitRange: {enabled: false}", default);
        Assert.Equal(["LimitRange guardrails-limits"], await engine.Writer.PruneGuardrailsAsync(engine.Connection, ns, "guardrails", smaller, default));
        Assert.Empty(await engine.Writer.PruneGuardrailsAsync(engine.Connection, ns, "guardrails", smaller, default));
        await Assert.ThrowsAsync<ClusterRejectedException>(() => engine.Writer.ApplyManifestsAsync(engine.Connection, ns, "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}", default));
        await Assert.ThrowsAsync<ClusterRejectedException>(() => engine.Writer.ApplyManifestsAsync(engine.Connection, ns, "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: default}", default));
    }
}
