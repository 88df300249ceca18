using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Shared;

/// <summary>Which API server.</summary>
public enum Target
{
    /// <summary>The one of tools/Sandbox.</summary>
    Sandbox,

    /// <summary>Kubernetes itself: the cluster of KUBECONFIG_FOR_TESTS, or the control plane that tools/control-plane builds.</summary>
    RealServer,
}

/// <summary>
/// A cluster with the portal's chart in it. The portal comes in through a proxy that can misbehave, as a service account with what that
/// chart allows; the test itself comes in directly, as an administrator.
/// </summary>
public sealed class TestCluster : IAsyncDisposable
{
    /// <summary>Namespace of the portal's service account.</summary>
    public const string PortalNamespace = "portkey-portal";

    private const string Account = "portkey-portal";

    private readonly TemporaryFolder folder = new();
    private readonly IAsyncDisposable? owned;
    private readonly string server;
    private readonly string authority;

    private TestCluster(Target target, string adminKubeconfig, string server, string authority, IAsyncDisposable? owned)
    {
        (Target, AdminKubeconfig, this.server, this.authority, this.owned) = (target, adminKubeconfig, server, authority, owned);
    }

    public Target Target { get; }

    /// <summary>Of a cluster administrator, directly to the API server.</summary>
    public string AdminKubeconfig { get; }

    /// <summary>Whether the API server for tests is one that was given, by KUBECONFIG_FOR_TESTS.</summary>
    public static bool IsGiven => Given is not null;

    /// <summary>Null for the sandbox and for a cluster that was given: only what the tests started themselves can be stopped and be read
    /// from inside.</summary>
    public ControlPlane? Plane => owned as ControlPlane;

    /// <summary>In front of the API server for whoever has <see cref="Kubeconfig"/>.</summary>
    public FaultProxy Proxy { get; private set; } = null!;

    /// <summary>Of the portal's service account, through <see cref="Proxy"/>.</summary>
    public string Kubeconfig { get; private set; } = "";

    /// <summary>The user name that RBAC and the audit log know the portal by.</summary>
    public static string PortalUser => $"system:serviceaccount:{PortalNamespace}:{Account}";

