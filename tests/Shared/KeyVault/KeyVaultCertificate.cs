using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Portkey.Portal.Shared;

/// <summary>A certificate made in memory, which is its own authority.</summary>
internal static class KeyVaultCertificate
{
    public static X509Certificate2 Make(params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=portkey-portal-tests", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        Array.ForEach(names, alternatives.AddDnsName);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true)
        );
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-3), now.AddDays(1));
    }
}
