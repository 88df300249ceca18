using System.Security.Cryptography;
using System.Text;

namespace Portkey.Portal.Provisioning.Common.Keys;

/// <summary>Wraps keys with AES-GCM: nonce, ciphertext, tag. A key's purpose and id are authenticated with it, so that no row takes
/// another's place.</summary>
internal static class KeyWrap
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    public static byte[] Wrap(ReadOnlySpan<byte> wrapping, string purpose, string id, ReadOnlySpan<byte> plain)
    {
        var wrapped = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(wrapping, TagLength);
        cipher.Encrypt(
            wrapped.AsSpan(0, NonceLength),
            plain,
            wrapped.AsSpan(NonceLength, plain.Length),
            wrapped.AsSpan(NonceLength + plain.Length),
            About(purpose, id)
        );
        return wrapped;
    }

    /// <exception cref="CryptographicException">It was wrapped by another key, for another place, or changed since.</exception>
    public static byte[] Unwrap(ReadOnlySpan<byte> wrapping, string purpose, string id, ReadOnlySpan<byte> wrapped) =>
        Unwrap(wrapping, wrapped, About(purpose, id));

    /// <summary>The same for keys wrapped without a purpose, as key rings in files were.</summary>
    public static byte[] Unwrap(ReadOnlySpan<byte> wrapping, ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> about)
    {
        if (wrapped.Length < NonceLength + TagLength)
        {
            throw new CryptographicException("It is too short to be a wrapped key.");
        }

        var plain = new byte[wrapped.Length - NonceLength - TagLength];
        using var cipher = new AesGcm(wrapping, TagLength);
        cipher.Decrypt(wrapped[..NonceLength], wrapped[NonceLength..^TagLength], wrapped[^TagLength..], plain, about);
        return plain;
    }

    /// <summary>Twelve hex digits that name a key and reveal nothing of it.</summary>
    public static string NameOf(ReadOnlySpan<byte> key) => Convert.ToHexStringLower(SHA256.HashData(key))[..12];

    private static byte[] About(string purpose, string id) => Encoding.UTF8.GetBytes($"portkey-portal/{purpose}/{id}");
}
