using System.Globalization;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine;

/// <summary>The engine's parts, put together on one target, as the portal's own service account.</summary>
public abstract class EngineFixture(Target target) : IAsyncLifetime
{
    public const string Release = "portkey-gateway";

    private readonly string run = Guid.NewGuid().ToString("N")[..5];
    private readonly TemporaryFolder folder = new();
    private readonly ProvisioningOptions options = new() { HelmPath = Tools.Helm };
    private readonly List<string> namespaces = [];
    private ClusterConnections? connections;
    private TestCluster? cluster;

    public TestCluster Cluster => cluster!;

    public FaultProxy Proxy => Cluster.Proxy;

    public HelmRunner Helm { get; private set; } = null!;

    public ClusterConnection Connection { get; private set; } = null!;

    public ClusterWriter Writer { get; } = new();

    public RolloutWatcher Watcher { get; } = new(new PodDiagnostics());

    public HealthInspector Inspector { get; } = new(TimeProvider.System);

    public string Chart => Path.Combine(Repository.Charts, "gateway");

    public async ValueTask InitializeAsync()
    {
        cluster = await TestCluster.StartAsync(target);
        options.DataDirectory = folder.Path;
        Helm = new HelmRunner(Options.Create(options));
        connections = new ClusterConnections(new NoVault(), new ClusterTrust(AuditKey.Of(new byte[32]), Options.Create(options)));
        Connection = await ConnectAsync("test", cluster.Kubeconfig);
    }

    /// <summary>Opens a kubeconfig as the operator's file, for a cluster of which a UID is pinned where given.</summary>
    public Task<ClusterConnection> ConnectAsync(string name, string kubeconfig, string uid = "")
    {
        options.SandboxKubeconfig = kubeconfig;
        return connections!.OpenAsync(
            new Data.Cluster
            {
                Name = name,
                DisplayName = name,
                KubeconfigSource = "file:" + kubeconfig,
                PinnedUid = uid,
            },
            CancellationToken.None
        );
    }

    /// <summary>A namespace of an environment's own, and the environment's id. The name is made unique: a given cluster may have been used
    /// before.</summary>
    public async Task<(string Namespace, Guid Environment)> NamespaceAsync(string name)
    {
        var id = Guid.NewGuid();
        var ns = $"{name}-{run}";
        namespaces.Add(ns);
        await Writer.EnsureNamespaceAsync(Connection, ns, Labels(id), CancellationToken.None);
        return (ns, id);
    }

    public static Dictionary<string, string> Labels(Guid environment) =>
        new(StringComparer.Ordinal) { [ClusterLabels.Environment] = environment.ToString() };

    /// <summary>Values of the open-source gateway, small, with another image tag where given.</summary>
    public static string Values(string? tag = null) =>
        File.ReadAllText(Path.Combine(Repository.Charts, "gateway", "ci", "dev-oss-values.yaml"))
        + (tag is null ? "" : $"\nimages:\n  gatewayImage:\n    repository: docker.io/portkeyai/gateway\n    tag: \"{tag}\"\n");

    public Task InstallAsync(string ns, string values, CancellationToken cancellationToken = default) =>
        InstallAsync(Connection, ns, values, cancellationToken);

    public async Task InstallAsync(ClusterConnection connection, string ns, string values, CancellationToken cancellationToken = default) =>
        await ApplyAsync(connection, ns, await RenderAsync(Chart, ns, values), values, cancellationToken);

    /// <summary>What an approval would show of a chart.</summary>
    public async Task<string> RenderAsync(string chart, string ns, string values) =>
        await Helm.TemplateAsync(
            chart,
            Release,
            ns,
            values,
            CancellationToken.None,
            kubernetesVersion: (await Connection.Client.Version.GetCodeAsync()).GitVersion
        );

    /// <summary>Applies a text as the portal does, under the name of the gateway's chart.</summary>
    public Task ApplyAsync(
        ClusterConnection connection,
        string ns,
        string manifest,
        string values = "",
        CancellationToken cancellationToken = default
    ) =>
        Helm.UpgradeInstallAsync(
            connection,
            new ApprovedChart("gateway", "1.7.7", "2.13.0", manifest),
            Release,
            ns,
            values,
            new HelmCallOptions(),
            _ => Task.CompletedTask,
            cancellationToken
        );

