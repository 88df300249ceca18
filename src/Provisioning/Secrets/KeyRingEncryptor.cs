using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>Encrypts keys of the ring with AES-GCM. A certificate would do the same, and have to be made, kept, unlocked and renewed besides.</summary>
internal sealed class KeyRingEncryptor(KeyRingKeys keys) : IXmlEncryptor
{
    internal const string Element = "encryptedByKeyFile";
    internal const int NonceLength = 12;
    internal const int TagLength = 16;

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var sealedBytes = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, NonceLength));
        using var cipher = new AesGcm(keys.Current, TagLength);
        cipher.Encrypt(sealedBytes.AsSpan(0, NonceLength), plain, sealedBytes.AsSpan(NonceLength, plain.Length), sealedBytes.AsSpan(NonceLength + plain.Length));
        CryptographicOperations.ZeroMemory(plain);
        return new EncryptedXmlInfo(new XElement(Element, new XAttribute("key", KeyRing.NameOf(keys.Current)), Convert.ToBase64String(sealedBytes)), typeof(KeyRingDecryptor));
    }
}

/// <summary>Undoes it; made by Data Protection, by the name that stands in the ring.</summary>
internal sealed class KeyRingDecryptor(IServiceProvider services) : IXmlDecryptor
{
    public XElement Decrypt(XElement encryptedElement)
    {
        var name = (string?)encryptedElement.Attribute("key") ?? "";
        var key = services.GetRequiredService<KeyRingKeys>().Find(name)
            ?? throw new CryptographicException($"The key ring is protected by key {name}, which is not here. Put the file back that Portal:KeyRingKeyFile, or the user's home, held when the ring was made.");
        var sealedBytes = Convert.FromBase64String(encryptedElement.Value).AsSpan();
        var plain = new byte[sealedBytes.Length - KeyRingEncryptor.NonceLength - KeyRingEncryptor.TagLength];
        using var cipher = new AesGcm(key, KeyRingEncryptor.TagLength);
        cipher.Decrypt(sealedBytes[..KeyRingEncryptor.NonceLength], sealedBytes[KeyRingEncryptor.NonceLength..^KeyRingEncryptor.TagLength], sealedBytes[^KeyRingEncryptor.TagLength..], plain);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}
