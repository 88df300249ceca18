using System.Security.Cryptography;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>The key that signs history and its seals. It is in the database only wrapped: whoever can write rows still cannot forge a
/// chain.</summary>
public sealed class AuditKey
{
    private byte[]? key;

    /// <summary>Names the key and reveals nothing of it.</summary>
    internal string Fingerprint => FingerprintOf(Opened);

    private byte[] Opened => key ?? throw new InvalidOperationException("The audit key is opened when the portal starts.");

    /// <summary>One that is already open, from these bytes.</summary>
    public static AuditKey Of(byte[] opened)
    {
        var made = new AuditKey();
        made.Use(opened);
        return made;
    }

    internal static string FingerprintOf(ReadOnlySpan<byte> key) => Convert.ToHexStringLower(SHA256.HashData(key))[..32];

    internal void Use(byte[] opened) => key = opened;

    internal string Sign(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(HMACSHA256.HashData(Opened, content));
}
