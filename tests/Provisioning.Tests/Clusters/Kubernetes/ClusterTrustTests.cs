using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;

/// <summary>Somebody who can write the database, and nothing else.</summary>
public sealed class ClusterTrustTests
{
    private static readonly string Authority = Pem();

    [Fact]
    public async Task Open_OfAClusterAsItWasPinned_Works()
    {
        using var connections = Connections(out var cluster);
        Assert.Equal("https://real.example:6443", (await connections.OpenAsync(cluster, default)).ApiServer);
    }

    [Theory]
    [InlineData("vault:env-1-openai-key/1")]
    [InlineData("vault:kubeconfig-new/2")]
    [InlineData("file:/tmp/theirs")]
    [InlineData("file:/etc/../tmp/theirs")]
    [InlineData("https://theirs.example/kubeconfig")]
    [InlineData("")]
    public async Task Open_WithAnotherSourceInTheRow_IsRefused_OpenBeforeOrNot(string source)
    {
        using var connections = Connections(out var cluster);
        await ChangedAsync(connections, cluster, c => c.KubeconfigSource = source);
        await connections.OpenAsync(cluster, default);
        await ChangedAsync(connections, cluster, c => c.KubeconfigSource = source);
    }

    [Fact]
    public async Task Open_WithOtherPinsInTheRow_OrNone_IsRefused()
    {
        using var connections = Connections(out var cluster);
        await ChangedAsync(connections, cluster, c => c.PinnedServer = "https://theirs.example");
        await ChangedAsync(connections, cluster, c => c.PinnedAuthority = "");
        await ChangedAsync(connections, cluster, c => c.PinnedUid = "");
        await ChangedAsync(connections, cluster, c => c.PinSeal = "");
        await ChangedAsync(connections, cluster, c => (c.PinnedServer, c.PinnedAuthority, c.PinnedUid, c.PinSeal) = ("", "", "", ""));
        await ChangedAsync(
            connections,
            cluster,
            c =>
                (c.PinnedServer, c.PinnedAuthority, c.PinnedUid, c.PinSeal, c.KubeconfigSource) = (
                    "",
                    "",
                    "",
                    "",
                    "vault:env-1-openai-key/1"
                )
        );
    }

    [Fact]
    public async Task Open_WhereTheVaultHoldsAnotherServerUnderTheVersion_IsRefused()
    {
        using var connections = Connections(out var cluster, server: "https://theirs.example");
        Assert.Equal(
            ClusterTrust.Changed,
            (await Assert.ThrowsAsync<ClusterRejectedException>(() => connections.OpenAsync(cluster, default))).Code
        );
    }

    [Fact]
    public async Task Open_OfTheOperatorsFile_TakesThePathOfTheConfigurationAlone()
    {
        using var folder = new TemporaryFolder();
        var (mine, theirs) = (folder.Combine("mine"), folder.Combine("theirs"));
        foreach (var path in new[] { mine, theirs })
        {
            await File.WriteAllTextAsync(path, Text("https://real.example:6443"));
        }

        using var connections = new ClusterConnections(new OneKubeconfig(""), TestTrust.Of(mine));
        var cluster = new Cluster
        {
            Name = "c",
            DisplayName = "c",
            KubeconfigSource = "file:" + mine,
        };
        await connections.OpenAsync(cluster, default);
        await ChangedAsync(connections, cluster, c => c.KubeconfigSource = "file:" + theirs);
    }

    private static async Task ChangedAsync(ClusterConnections connections, Cluster cluster, Action<Cluster> change)
    {
        var row = Copy(cluster);
        change(row);
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() => connections.OpenAsync(row, default));
        Assert.Equal((ClusterTrust.Changed, false), (problem.Code, problem.IsTransient));
    }

    private static Cluster Copy(Cluster c) =>
        new()
        {
            Id = c.Id,
            Name = c.Name,
            DisplayName = c.DisplayName,
            KubeconfigSource = c.KubeconfigSource,
            PinnedServer = c.PinnedServer,
            PinnedAuthority = c.PinnedAuthority,
            PinnedUid = c.PinnedUid,
            PinSeal = c.PinSeal,
        };

    private static ClusterConnections Connections(out Cluster cluster, string server = "https://real.example:6443")
    {
        var trust = TestTrust.Of();
        using var pinned = new ClusterConnection("c", Kubeconfig.Untrusted("c", Text("https://real.example:6443"), tlsMayBeOff: false));
        cluster = new Cluster
        {
            Name = "c",
            DisplayName = "c",
            KubeconfigSource = "vault:kubeconfig-new/1",
        };
        trust.Pin(cluster, pinned.Pins with { Uid = "11111111-0000-0000-0000-000000000000" });
        return new ClusterConnections(new OneKubeconfig(Text(server)), trust);
    }

    private static string Text(string server) => RecordingServer.Text(server, Authority, "token: x");

    private static string Pem()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        using var made = new System.Security.Cryptography.X509Certificates.CertificateRequest(
            "CN=ca",
            key,
            System.Security.Cryptography.HashAlgorithmName.SHA256
        ).CreateSelfSigned(TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
        return made.ExportCertificatePem();
    }

    private sealed class OneKubeconfig(string text) : ISecretVault
    {
        public string NameFor(string team, string name) => name;

        public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken) =>
            Task.FromResult(new SecretValue(text));

        public Task DisableAsync(string name, string version, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
