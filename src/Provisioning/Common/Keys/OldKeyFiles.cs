using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Portkey.Portal.Provisioning.Common.Keys;

/// <summary>Keys from before they were in the database: the folder <c>keys</c> of the data folder. They are imported once, and
/// the folder is renamed.</summary>
internal sealed partial class OldKeyFiles(IOptions<ProvisioningOptions> options, WrappingKeys wrapping, ILogger<OldKeyFiles> logger)
{
    private const string Note = """
        The keys that were in this folder are in the portal's database now, wrapped by the key-encryption key.
        Nothing reads these files any more, and they are not encrypted as well as they are there:
        audit.key lets anyone who has it sign history. Delete the folder once you have a backup of the database
        and, separately, of the key-encryption key.
        """;

    private static readonly XNamespace DataProtection = "http://schemas.asp.net/2015/03/dataProtection";

    private bool leftOver;

    private string Folder => Path.GetFullPath(Path.Combine(options.Value.DataDirectory, "keys"));

    private string Aside => Folder + "-taken-over";

    /// <summary>Path of the key that signed history, for people.</summary>
    public string AuditPath => Path.Combine(Folder, "audit.key");

    /// <summary>The key that signed history; null for none.</summary>
    public byte[]? AuditKey()
    {
        try
        {
            return Convert.FromHexString(File.ReadAllText(AuditPath).Trim());
        }
        catch (Exception nothing) when (nothing is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception problem) when (problem is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                $"{AuditPath} holds the key of the history, and cannot be read ({problem.GetType().Name}). Restore it from a backup, or fix its permissions.",
                problem
            );
        }
    }

    /// <summary>Keys of the ring, opened.</summary>
    /// <param name="open">Whether unencrypted ones count. Later only whoever has the key-encryption key may add one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<(string Id, XElement Key)>> RingAsync(bool open, CancellationToken cancellationToken)
    {
        var keys = new List<(string, XElement)>();
        leftOver = false;
        if (!Directory.Exists(Folder))
        {
            return keys;
        }

        foreach (var path in Directory.GetFiles(Folder, "*.xml").Order(StringComparer.Ordinal))
        {
            try
            {
                var key = XElement.Load(path);
                var closed = key.Descendants(DataProtection + "encryptedSecret").ToList();
                foreach (var element in closed)
                {
                    element.ReplaceWith(await OpenAsync(element.Elements().Single(), cancellationToken));
                }

                if (open || closed.Count > 0)
                {
                    keys.Add((Path.GetFileNameWithoutExtension(path), key));
                }
            }
            catch (Exception problem)
                when (problem
                        is XmlException
                            or IOException
                            or UnauthorizedAccessException
                            or CryptographicException
                            or FormatException
                            or InvalidOperationException
                )
            {
                leftOver = true;
                LogNotTaken(logger, path, problem.Message);
            }
        }

        return keys;
    }

    /// <summary>After the transaction; a key that could not be imported keeps the folder where it is.</summary>
    public void PutAside()
    {
        try
        {
            if (Directory.Exists(Folder) && !leftOver)
            {
                var target = Directory.Exists(Aside) ? $"{Aside}-{Guid.NewGuid():n}" : Aside;
                Directory.Move(Folder, target);
                File.WriteAllText(Path.Combine(target, "README.txt"), Note);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // Another process was first, or we may not move the folder; what the database has is not read from it again.
        }

        if (Directory.Exists(Aside))
        {
            LogAside(logger, Aside);
        }
    }

    private async Task<XElement> OpenAsync(XElement closed, CancellationToken cancellationToken)
    {
        var name = (string?)closed.Attribute("key") ?? "";
        var key =
            await wrapping.FindAsync(name, cancellationToken)
            ?? throw new CryptographicException(
                $"it is protected by key {name}, which is not here; put back the file that Portal:KeyRingKeyFile, or the user's home, held when it was made"
            );
        return XElement.Parse(Encoding.UTF8.GetString(KeyWrap.Unwrap(key.Bytes, Convert.FromBase64String(closed.Value), [])));
    }

    [LoggerMessage(EventId = 4006, Level = LogLevel.Error, Message = "Key file {Path} was not imported: {Problem}")]
    private static partial void LogNotTaken(ILogger logger, string path, string problem);

    [LoggerMessage(
        EventId = 4007,
        Level = LogLevel.Warning,
        Message = "The keys of {Folder} are in the database now. Back up the database and the key-encryption key, then delete that folder: its keys are not wrapped"
    )]
    private static partial void LogAside(ILogger logger, string folder);
}
