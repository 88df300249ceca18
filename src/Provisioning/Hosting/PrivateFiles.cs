using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>The portal's files are for its user alone: 0600 in folders with 0700.</summary>
public static partial class PrivateFiles
{
    private const UnixFileMode Others = ~(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>From now on this process and its children make files for their user only.</summary>
    public static void Begin()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = SetMask(0b000_111_111);
        }
    }

    /// <summary>Removes group's and others' rights from existing files.</summary>
    internal static void Mend(ProvisioningOptions options, ILogger logger)
    {
        foreach (
            var path in Folders(options).Where(Directory.Exists).SelectMany(Tree).Concat(Database(options)).Distinct(StringComparer.Ordinal)
        )
        {
            try
            {
                var info = new FileInfo(path);
                if (info.LinkTarget is null && (info.UnixFileMode & Others) != UnixFileMode.None)
                {
                    File.SetUnixFileMode(path, info.UnixFileMode & ~Others);
                }
            }
            catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
            {
                // Helm's and SQLite's files come and go.
            }
            catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
            {
                LogNotOurs(logger, path);
            }
        }
    }

    private static IEnumerable<string> Folders(ProvisioningOptions options) => [Path.GetFullPath(options.DataDirectory), options.SealsPath];

    // Never through a link: its target is somebody else's.
    private static IEnumerable<string> Tree(string folder) =>
        new[] { folder }.Concat(
            Directory.EnumerateFileSystemEntries(
                folder,
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = true,
                    AttributesToSkip = FileAttributes.ReparsePoint,
                    IgnoreInaccessible = true,
                }
            )
        );

    private static IEnumerable<string> Database(ProvisioningOptions options)
    {
        var source = options.DatabaseProvider.Equals("Sqlite", StringComparison.OrdinalIgnoreCase)
            ? new SqliteConnectionStringBuilder(options.ConnectionString).DataSource
            : "";
        return source.Length == 0 ? [] : new[] { "", "-wal", "-shm" }.Select(end => Path.GetFullPath(source + end)).Where(File.Exists);
    }

    [DllImport("libc", EntryPoint = "umask")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint SetMask(uint mask);

    [LoggerMessage(
        EventId = 4030,
        Level = LogLevel.Information,
        Message = "{Path} is open to others than the portal's user, and the portal cannot change that"
    )]
    private static partial void LogNotOurs(ILogger logger, string path);
}
