using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Portkey.Portal.Shared;

/// <summary>Just enough of an API server to be registered: a version, namespaces, an identity. It counts who asked.</summary>
public sealed class TinyCluster : IAsyncDisposable
{
    private readonly X509Certificate2 certificate = Certificate();
    private readonly WebApplication app;
    private int asked;

    private TinyCluster()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate)));
        app = builder.Build();
        app.Run(AnswerAsync);
    }

    /// <summary>UID of its namespace kube-system.</summary>
    public string Uid { get; set; } = Guid.NewGuid().ToString();

    public string Address { get; private set; } = "";

    /// <summary>Requests so far.</summary>
    public int Asked => Volatile.Read(ref asked);

    /// <summary>SHA-256 over its certificate authority.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));

    public static async Task<TinyCluster> StartAsync()
    {
        var cluster = new TinyCluster();
        await cluster.app.StartAsync();
        cluster.Address = cluster.app.Urls.First();
        return cluster;
    }

    /// <summary>A kubeconfig that leads here, with more fields of user and cluster where given.</summary>
    public string Kubeconfig(string user = "token: canary-token", string cluster = "") =>
        $$$"""
            apiVersion: v1
            kind: Config
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "{{{Address}}}", certificate-authority-data: {{{Convert.ToBase64String(
                Encoding.ASCII.GetBytes(certificate.ExportCertificatePem())
            )}}}{{{cluster}}}}}]
            users: [{name: u, user: { {{{user}}} }}]
            """;

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        certificate.Dispose();
    }

    private Task AnswerAsync(HttpContext http)
    {
        Interlocked.Increment(ref asked);
        http.Response.StatusCode = http.Request.Headers.Authorization == "Bearer canary-token" ? 200 : 401;
        return http.Response.WriteAsJsonAsync<object>(
            http.Request.Path.Value switch
            {
                "/version" => new { gitVersion = "v1.35.0" },
                "/api/v1/namespaces/kube-system" => new { kind = "Namespace", metadata = new { name = "kube-system", uid = Uid } },
                _ => new { kind = "List", items = Array.Empty<object>() },
            }
        );
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=tiny-cluster", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true)
        );
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-3), now.AddDays(1));
    }
}
