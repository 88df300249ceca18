using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Portkey.Portal.Shared;

/// <summary>
/// A real Kubernetes API server: etcd, kube-apiserver and kube-controller-manager, with the sandbox's kubelet in place of nodes.
/// RBAC and the audit log are on. All of it ends with the test process.
/// </summary>
public sealed class ControlPlane : IAsyncDisposable
{
    // Passes SIGTERM on, and kills the program once this process no longer holds the shell's standard input, however it ended.
    private const string Keeper =
        """exec 3<&0; "$@" </dev/null & child=$!; trap 'kill -TERM $child' TERM; { cat >/dev/null; kill -KILL $child; } <&3 & watch=$!; wait $child; wait $child; code=$?; kill $watch 2>/dev/null; exit $code""";

    private readonly TemporaryFolder folder = new();
    private readonly List<LoggedProcess> processes = [];
    private readonly int etcdPort = FreePort.Next();
    private readonly int port = FreePort.Next();
    private LoggedProcess? server;

    /// <summary>kubeconfig of a cluster administrator.</summary>
    public string Kubeconfig => folder.Combine("admin.kubeconfig");

    /// <summary>One JSON object a line for each request, at level Metadata.</summary>
    public string AuditLog => folder.Combine("audit.log");

    public Uri BaseUrl => new($"https://127.0.0.1:{port}");

    public static async Task<ControlPlane> StartAsync()
    {
        var plane = new ControlPlane();
        try
        {
            await plane.StartAllAsync();
            return plane;
        }
        catch
        {
            await plane.DisposeAsync();
            throw;
        }
    }

    /// <summary>A kubeconfig for somebody whom the API server knows by this token; rights come from RBAC alone.</summary>
    public string KubeconfigFor(string token)
    {
        var path = folder.Combine(token + ".kubeconfig");
        File.WriteAllText(
            path,
            $$$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: test, cluster: {server: "{{{BaseUrl}}}", certificate-authority: "{{{Path.Combine(
                folder.Path,
                "pki",
                "apiserver.crt"
            )}}}"}}]
            users: [{name: test, user: {token: "{{{token}}}"}}]
            contexts: [{name: test, context: {cluster: test, user: test}}]
            current-context: test
            """
        );
        return path;
    }

    /// <summary>SIGKILL to the API server; etcd and everything in it stays.</summary>
    public async Task KillServerAsync()
    {
        if (server is not null)
        {
            server.CloseInput(); // the shell around it kills it then
            await server.WaitAsync();
            server.Dispose();
            server = null;
        }
    }

    public async Task StartServerAsync()
    {
        server = Run(
            Tools.KubeApiServer,
            $"--etcd-servers=http://127.0.0.1:{etcdPort}",
            $"--secure-port={port}",
            "--bind-address=127.0.0.1",
            $"--cert-dir={folder.Combine("pki")}",
            $"--service-account-key-file={folder.Combine("sa.pub")}",
            $"--service-account-signing-key-file={folder.Combine("sa.key")}",
            "--service-account-issuer=https://kubernetes.default.svc",
            $"--token-auth-file={folder.Combine("tokens.csv")}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.96.0.0/16",
            $"--audit-log-path={AuditLog}",
            $"--audit-policy-file={folder.Combine("audit.yaml")}",
            "--audit-log-mode=blocking",
            "--shutdown-delay-duration=0s"
        );
        using var client = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
        await server.WaitForAsync(
            "the API server is ready",
            async () =>
            {
                try
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(BaseUrl, "/readyz"));
                    request.Headers.Authorization = new("Bearer", "admin");
                    return (await client.SendAsync(request)).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            }
        );
    }

    public async ValueTask DisposeAsync()
    {
        processes.Reverse();
        foreach (var process in processes)
        {
            process.Dispose();
        }

        server?.Dispose();
        await Task.Yield();
        folder.Dispose();
    }

    private async Task StartAllAsync()
    {
        Directory.CreateDirectory(folder.Combine("pki"));
        using (var key = RSA.Create(2048))
        {
            await File.WriteAllTextAsync(folder.Combine("sa.key"), key.ExportRSAPrivateKeyPem());
            await File.WriteAllTextAsync(folder.Combine("sa.pub"), key.ExportSubjectPublicKeyInfoPem());
        }

        await File.WriteAllTextAsync(folder.Combine("tokens.csv"), "admin,admin,1,\"system:masters\"\nportal,portal,2\n");
        await File.WriteAllTextAsync(
            folder.Combine("audit.yaml"),
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n"
        );
        var peer = FreePort.Next();
        processes.Add(
            Run(
                Tools.Etcd,
                "--data-dir",
                folder.Combine("etcd"),
                "--listen-client-urls",
                $"http://127.0.0.1:{etcdPort}",
                "--advertise-client-urls",
                $"http://127.0.0.1:{etcdPort}",
                "--listen-peer-urls",
                $"http://127.0.0.1:{peer}",
                "--initial-advertise-peer-urls",
                $"http://127.0.0.1:{peer}",
                "--initial-cluster",
                $"default=http://127.0.0.1:{peer}"
            )
        );
        await StartServerAsync();
        KubeconfigFor("admin");
        processes.Add(
            Run(
                Tools.KubeControllerManager,
                $"--kubeconfig={Kubeconfig}",
                $"--service-account-private-key-file={folder.Combine("sa.key")}",
                "--controllers=*,-nodelifecycle,-nodeipam",
                "--leader-elect=false",
                $"--secure-port={FreePort.Next()}",
                "--port=0",
                $"--cert-dir={folder.Combine("pki-manager")}",
                "--concurrent-deployment-syncs=5"
            )
        );
        var node = Run(
            "dotnet",
            Repository.BuiltDll("tools/Sandbox", "Portkey.Portal.Sandbox"),
            "node",
            "--data",
            folder.Combine("node"),
            "--kubeconfig",
            Kubeconfig,
            "--gateway",
            Tools.Gateway,
            "--parent-pid",
            Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
        );
        processes.Add(node);
        await node.WaitForAsync("the node is ready", () => Task.FromResult(node.Output.Contains("Node ready", StringComparison.Ordinal)));
    }

    private static LoggedProcess Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo("sh");
        foreach (var argument in (string[])["-c", Keeper, "sh", program, .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        return new LoggedProcess(start);
    }
}
