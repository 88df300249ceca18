using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Access;

/// <summary>
/// Who this sandbox is, kept between starts: port, token and certificate. TLS is needed even on loopback, because
/// clients that read a kubeconfig send a token only over https.
/// </summary>
internal sealed record Identity(int Port, string Token, string AuthorityPem, string CertificatePem, string KeyPem)
{
    private const string FileName = "sandbox-identity.json";

    public X509Certificate2 Certificate() => X509Certificate2.CreateFromPem(CertificatePem, KeyPem);

    public static Identity LoadOrCreate(string folder)
    {
        var path = Path.Combine(folder, FileName);
        if (File.Exists(path) && JsonSerializer.Deserialize<Identity>(File.ReadAllBytes(path)) is { Token.Length: > 0 } known)
        {
            using var certificate = known.Certificate();
            if (certificate.NotAfter.ToUniversalTime() > TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(30))
            {
                return known;
            }
        }

        var (authority, leaf, key) = NewCertificate();
        return new Identity(0, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24)), authority, leaf, key);
    }

    public Task SaveAsync(string folder) =>
        PrivateFile.WriteAsync(Path.Combine(folder, FileName), stream => JsonSerializer.Serialize(stream, this));

    /// <summary>The previous port if it is free, so that old kubeconfigs keep working; otherwise any.</summary>
    public int FreePort()
    {
        if (Port == 0)
        {
            return 0;
        }

        try
        {
            using var probe = new TcpListener(IPAddress.Loopback, Port);
            probe.Start();
            return Port;
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    public string Kubeconfig() =>
        $"""
            apiVersion: v1
            kind: Config
            current-context: sandbox
            clusters:
            - name: sandbox
              cluster:
                server: https://127.0.0.1:{Port}
                certificate-authority-data: {Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(AuthorityPem))}
            contexts:
            - name: sandbox
              context:
                cluster: sandbox
                user: sandbox-admin
                namespace: default
            users:
            - name: sandbox-admin
              user:
                token: {Token}

            """;

    private static (string Authority, string Leaf, string Key) NewCertificate()
    {
        var (from, until) = (TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(3650));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=portkey-portal-sandbox-ca", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        authorityRequest.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true)
        );
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, false));
        using var authority = authorityRequest.CreateSelfSigned(from, until);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=portkey-portal-sandbox", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(authority, from, until, RandomNumberGenerator.GetBytes(12));
        return (authority.ExportCertificatePem(), leaf.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
