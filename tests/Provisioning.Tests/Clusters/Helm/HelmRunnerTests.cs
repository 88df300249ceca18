using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Helm;

/// <summary>With the real Helm; what needs a cluster is tested in Cluster.Tests.</summary>
public sealed class HelmRunnerTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public async Task Version_OfWhatIsNoHelm_NamesTheCure()
    {
        using var missing = Runner("/nowhere/helm");
        Assert.Equal(HelmFailure.ToolMissing, (await Assert.ThrowsAsync<HelmException>(() => missing.VersionAsync(default))).Failure);
        using var other = Runner("/bin/true");
        var problem = await Assert.ThrowsAsync<HelmException>(() => other.VersionAsync(default));
        Assert.Equal(HelmFailure.ToolVersion, problem.Failure);
        Assert.Contains("4.x", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Template_OfTheSameInput_GivesTheSameText()
    {
        using var helm = Runner();
        var values = await File.ReadAllTextAsync(Path.Combine(Repository.Charts, "gateway", "ci", "dev-oss-values.yaml"));
        var clock = new HelmClock();
        var first = await helm.TemplateAsync(Path.Combine(Repository.Charts, "gateway"), "portkey-gateway", "ns", values, default, clock);
        Assert.Equal(
            first,
            await helm.TemplateAsync(Path.Combine(Repository.Charts, "gateway"), "portkey-gateway", "ns", values, default, clock)
        );
        Assert.Contains("kind: Deployment", first, StringComparison.Ordinal);
        Assert.True(clock.Elapsed > TimeSpan.Zero);
    }

    [Theory]
    [InlineData("replicaCount: many")]
    [InlineData("noSuchValue: 1")]
    [InlineData("a: [")]
    [InlineData("- a")]
    public async Task Template_OfValuesThatDoNotFit_SaysSo(string values)
    {
        using var helm = Runner();
        var problem = await Assert.ThrowsAsync<HelmException>(() =>
            helm.TemplateAsync(Path.Combine(Repository.Charts, "gateway"), "portkey-gateway", "ns", values, default)
        );
        Assert.Equal((HelmFailure.InvalidValues, false), (problem.Failure, problem.IsTransient));
    }

    [Theory]
    [InlineData("--help", "ns")]
    [InlineData("gateway", "../x")]
    [InlineData("UPPER", "ns")]
    public async Task Template_OfNamesThatAreNone_NeverStartsHelm(string release, string ns)
    {
        using var helm = Runner("/nowhere/helm");
        Assert.Equal(
            HelmFailure.InvalidValues,
            (await Assert.ThrowsAsync<HelmException>(() => helm.TemplateAsync(Repository.Charts, release, ns, "", default))).Failure
        );
    }

    [Fact]
    public async Task Status_OfAClusterThatDoesNotAnswer_IsUnreachableAndNotNull()
    {
        using var helm = Runner();
        var path = folder.Combine("kubeconfig");
        await File.WriteAllTextAsync(
            path,
            "{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}], clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}], users: [{name: u, user: {token: canary-token}}]}"
        );
        using var connections = new ClusterConnections(new NoVault(), TestTrust.Of(path));
        var connection = await connections.OpenAsync(
            new Cluster
            {
                Name = "c",
                DisplayName = "c",
                KubeconfigSource = "file:" + path,
            },
            default
        );
        var problem = await Assert.ThrowsAsync<HelmException>(() => helm.StatusAsync(connection, "gateway", "ns", default));
        Assert.Equal((HelmFailure.Unreachable, true), (problem.Failure, problem.IsTransient));
        Assert.DoesNotContain("canary-token", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Template_WhenCancelled_Stops()
    {
        using var helm = Runner();
        await helm.VersionAsync(default);
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(5));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            helm.TemplateAsync(Path.Combine(Repository.Charts, "gateway"), "g", "ns", "", cancelled.Token)
        );
    }

    public void Dispose() => folder.Dispose();

    private HelmRunner Runner(string? path = null) =>
        new(Options.Create(new ProvisioningOptions { DataDirectory = folder.Path, HelmPath = path ?? Tools.Helm }));

    private sealed class NoVault : ISecretVault
    {
        public string NameFor(string team, string name) => name;

        public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task DisableAsync(string name, string version, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
