using System.Net;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;

public sealed class KubeconfigTests
{
    [Theory]
    [InlineData("exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh, args: [-c, 'touch /tmp/owned']}", "", "user.exec")]
    [InlineData("auth-provider: {name: gcp}", "", "user.auth-provider")]
    [InlineData("client-certificate: /etc/passwd", "", "user.client-certificate:")]
    [InlineData("client-key: /etc/passwd", "", "user.client-key:")]
    [InlineData("tokenFile: /etc/passwd", "", "user.tokenFile")]
    [InlineData("username: me, password: canary", "", "user.password")]
    [InlineData("token: canary, as: system:admin", "", "user.as:")]
    [InlineData("token: canary, as-uid: '1'", "", "user.as-uid")]
    [InlineData("token: canary, as-groups: [system:masters]", "", "user.as-groups")]
    [InlineData("token: canary, as-user-extra: {scopes: [all]}", "", "user.as-user-extra")]
    [InlineData("token: canary, impersonate: me", "", "user.impersonate")]
    [InlineData("token: 'a canary'", "", "user.token")]
    [InlineData(
        "token: canary, client-certificate-data: Y2FuYXJ5, client-key-data: Y2FuYXJ5",
        "",
        "user.client-certificate-data, user.client-key-data"
    )]
    [InlineData("", "", "no credentials")]
    [InlineData("token: canary", ", tls-server-name: other.example", "cluster.tls-server-name")]
    [InlineData("token: canary", ", proxy-url: 'http://proxy.example:3128'", "cluster.proxy-url")]
    [InlineData("token: canary", ", disable-compression: true", "cluster.disable-compression")]
    [InlineData("token: canary", ", insecure-skip-tls-verify: true", "cluster.insecure-skip-tls-verify")]
    [InlineData("token: canary", ", insecure-skip-tls-verify: yes", "cluster.insecure-skip-tls-verify")]
    [InlineData("token: canary", ", certificate-authority: /etc/passwd", "cluster.certificate-authority:")]
    [InlineData("token: canary", ", api-version: v1", "cluster.api-version")]
    public async Task Probe_OfAFieldThatIsNotHonoured_IsRefusedByItsName_AndNobodyIsAsked(string user, string cluster, string name)
    {
        await using var server = new RecordingServer(n => n.AddIpAddress(IPAddress.Loopback));
        var problem = await RefusedAsync(server.Kubeconfig(user, cluster));
        Assert.Contains(name, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", problem.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("https://me:canary@127.0.0.1:1")]
    [InlineData("https://127.0.0.1:1/?x=canary")]
    [InlineData("https://127.0.0.1:1/#canary")]
    [InlineData("127.0.0.1:1")]
    [InlineData("file:///etc/passwd")]
    public async Task Probe_OfAServerThatIsNoPlainHttpsAddress_IsRefused(string server)
    {
        var problem = await RefusedAsync(RecordingServer.Text(server, "", "token: x"));
        Assert.Contains("cluster.server", problem.Message, StringComparison.Ordinal);
        Assert.Contains("cluster.certificate-authority-data: it is missing", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_OfSeveralThings_SaysAllAtOnce()
    {
        var problem = await RefusedAsync(RecordingServer.Text("http://a", "", "token: x, as: admin", ", proxy-url: 'http://p'"));
        Assert.Equal(
            ["cluster.proxy-url", "user.as", "cluster.server", "cluster.certificate-authority-data"],
            problem.Problems.Select(p => p[..p.IndexOf(':', StringComparison.Ordinal)])
        );
    }

    [Fact]
    public async Task Probe_OfTwoContexts_IsRefused_SoThatNoOtherCredentialIsKept()
    {
        var text = RecordingServer
            .Text("https://a", "", "token: x")
            .Replace("contexts: [", "contexts: [{name: d, context: {cluster: c, user: u}}, ", StringComparison.Ordinal);
        Assert.Contains("contexts: it has 2", (await RefusedAsync(text)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{{ .Values }}")]
    [InlineData("apiVersion: v1\nkind: Config\n")]
    [InlineData("<img onerror>")]
    [InlineData("a: &x canary\nb: *x")]
    [InlineData("users: canary\nusers: canary")]
    [InlineData("[canary]")]
    public async Task Probe_OfWhatIsNoKubeconfig_IsRefusedWithoutQuotingIt(string text)
    {
        var problem = await Assert.ThrowsAnyAsync<ClusterException>(() => Probe.AskAsync(text, default));
        Assert.StartsWith("kubeconfig-", problem.Code, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_OfDeepNesting_IsRefusedAndNotFollowed() =>
        Assert.Equal(
            "kubeconfig-refused",
            (await Assert.ThrowsAnyAsync<ClusterException>(() => Probe.AskAsync(new string('[', 60_000), default))).Code
        );

    [Fact]
    public async Task Probe_OfAClosedPort_SaysThatNobodyAnswers()
    {
        await using var server = new RecordingServer(n => n.AddIpAddress(IPAddress.Loopback));
        var text = RecordingServer.Text("https://127.0.0.1:1", server.AuthorityPem, "token: x");
        Assert.True((await Assert.ThrowsAsync<ClusterUnreachableException>(() => Probe.AskAsync(text, default))).IsTransient);
    }

    [Fact]
    public async Task Certificate_OfAnotherName_GetsNoToken_FromClientOrHelm()
    {
        await using var server = new RecordingServer(n => n.AddDnsName("other.example"));
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() => Probe.AskAsync(server.Kubeconfig(), default));
        Assert.Equal("cluster-certificate", problem.Code);

        using var connection = new ClusterConnection("c", Kubeconfig.Untrusted("c", server.Kubeconfig(), tlsMayBeOff: false));
        using var folder = new TemporaryFolder();
        using var helm = new HelmRunner(Options.Create(new ProvisioningOptions { DataDirectory = folder.Path, HelmPath = Tools.Helm }));
        await Assert.ThrowsAsync<HelmException>(() => helm.StatusAsync(connection, "gateway", "ns", default));
        Assert.True(server.Connections >= 2, "both came");
        Assert.Empty(server.Heard);
    }

    [Fact]
    public async Task Certificate_OfAnotherAuthority_GetsNoToken()
    {
        await using var server = new RecordingServer(n => n.AddIpAddress(IPAddress.Loopback));
        await using var other = new RecordingServer(n => n.AddIpAddress(IPAddress.Loopback));
        var text = RecordingServer.Text(server.Address, other.AuthorityPem, "token: canary-token");
        Assert.Equal("cluster-certificate", (await Assert.ThrowsAsync<ClusterRejectedException>(() => Probe.AskAsync(text, default))).Code);
        Assert.Empty(server.Heard);
    }

    [Fact]
    public async Task Certificate_ThatFits_GetsTheToken()
    {
        await using var server = new RecordingServer(n => n.AddIpAddress(IPAddress.Loopback));
        await Assert.ThrowsAnyAsync<ClusterException>(() => Probe.AskAsync(server.Kubeconfig(), default)); // it answers nothing
        Assert.NotEmpty(server.Heard);
    }

    [Fact]
    public async Task File_OfTheOperators_IsRefusedForWhatOneOfTheClientsWouldNotHonour()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Combine("kubeconfig");
        await File.WriteAllTextAsync(
            path,
            RecordingServer.Text(
                "https://127.0.0.1:1",
                "",
                "token: x, as: admin",
                ", proxy-url: 'http://p', insecure-skip-tls-verify: true"
            )
        );
        using var connections = new ClusterConnections(null!, TestTrust.Of(path));
        var problem = await Assert.ThrowsAsync<KubeconfigRefusedException>(() =>
            connections.OpenAsync(
                new Cluster
                {
                    Name = "c",
                    DisplayName = "c",
                    KubeconfigSource = "file:" + path,
                },
                default
            )
        );
        Assert.Equal(3, problem.Problems.Count);
    }

    [Fact]
    public void From_AFieldManagerConflict_NamesManagerAndField()
    {
        const string body =
            """{"kind":"Status","reason":"Conflict","message":"Apply failed with 1 conflict","details":{"causes":[{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\" using v1","field":".data.x"}]}}""";
        var problem = Assert.IsType<ClusterConflictException>(ClusterErrors.From("c", HttpStatusCode.Conflict, body));
        Assert.Equal(("kubectl", ".data.x"), (problem.Manager, problem.Field));
    }

    [Fact]
    public void From_A404ThatIsNoStatus_IsNotReadAsMissing() =>
        Assert.IsType<ClusterUnreachableException>(ClusterErrors.From("c", HttpStatusCode.NotFound, "<html>nginx</html>"));

    [Fact]
    public void From_AQuotaAndAPlainForbidden_AreToldApart()
    {
        Assert.IsType<ClusterQuotaExceededException>(
            ClusterErrors.From(
                "c",
                HttpStatusCode.Forbidden,
                """{"kind":"Status","message":"pods \"x\" is forbidden: exceeded quota: portal"}"""
            )
        );
        Assert.IsType<ClusterForbiddenException>(
            ClusterErrors.From("c", HttpStatusCode.Forbidden, """{"kind":"Status","message":"pods is forbidden"}""")
        );
    }

    private static ClusterProbe Probe => new(TestTrust.Of());

    private static async Task<KubeconfigRefusedException> RefusedAsync(string text)
    {
        var problem = await Assert.ThrowsAsync<KubeconfigRefusedException>(() => Probe.AskAsync(text, default));
        Assert.Equal(("kubeconfig-refused", false), (problem.Code, problem.IsTransient));
        return problem;
    }
}
