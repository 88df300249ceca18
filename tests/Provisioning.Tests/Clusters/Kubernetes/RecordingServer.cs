using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;

/// <summary>A TLS server with a certificate of any name, which keeps what it is told and answers nothing.</summary>
internal sealed class RecordingServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly StringBuilder heard = new();
    private readonly X509Certificate2 certificate;
    private readonly Task serving;
    private int connections;

    public RecordingServer(Action<SubjectAlternativeNameBuilder> names)
    {
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=tests-ca", authorityKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var (from, until) = (TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
        using var authority = request.CreateSelfSigned(from, until);
        AuthorityPem = authority.ExportCertificatePem();

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var leaf = new CertificateRequest("CN=tests", key, HashAlgorithmName.SHA256);
        var builder = new SubjectAlternativeNameBuilder();
        names(builder);
        leaf.CertificateExtensions.Add(builder.Build());
        using var signed = leaf.Create(authority, from, until, RandomNumberGenerator.GetBytes(8));
        using var whole = signed.CopyWithPrivateKey(key);
        certificate = X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
        listener.Start();
        serving = ServeAsync();
    }

    public string AuthorityPem { get; }

    public string Address => $"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";

    /// <summary>How often somebody connected.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>All that was said inside TLS.</summary>
    public string Heard
    {
        get
        {
            lock (heard)
            {
                return heard.ToString();
            }
        }
    }

    /// <summary>A kubeconfig that leads here, with more fields where given.</summary>
    public string Kubeconfig(string user = "token: canary-token", string cluster = "") => Text(Address, AuthorityPem, user, cluster);

    public static string Text(string server, string authorityPem, string user, string cluster = "") =>
        $$$"""
            apiVersion: v1
            kind: Config
            current-context: c
            contexts: [{name: c, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: "{{{server}}}"{{{(
                authorityPem.Length > 0
                    ? $", certificate-authority-data: {Convert.ToBase64String(Encoding.ASCII.GetBytes(authorityPem))}"
                    : ""
            )}}}{{{cluster}}}}}]
            users: [{name: u, user: { {{{user}}} }}]
            """;

    public async ValueTask DisposeAsync()
    {
        // Stopped only when nobody waits for the next connection any more: a stopped listener cannot be asked for one.
        await stop.CancelAsync();
        await serving;
        listener.Stop();
        certificate.Dispose();
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                Interlocked.Increment(ref connections);
                await ListenAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The test is over.
        }
    }

    private async Task ListenAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            await using var tls = new SslStream(client.GetStream());
            await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate }, stop.Token);
            var buffer = new byte[4096];
            if (await tls.ReadAsync(buffer, stop.Token) is > 0 and var read)
            {
                lock (heard)
                {
                    heard.Append(Encoding.Latin1.GetString(buffer, 0, read));
                }
            }
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // The client would not talk to this certificate.
        }
    }
}