    public static async Task<TestCluster> StartAsync(Target target)
    {
        var cluster = await FindAsync(target);
        try
        {
            cluster.Proxy = await FaultProxy.StartAsync(new Uri(cluster.server), cluster.authority);
            await cluster.RunAsync(
                Tools.Helm,
                "upgrade",
                "--install",
                Account,
                Path.Combine(Repository.Charts, "portal"),
                "--namespace",
                PortalNamespace,
                "--create-namespace"
            );
            cluster.Kubeconfig = cluster.WriteKubeconfig("portal", cluster.Proxy, await cluster.TokenAsync(PortalNamespace, Account));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another proxy to the same API server, below a path where one is given, and a kubeconfig of the portal's account through it.
    /// The caller disposes the proxy.</summary>
    public async Task<(FaultProxy Proxy, string Kubeconfig)> AnotherWayAsync(string prefix = "")
    {
        var proxy = await FaultProxy.StartAsync(new Uri(server), authority);
        proxy.Prefix = prefix;
        return (proxy, WriteKubeconfig(Guid.NewGuid().ToString("N"), proxy, await TokenAsync(PortalNamespace, Account)));
    }

    /// <summary>A kubeconfig, through <see cref="Proxy"/>, of a new service account that nothing is allowed to.</summary>
    public async Task<string> StrangerAsync(string ns, string name)
    {
        await RunAsync(Tools.Kubectl, "create", "serviceaccount", name, "--namespace", ns);
        return WriteKubeconfig($"{ns}.{name}", Proxy, await TokenAsync(ns, name));
    }

    /// <summary>kubectl as administrator; answers with what it printed.</summary>
    public Task<string> KubectlAsync(params string[] arguments) => RunAsync(Tools.Kubectl, arguments);

    /// <summary>helm as administrator; answers with what it printed.</summary>
    public Task<string> HelmAsync(params string[] arguments) => RunAsync(Tools.Helm, arguments);

    /// <summary>kubectl as the portal's account.</summary>
    public Task<string> PortalKubectlAsync(params string[] arguments) => RunAsync(Tools.Kubectl, Kubeconfig, arguments);

    /// <summary>kubectl apply --server-side of a manifest, as administrator, under a manager's name.</summary>
    public async Task ApplyAsync(string yaml, string manager = "somebody")
    {
        var file = folder.Combine($"{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, yaml);
        await RunAsync(
            Tools.Kubectl,
            "apply",
            "--server-side",
            "--force-conflicts",
            "--validate=false",
            "--field-manager",
            manager,
            "-f",
            file
        );
    }

    public async ValueTask DisposeAsync()
    {
        if (Proxy is not null)
        {
            await Proxy.DisposeAsync();
        }

        if (owned is not null)
        {
            await owned.DisposeAsync();
        }

        folder.Dispose();
    }

    private static string? Given => Environment.GetEnvironmentVariable("KUBECONFIG_FOR_TESTS") is { Length: > 0 } path ? path : null;

    private static async Task<TestCluster> FindAsync(Target target)
    {
        if (target == Target.Sandbox)
        {
            var sandbox = await SandboxProcess.StartAsync();
            return await FromKubeconfigAsync(target, sandbox.Kubeconfig, sandbox);
        }

        if (Given is { } given)
        {
            return await FromKubeconfigAsync(target, given, owned: null);
        }

        var plane = await ControlPlane.StartAsync();
        return await FromKubeconfigAsync(target, plane.Kubeconfig, plane);
    }

    private static async Task<TestCluster> FromKubeconfigAsync(Target target, string kubeconfig, IAsyncDisposable? owned)
    {
        var view = JsonNode.Parse(
            await RunAsync(Tools.Kubectl, kubeconfig, ["config", "view", "--raw", "--minify", "--flatten", "-o", "json"])
        )!;
        var cluster = view["clusters"]![0]!["cluster"]!;
        var pem =
            cluster["certificate-authority-data"]?.GetValue<string>()
            ?? throw new InvalidOperationException($"{kubeconfig} names no certificate authority, which the tests' proxy needs.");
        return new TestCluster(
            target,
            kubeconfig,
            cluster["server"]!.GetValue<string>(),
            Encoding.UTF8.GetString(Convert.FromBase64String(pem)),
            owned
        );
    }

    private async Task<string> TokenAsync(string ns, string account) =>
        (await RunAsync(Tools.Kubectl, "create", "token", account, "--namespace", ns, "--duration", "8h")).Trim();

    // JSON is YAML.
    private string WriteKubeconfig(string name, FaultProxy proxy, string token)
    {
        var path = folder.Combine($"{name}.kubeconfig");
        File.WriteAllText(
            path,
            JsonSerializer.Serialize(
                new Dictionary<string, object>(StringComparer.Ordinal)
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Config",
                    ["clusters"] = new[]
                    {
                        new
                        {
                            name = "test",
                            cluster = new Dictionary<string, string>(StringComparer.Ordinal)
                            {
                                ["server"] = proxy.BaseUrl.GetLeftPart(UriPartial.Authority) + proxy.Prefix,
                                ["certificate-authority-data"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(proxy.CertificatePem)),
                            },
                        },
                    },
                    ["users"] = new[] { new { name, user = new { token } } },
                    ["contexts"] = new[] { new { name = "test", context = new { cluster = "test", user = name } } },
                    ["current-context"] = "test",
                }
            )
        );
        return path;
    }

    private Task<string> RunAsync(string program, params string[] arguments) => RunAsync(program, AdminKubeconfig, arguments);

    private static async Task<string> RunAsync(string program, string kubeconfig, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["KUBECONFIG"] = kubeconfig },
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        var said = await errors;
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Path.GetFileName(program)} {string.Join(' ', arguments)} ended with {process.ExitCode}: {said}"
                )
            );
    }
}