    /// <summary>helm itself, as administrator.</summary>
    public Task<string> HelmAsync(params string[] arguments) => Cluster.HelmAsync(arguments);

    /// <summary>Installs and waits until its pods are ready.</summary>
    public async Task ServingAsync(string ns, string? values = null)
    {
        await InstallAsync(ns, values ?? Values());
        var result = await WaitAsync(ns);
        Assert.True(
            result.Succeeded,
            $"{result.Code} {result.Message} {string.Join('\n', result.Events)} {string.Join('\n', result.LogTail)}"
        );
    }

    public Task<RolloutResult> WaitAsync(string ns, List<string>? lines = null) =>
        Watcher.WaitAsync(
            Connection,
            ns,
            Release,
            l =>
            {
                lines?.Add(l);
                return Task.CompletedTask;
            },
            TimeSpan.FromSeconds(120),
            CancellationToken.None
        );

    public async Task<string?> StateAsync(string ns) => (await Helm.StatusAsync(Connection, Release, ns, CancellationToken.None))?.State;

    public async Task<bool> HasHelmSecretAsync(string ns, string status = "") =>
        (
            await Connection.Client.CoreV1.ListNamespacedSecretAsync(
                ns,
                labelSelector: $"owner=helm{(status.Length > 0 ? ",status=" + status : "")}"
            )
        )
            .Items
            .Count > 0;

    /// <summary>The verdict, asked as the health sweep does.</summary>
    public async Task<(HealthStatus Status, string Reason)> JudgeAsync(Guid environment, string ns)
    {
        var seen =
            (await Inspector.ObserveClusterAsync(Connection, CancellationToken.None)).GetValueOrDefault(environment)
            ?? EnvironmentObservation.Missing(ns, DateTime.UtcNow);
        var probe = seen.GatewayService is { } service
            ? await new GatewayProbe().ProbeAsync(
                Connection,
                ns,
                service.Name,
                service.Ports[0].Port,
                GatewayProbe.PathOf(Edition.Oss),
                CancellationToken.None
            )
            : null;
        return HealthVerdict.Judge(seen, probe);
    }

    /// <summary>kill -9 on the process that the runner noted, as an operator or the kernel would.</summary>
    public void KillHelm(string ns)
    {
        var mark = Path.Combine(folder.Path, "helm", "run", $"test.{ns}.{Release}.pid");
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(
                int.Parse(File.ReadAllText(mark).Split(' ')[0], CultureInfo.InvariantCulture)
            );
            process.Kill();
        }
        catch (Exception e) when (e is FileNotFoundException or ArgumentException or InvalidOperationException)
        {
            // It has come to its end: its mark is gone, or it is.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is { Plane: null, Target: Target.RealServer })
        {
            await cluster.KubectlAsync(["delete", "namespace", "--wait=false", "--ignore-not-found", .. namespaces]);
        }

        connections?.Dispose();
        Helm?.Dispose();
        if (cluster is not null)
        {
            await cluster.DisposeAsync();
        }

        folder.Dispose();
        GC.SuppressFinalize(this);
    }

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

    /// <summary>Gives the portal's service account rules of its own chart that are off by default, beside those that it has in every
    /// cluster.</summary>
    /// <param name="name">Short name for them.</param>
    /// <param name="values">Values of infra/charts/portal that turn them on.</param>
    /// <param name="from">Comment in the chart with which they begin; they go on to the end of the role.</param>
    public async Task GiveRightsAsync(string name, string values, string from)
    {
        var rendered = await Helm.TemplateAsync(
            Path.Combine(Repository.Charts, "portal"),
            "portkey-portal",
            TestCluster.PortalNamespace,
            values,
            default
        );
        var at = rendered.IndexOf(from, StringComparison.Ordinal);
        var rules = rendered[at..rendered.IndexOf("\n---", at, StringComparison.Ordinal)];
        await Cluster.ApplyAsync(
            $"""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata:
              name: {name}-for-tests
            rules:
            {rules}
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata:
              name: {name}-for-tests
            roleRef:
              apiGroup: rbac.authorization.k8s.io
              kind: ClusterRole
              name: {name}-for-tests
            subjects:
              - kind: ServiceAccount
                name: portkey-portal
                namespace: {TestCluster.PortalNamespace}
            """
        );
    }
}
