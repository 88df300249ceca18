using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Portkey.Portal.Provisioning.Common.Keys;

/// <summary>A key-encryption key.</summary>
/// <param name="Bytes">The key.</param>
/// <param name="From">Where it was found, for people.</param>
internal sealed record WrappingKey(byte[] Bytes, string From)
{
    public string Name { get; } = KeyWrap.NameOf(Bytes);
}

/// <summary>
/// The key that wraps the portal's keys in the database: a secret in Key Vault, or a file outside the data folder, so that a copy or a
/// backup of database and folder alone opens nothing. All portals of one user share the file, whatever their data folders.
/// </summary>
internal sealed partial class WrappingKeys
{
    /// <summary>Fewest bytes that a file or secret must have.</summary>
    public const int Length = 32;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly ProvisioningOptions options;
    private readonly WrappingSecret? secret;
    private readonly Lazy<WrappingKey> file;
    private readonly string home;
    private readonly string beside;
    private WrappingKey? loaded;

    /// <summary>Makes it; the key is read or made on first use.</summary>
    /// <param name="options">Configuration.</param>
    /// <param name="logger">Log.</param>
    /// <param name="secret">Key Vault's.</param>
    /// <param name="home">For tests: the user's folder for configuration.</param>
    public WrappingKeys(
        IOptions<ProvisioningOptions> options,
        ILogger<WrappingKeys> logger,
        WrappingSecret? secret = null,
        string? home = null
    )
    {
        this.options = options.Value;
        this.secret = secret;
        this.home = home ?? Home();
        beside = Path.Combine(Path.GetFullPath(this.options.DataDirectory), "keyring.key");
        file = new Lazy<WrappingKey>(() =>
            this.options.KeyRingKeyFile is { Length: > 0 } named ? Named(Path.GetFullPath(named)) : OfUser(logger)
        );
    }

    /// <summary>The key that wraps keys from now on.</summary>
    public WrappingKey Current =>
        loaded
        ?? (
            secret?.IsConfigured == true
                ? throw new InvalidOperationException("The key-encryption key is read when the portal starts.")
                : file.Value
        );

    private string InHome => Path.Combine(home, "portkey-portal", "keyring.key");

    /// <summary>Reads it from where configuration says.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken) =>
        loaded = secret?.IsConfigured == true ? await secret.ReadAsync(cancellationToken) : file.Value;

    /// <summary>The key of this name, which may be an earlier one; null when it is not available.</summary>
    public async Task<WrappingKey?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (Current.Name == name)
        {
            return Current;
        }

        // There may be one beside the data, from when there was no other place, or one in the home, from before the vault.
        string[] places = [options.OldKeyRingKeyFile, options.KeyRingKeyFile, home.Length > 0 ? InHome : "", beside];
        var known = places
            .Where(p => p.Length > 0 && File.Exists(p))
            .Select(p => Read(Path.GetFullPath(p)))
            .FirstOrDefault(k => k.Name == name);
        return known ?? (secret?.IsConfigured == true ? await secret.FindAsync(name, cancellationToken) : null);
    }

    private static WrappingKey Named(string path)
    {
        try
        {
            return ReadOrMake(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(
                $"Portal:KeyRingKeyFile: {path} can be neither read nor made ({problem.GetType().Name}). Mount a file with {Length} random bytes there, or let the portal write to its folder.",
                problem
            );
        }
    }

    // A container has a home too, which goes with it while the data stays: the keys would be lost at the first restart.
    private static string Home() =>
        Environment.GetEnvironmentVariable("DOTNET_RUNNING_IN_CONTAINER") is "true" or "1"
            ? ""
            : Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);

    private WrappingKey OfUser(ILogger logger)
    {
        try
        {
            if (home.Length > 0)
            {
                return ReadOrMake(InHome);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            // No home that can be written to: reported below.
        }

        LogBesideTheData(logger, beside);
        return ReadOrMake(beside);
    }

    // Many portals may start at once. Each writes its own file and gives it the name only if it is still free: then all read the same.
    // A second name for a file does that in one step; a move checks first and then moves, and would replace a file already in use.
    private static WrappingKey ReadOrMake(string path)
    {
        if (!File.Exists(path))
        {
            var folder = Path.GetDirectoryName(path)!;
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
            var draft = Path.Combine(folder, $".{Guid.NewGuid():n}.new");
            try
            {
                using (
                    var stream = new FileStream(
                        draft,
                        new FileStreamOptions
                        {
                            Mode = FileMode.CreateNew,
                            Access = FileAccess.Write,
                            UnixCreateMode = OwnerOnly,
                        }
                    )
                )
                {
                    stream.Write(RandomNumberGenerator.GetBytes(Length));
                    stream.Flush(flushToDisk: true);
                }

                if (Link(draft, path) != 0 && !File.Exists(path))
                {
                    File.Move(draft, path, overwrite: false); // a file system without hard links
                }
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

    [DllImport("libc", EntryPoint = "link")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    private static WrappingKey Read(string path) =>
        File.ReadAllBytes(path) is { Length: >= Length } bytes
            ? new WrappingKey(SHA256.HashData(bytes), path)
            : throw new StartRefusedException(
                $"{path} must hold at least {Length} random bytes, but does not. Put back the file that was there; without it nothing that it protects can be read."
            );

    [LoggerMessage(
        EventId = 4002,
        Level = LogLevel.Critical,
        Message = "THE PORTAL'S KEYS ARE WRAPPED BY A KEY STORED BESIDE THE DATA, {Path}: anyone who copies the data folder can sign in as anybody, forge history and read the local vault. There is no lasting home folder for it; name a separate place in Portal:KeyRingKeyFile."
    )]
    private static partial void LogBesideTheData(ILogger logger, string path);
}
