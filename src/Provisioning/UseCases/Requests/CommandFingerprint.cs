using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>
/// Tells whether a request under an idempotency key is a repeat, secret values included. What is stored is a digest encrypted by the
/// portal's key ring: someone with only the database cannot test guesses of a value against it.
/// </summary>
public sealed class CommandFingerprint(IDataProtectionProvider protection)
{
    private readonly IDataProtector protector = protection.CreateProtector("Portkey.Portal.Idempotency");

    /// <summary>What is kept of a command.</summary>
    public string Seal(ProposeCommand command) => Convert.ToBase64String(protector.Protect(DigestOf(command)));

    /// <summary>Whether this is the command that was kept. What cannot be read any more is not known to be the same.</summary>
    public bool IsSame(string kept, ProposeCommand command)
    {
        try
        {
            return CryptographicOperations.FixedTimeEquals(protector.Unprotect(Convert.FromBase64String(kept)), DigestOf(command));
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return false;
        }
    }

    private static byte[] DigestOf(ProposeCommand c) =>
        SHA256.HashData(
            Encoding.UTF8.GetBytes(
                CanonicalJson.Write(
                    new
                    {
                        c.Kind,
                        c.Team,
                        c.Name,
                        c.Cluster,
                        c.Profile,
                        c.EnvironmentId,
                        c.ChartVersion,
                        c.Spec,
                        c.ImportId,
                        c.RotateKey,
                        c.Issue,
                        c.ToRevision,
                        c.Reason,
                        Secrets = c.Secrets.ToDictionary(s => s.Key, s => s.Value.Reveal(), StringComparer.Ordinal),
                    }
                )
            )
        );
}
