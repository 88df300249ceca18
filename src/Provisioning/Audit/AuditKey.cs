using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Audit;

/// <summary>The key that seals history. It lives outside the database: whoever can write rows still cannot forge a chain.</summary>
public sealed class AuditKey(IOptions<ProvisioningOptions> options)
{
    private readonly Lazy<byte[]> key = new(() => LoadOrCreate(Path.Combine(options.Value.DataDirectory, "keys", "audit.key")));

    internal string Sign(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(HMACSHA256.HashData(key.Value, content));

    private static byte[] LoadOrCreate(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(directory);
        if (!File.Exists(path))
        {
            var temporary = Path.Combine(directory, $".audit.{Guid.NewGuid():N}");
            File.WriteAllText(temporary, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(temporary, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            try
            {
                File.Move(temporary, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                File.Delete(temporary); // another process was first; its key is the key
            }
        }

        return Convert.FromHexString(File.ReadAllText(path).Trim());
    }
}
