namespace Portkey.Portal.Data;

/// <summary>One of the portal's own keys, wrapped by a key-encryption key that is not in the database. All processes share them.</summary>
public sealed class PortalKey
{
    /// <summary><c>audit</c>, the key that signs history, or <c>ring</c>, a key of Data Protection.</summary>
    public required string Purpose { get; init; }

    /// <summary>Which of that purpose.</summary>
    public required string Id { get; init; }

    /// <summary>AES-GCM over the key, with purpose and id as associated data: nonce, ciphertext, tag.</summary>
    public required byte[] Wrapped { get; set; }

    /// <summary>Name of the key-encryption key; reveals nothing of it.</summary>
    public required string WrappedBy { get; set; }

    /// <summary>Names the key inside and reveals nothing of it; empty for those of the ring, which carry their own id.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>UTC.</summary>
    public required DateTime CreatedAt { get; init; }
}
