using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Sandbox.Tests.Api;

public sealed class KubectlTests(ApiSandbox sandbox) : IClassFixture<ApiSandbox>
{
    [Fact]
    public async Task Apply_ChangedListItem_IsMergedByKey()
    {
        var ns = await sandbox.NewNamespaceAsync();
        await sandbox.ApplyAsync(ApiSandbox.Deployment("web", env: "{name: A, value: '1'}, {name: B, value: '2'}"), "-n", ns);
        await sandbox.ApplyAsync(ApiSandbox.Deployment("web", env: "{name: A, value: '1'}, {name: C, value: '3'}"), "-n", ns);
        Assert.Equal(
            "A C",
            await sandbox.KubectlAsync("get", "deploy/web", "-n", ns, "-o", "jsonpath={.spec.template.spec.containers[0].env[*].name}")
        );
    }

    [Fact]
    public async Task Apply_UnknownField_IsRefusedByName()
    {
        var ns = await sandbox.NewNamespaceAsync();
        var manifest = ApiSandbox.Deployment("web").Replace("replicas:", "replicaz:", StringComparison.Ordinal);
        var refused = await sandbox.RunAsync(Tools.Kubectl, 1, manifest, "apply", "-n", ns, "-f", "-");
        Assert.Contains("strict decoding error: unknown field \"spec.replicaz\"", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ScaleRolloutGetDescribeDelete_Work()
    {
        var ns = await sandbox.NewNamespaceAsync();
        await sandbox.ApplyAsync(ApiSandbox.Deployment("web"), "-n", ns);
        await sandbox.KubectlAsync("scale", "deploy/web", "--replicas=3", "-n", ns);
        Assert.Contains(
            "successfully rolled out",
            await sandbox.KubectlAsync("rollout", "status", "deploy/web", "--timeout=30s", "-n", ns),
            StringComparison.Ordinal
        );
        Assert.Contains("3/3", await sandbox.KubectlAsync("get", "deploy", "-n", ns), StringComparison.Ordinal);
        Assert.Contains("ScalingReplicaSet", await sandbox.KubectlAsync("describe", "deploy/web", "-n", ns), StringComparison.Ordinal);
        await sandbox.KubectlAsync("delete", "deploy/web", "--cascade=foreground", "--timeout=30s", "-n", ns);
        await Eventually.TrueAsync(
            async () => (await sandbox.KubectlAsync("get", "pods,rs", "-n", ns)).Contains("No resources found", StringComparison.Ordinal),
            "the pods follow their deployment"
        );
    }

    [Fact]
    public async Task CreateByTypedClient_SentAsProtobuf_IsStored()
    {
        await sandbox.KubectlAsync("create", "namespace", "typed");
        await sandbox.KubectlAsync("create", "secret", "generic", "s", "--from-literal=key=value", "-n", "typed");
        Assert.Equal("dmFsdWU=", await sandbox.KubectlAsync("get", "secret", "s", "-n", "typed", "-o", "jsonpath={.data.key}"));
    }

    [Fact]
    public async Task DeleteNamespace_WithRunningPods_EmptiesItAndEnds()
    {
        var ns = await sandbox.NewNamespaceAsync();
        await sandbox.ApplyAsync(ApiSandbox.Deployment("web"), "-n", ns);
        await sandbox.KubectlAsync("rollout", "status", "deploy/web", "--timeout=30s", "-n", ns);
        await sandbox.KubectlAsync("delete", "namespace", ns, "--timeout=30s");
        Assert.Contains("NotFound", await sandbox.RunAsync(Tools.Kubectl, 1, null, "get", "namespace", ns), StringComparison.Ordinal);
    }
}
