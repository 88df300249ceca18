using System.Net;
using Portkey.Portal.Provisioning.Kubernetes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Kubernetes;

public sealed class KubeconfigTests
{
    [Theory]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [-c, 'touch /tmp/owned']}", "https://127.0.0.1:1", "runs a program")]
    [InlineData("auth-provider: {name: gcp}", "https://127.0.0.1:1", "runs a program")]
    [InlineData("client-certificate: /etc/passwd", "https://127.0.0.1:1", "names files")]
    [InlineData("token: x", "http://127.0.0.1:1", "https address")]
    public async Task Probe_OfAKubeconfigThatCouldDoHarm_IsRefused(string user, string server, string word)
    {
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() => ClusterConnections.ProbeAsync(Text(user, server), default));
        Assert.Equal("kubeconfig-refused", problem.Code);
        Assert.Contains(word, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{{ .Values }}")]
    [InlineData("apiVersion: v1\nkind: Config\n")]
    [InlineData("<img onerror>")]
    public async Task Probe_OfWhatIsNoKubeconfig_IsRefusedWithoutQuotingIt(string text)
    {
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() => ClusterConnections.ProbeAsync(text, default));
        Assert.StartsWith("kubeconfig-", problem.Code, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_OfAClosedPort_SaysThatNobodyAnswers() =>
        Assert.True((await Assert.ThrowsAsync<ClusterUnreachableException>(() => ClusterConnections.ProbeAsync(Text("token: x", "https://127.0.0.1:1"), default))).IsTransient);

    [Fact]
    public void From_AFieldManagerConflict_NamesManagerAndField()
    {
        const string body = """{"kind":"Status","reason":"Conflict","message":"Apply failed with 1 conflict","details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\" using v1","field":".data.x"}]}}""";
        var problem = Assert.IsType<ClusterConflictException>(ClusterErrors.From("c", HttpStatusCode.Conflict, body));
        Assert.Equal(("kubectl", ".data.x"), (problem.Manager, problem.Field));
    }

    [Fact]
    public void From_A404ThatIsNoStatus_IsNotReadAsMissing() =>
        Assert.IsType<ClusterUnreachableException>(ClusterErrors.From("c", HttpStatusCode.NotFound, "<html>nginx</html>"));

    [Fact]
    public void From_AQuotaAndAPlainForbidden_AreToldApart()
    {
        Assert.IsType<ClusterQuotaExceededException>(ClusterErrors.From("c", HttpStatusCode.Forbidden, """{"kind":"Status","message":"pods \"x\" is forbidden: exceeded quota: portal"}"""));
        Assert.IsType<ClusterForbiddenException>(ClusterErrors.From("c", HttpStatusCode.Forbidden, """{"kind":"Status","message":"pods is forbidden"}"""));
    }

    private static string Text(string user, string server) => $$$"""
        apiVersion: v1
        kind: Config
        current-context: c
        contexts: [{name: c, context: {cluster: c, user: u}}]
        clusters: [{name: c, cluster: {server: "{{{server}}}", insecure-skip-tls-verify: true}}]
        users: [{name: u, user: { {{{user}}} }}]
        """;
}
