using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>Encrypts the keys of rings that were made before the ring had a protection of its own; they would lie open until they expire.</summary>
internal static class KeyRingUpgrade
{
    private static readonly XNamespace DataProtection = "http://schemas.asp.net/2015/03/dataProtection";
    private static readonly XName Marker = DataProtection + "requiresEncryption";

    public static void Run(DirectoryInfo ring, IXmlEncryptor encryptor)
    {
        foreach (var file in ring.EnumerateFiles("key-*.xml"))
        {
            try
            {
                Protect(file.FullName, encryptor);
            }
            catch (Exception problem) when (problem is XmlException or IOException or UnauthorizedAccessException)
            {
                // It is opened as it is, or Data Protection says what is wrong with it.
            }
        }
    }

    private static void Protect(string path, IXmlEncryptor encryptor)
    {
        var key = XElement.Load(path);
        var open = key.Descendants().Where(e => (bool?)e.Attribute(Marker) == true).ToList();
        if (open.Count == 0)
        {
            return;
        }

        foreach (var element in open)
        {
            // As Data Protection's own writer does it.
            var closed = encryptor.Encrypt(new XElement(element));
            element.ReplaceWith(new XElement(DataProtection + "encryptedSecret", new XAttribute("decryptorType", closed.DecryptorType.AssemblyQualifiedName!), closed.EncryptedElement));
        }

        // A name that the ring's reader does not look at, until it is whole.
        var draft = $"{path}.{Guid.NewGuid():n}.new";
        using (var stream = new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        {
            key.Save(stream);
            stream.Flush(flushToDisk: true);
        }

        File.Move(draft, path, overwrite: true);
    }
}
