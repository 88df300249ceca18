using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>
/// The key that encrypts the key ring: a file outside of the data folder, so that a copy or a backup of that folder alone opens nothing. All
/// portals of one user share it, whatever their data folders.
/// </summary>
internal sealed partial class KeyRingKeys
{
    private const int Length = 32;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Lazy<byte[]> current;
    private readonly string beside;

    /// <summary>Makes it; the file is read or made at the first use.</summary>
    /// <param name="options">Configuration.</param>
    /// <param name="logger">Log.</param>
    /// <param name="home">For tests: the user's folder for configuration.</param>
    public KeyRingKeys(IOptions<ProvisioningOptions> options, ILogger<KeyRingKeys> logger, string? home = null)
    {
        beside = Path.Combine(Path.GetFullPath(options.Value.DataDirectory), "keyring.key");
        current = new Lazy<byte[]>(() => options.Value.KeyRingKeyFile is { Length: > 0 } named ? Named(Path.GetFullPath(named)) : OfUser(home ?? Home(), logger));
    }

    /// <summary>The one that new keys are encrypted with.</summary>
    public byte[] Current => current.Value;

    /// <summary>The one of this name; null when it is not here.</summary>
    public byte[]? Find(string name)
    {
        // Beside the data may lie one of a time when there was no other place.
        var known = KeyRing.NameOf(Current) == name ? Current : File.Exists(beside) ? Read(beside) : null;
        return known is not null && KeyRing.NameOf(known) == name ? known : null;
    }

    private static byte[] Named(string path)
    {
        try
        {
            return ReadOrMake(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Portal:KeyRingKeyFile: {path} can be neither read nor made ({problem.GetType().Name}). Mount a file with {Length} random bytes there, or let the portal write to its folder.", problem);
        }
    }

    // A container has a home too, which goes with it while the data stays: the ring would be lost at the first restart.
    private static string Home() => Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") is "true" or "1"
        ? ""
        : Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);

    private byte[] OfUser(string home, ILogger logger)
    {
        try
        {
            if (home.Length > 0)
            {
                return ReadOrMake(Path.Combine(home, "portkey-portal", "keyring.key"));
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // No home that could be written to: said below.
        }

        LogBesideTheData(logger, beside);
        return ReadOrMake(beside);
    }

    // Many portals may start at once. Each writes a file of its own and gives it the name only where nobody has it: then all read the same.
    private static byte[] ReadOrMake(string path)
    {
        if (!File.Exists(path))
        {
            var folder = Path.GetDirectoryName(path)!;
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            var draft = Path.Combine(folder, $".{Guid.NewGuid():n}.new");
            try
            {
                using (var stream = new FileStream(draft, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
                {
                    stream.Write(RandomNumberGenerator.GetBytes(Length));
                    stream.Flush(flushToDisk: true);
                }

                File.Move(draft, path, overwrite: false);
            }
            catch (IOException) when (File.Exists(path))
            {
                // Somebody else was first.
            }
            finally
            {
                File.Delete(draft);
            }
        }

        return Read(path);
    }

    private static byte[] Read(string path) => File.ReadAllBytes(path) is { Length: >= Length } bytes
        ? SHA256.HashData(bytes)
        : throw new InvalidOperationException($"{path} is to hold at least {Length} random bytes, and does not. Put back the file that was there; without it nothing that it protects can be read.");

    [LoggerMessage(EventId = 4002, Level = LogLevel.Critical, Message = "THE KEY RING IS PROTECTED BY A KEY THAT LIES BESIDE IT, {Path}: whoever copies the data folder can read cookies' keys and the local vault. There is no home folder that lasts to put it in; name a place of its own in Portal:KeyRingKeyFile.")]
    private static partial void LogBesideTheData(ILogger logger, string path);
}
