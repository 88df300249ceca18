using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Rules for the company's own certificates. Only certificates get through: the rest of the text is not passed on.
/// Pure.</summary>
internal static partial class TrustRules
{
    /// <summary>Key of the ConfigMap where none is named.</summary>
    public const string DefaultKey = "ca.crt";

    private const int MostCertificates = 300;

    public static void Judge(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        if (candidate.Spec.CaBundle is not { } bundle)
        {
            return;
        }

        if (bundle.ConfigMap is null == bundle.Pem is null)
        {
            problems.Add(
                new(
                    "spec.caBundle",
                    bundle.Pem is null
                        ? "Give configMap, the name of a ConfigMap in the namespace, or pem, the text of the certificates; or leave caBundle out."
                        : "Give either configMap or pem, not both."
                )
            );
        }

        if (bundle.ConfigMap is { } name && (name.Length > 253 || !name.Split('.').All(SettingPatterns.IsDnsLabel)))
        {
            problems.Add(new("spec.caBundle.configMap", "Use the name of a ConfigMap: lower-case letters, digits, hyphens and dots."));
        }

        if (bundle.Key is { } key && (key is "." or ".." || !KeyName().IsMatch(key)))
        {
            problems.Add(
                new("spec.caBundle.key", "Use a key of a ConfigMap: letters, digits, dots, hyphens and underscores, such as ca.crt.")
            );
        }

        if (bundle is { Key: not null, ConfigMap: null })
        {
            problems.Add(new("spec.caBundle.key", "It names a key of an existing ConfigMap. Leave it out with pem."));
        }

        if (bundle.Pem is { } pem)
        {
            Pem(pem, candidate.Now, problems, findings);
        }
        else if (bundle.ConfigMap is { } existing)
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    "spec.caBundle",
                    $"The gateway trusts whatever ConfigMap {existing} in its namespace holds, even if it changes later. With pem, what is approved is what is trusted."
                )
            );
        }
    }

    /// <summary>The certificates of a text and nothing else, PEM, in their order; empty where it holds none.</summary>
    public static string Certificates(string pem) =>
        string.Concat(
            Blocks(pem).Where(b => b.Label == "CERTIFICATE").Select(b => $"{PemEncoding.WriteString("CERTIFICATE", b.Content)}\n")
        );

    private static void Pem(string pem, DateTimeOffset? now, List<FieldProblem> problems, List<FindingView> findings)
    {
        const string Field = "spec.caBundle.pem";
        if (pem.Length > SpecValidator.MaxPemLength)
        {
            problems.Add(
                new(
                    Field,
                    $"The text has {pem.Length} characters; at most {SpecValidator.MaxPemLength} are allowed. Give the authorities that the gateway needs."
                )
            );
            return;
        }

        // Checked first and for any kind of key: the message never holds any of it.
        if (pem.Contains("PRIVATE KEY", StringComparison.OrdinalIgnoreCase))
        {
            problems.Add(new(Field, "The text holds a private key. Give certificates only, and replace that key: it has been exposed."));
            return;
        }

        var blocks = Blocks(pem);
        if (blocks.Count == 0)
        {
            problems.Add(new(Field, "There is no certificate in it. Paste text that begins with -----BEGIN CERTIFICATE-----."));
            return;
        }

        if (blocks.Count > MostCertificates || Occurrences(pem) != blocks.Count)
        {
            problems.Add(
                new(
                    Field,
                    blocks.Count > MostCertificates
                        ? $"There are {blocks.Count} certificates; at most {MostCertificates} are allowed."
                        : "One of the certificates is cut off or damaged. Paste them whole."
                )
            );
            return;
        }

        for (var i = 0; i < blocks.Count; i++)
        {
            One(Field, i + 1, blocks[i], now, problems, findings);
        }

        if (problems.TrueForAll(p => p.Field != Field))
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "validation",
                    Field,
                    $"The gateway trusts {(blocks.Count == 1 ? "one more authority" : $"{blocks.Count} more authorities")}: {string.Join(", ", blocks.Take(5).Select(Subject))}{(blocks.Count > 5 ? " and more" : "")}. Anyone who holds their keys can read what the gateway sends."
                )
            );
        }
    }

    private static void One(
        string field,
        int number,
        Block block,
        DateTimeOffset? now,
        List<FieldProblem> problems,
        List<FindingView> findings
    )
    {
        if (block.Label != "CERTIFICATE")
        {
            problems.Add(new(field, $"Block {number} is not a certificate. Give certificates only."));
            return;
        }

        try
        {
            using var certificate = X509CertificateLoader.LoadCertificate(block.Content);
            if (certificate.NotAfter.ToUniversalTime() <= now?.UtcDateTime)
            {
                findings.Add(
                    new(
                        Severity.Warning,
                        "validation",
                        field,
                        $"{certificate.Subject} expired on {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd}. Nothing that it signed is trusted any more."
                    )
                );
            }

            if (certificate.Extensions.OfType<X509BasicConstraintsExtension>().All(e => !e.CertificateAuthority))
            {
                findings.Add(
                    new(
                        Severity.Info,
                        "validation",
                        field,
                        $"{certificate.Subject} is not an authority: it makes the gateway trust only that one server."
                    )
                );
            }
        }
        catch (CryptographicException)
        {
            problems.Add(new(field, $"Block {number} is not an X.509 certificate. Paste it again from its file."));
        }
    }

    private static string Subject(Block block)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(block.Content);
        return certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } name
            ? new string([.. name.Where(c => !char.IsControl(c)).Take(80)])
            : Convert.ToHexStringLower(SHA256.HashData(block.Content))[..12];
    }

    private static int Occurrences(string pem) => BeginLine().Count(pem);

    private static List<Block> Blocks(string pem)
    {
        var blocks = new List<Block>();
        var rest = pem.AsSpan();
        while (PemEncoding.TryFind(rest, out var found))
        {
            blocks.Add(new(rest[found.Label].ToString(), Convert.FromBase64String(rest[found.Base64Data].ToString())));
            rest = rest[found.Location.End..];
        }

        return blocks;
    }

    private sealed record Block(string Label, byte[] Content);

    [GeneratedRegex(@"\A[-._a-zA-Z0-9]{1,253}\z")]
    private static partial Regex KeyName();

    [GeneratedRegex("-----BEGIN ", RegexOptions.ExplicitCapture)]
    private static partial Regex BeginLine();
}
