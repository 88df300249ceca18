using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Helm;
using Portkey.Portal.Provisioning.Kubernetes;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>The engine's parts, put together on a sandbox of their own.</summary>
public sealed class EngineFixture : IAsyncLifetime
{
    public const string Release = "portkey-gateway";

    private readonly TemporaryFolder folder = new();
    private readonly ClusterConnections connections = new(new NoVault());
    private SandboxProcess? sandbox;

    public SandboxProcess Sandbox => sandbox!;

    public HelmRunner Helm { get; private set; } = null!;

    public ClusterConnection Connection { get; private set; } = null!;

    public ClusterWriter Writer { get; } = new();

    public string Chart => Path.Combine(Repository.Charts, "gateway");

    public string DataFolder => folder.Path;

    public async ValueTask InitializeAsync()
    {
        sandbox = await SandboxProcess.StartAsync();
        Helm = new HelmRunner(Options.Create(new ProvisioningOptions { DataDirectory = folder.Path, HelmPath = Tools.Helm }));
        Connection = await connections.OpenAsync(new Data.Cluster { Name = "sandbox", DisplayName = "Sandbox", KubeconfigSource = "file:" + sandbox.Kubeconfig }, CancellationToken.None);
    }

    /// <summary>A namespace of the environment's own, and its id.</summary>
    public async Task<(string Namespace, Guid Environment)> NamespaceAsync(string name)
    {
        var id = Guid.NewGuid();
        await Writer.EnsureNamespaceAsync(Connection, name, Labels(id), CancellationToken.None);
        return (name, id);
    }

    public static Dictionary<string, string> Labels(Guid environment) => new(StringComparer.Ordinal) { [ClusterLabels.Environment] = environment.ToString() };

    /// <summary>Values of the open-source gateway, small, with another image tag where given.</summary>
    public static string Values(string? tag = null) =>
        File.ReadAllText(Path.Combine(Repository.Charts, "gateway", "ci", "dev-oss-values.yaml")) + (tag is null ? "" : $"\nimages:\n  gatewayImage:\n    repository: docker.io/portkeyai/gateway\n    tag: \"{tag}\"\n");

    public Task InstallAsync(string ns, string values, CancellationToken cancellationToken = default) =>
        Helm.UpgradeInstallAsync(Connection, Chart, Release, ns, values, new HelmCallOptions(), _ => Task.CompletedTask, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        connections.Dispose();
        Helm?.Dispose();
        if (sandbox is not null)
        {
            await sandbox.DisposeAsync();
        }

        folder.Dispose();
    }

    private sealed class NoVault : ISecretVault
    {
        public Task<string> SetAsync(string name, SecretValue value, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DisableAsync(string name, string version, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
