using System.Security.Cryptography;
using System.Text;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>Reads and copies a chart's files within bounds; a chart comes from outside and may be hostile.</summary>
internal static class ChartFiles
{
    public const int MostFiles = 2000;
    public const long LargestChart = 20L * 1024 * 1024;
    private const int DeepestPath = 12;
    private const long LargestFile = 5L * 1024 * 1024;

    /// <summary>Copies the files of a folder; refuses links and everything else that is not a plain file.</summary>
    public static void Copy(string from, string to)
    {
        var count = 0;
        var total = 0L;
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (
            var entry in new DirectoryInfo(from).EnumerateFileSystemInfos(
                "*",
                new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None }
            )
        )
        {
            var relative = Path.GetRelativePath(from, entry.FullName);
            if (entry.LinkTarget is not null || entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                throw new ChartException("chart-invalid", $"'{relative}' is a link. A chart must hold its files itself.");
            }

            if (!names.Add(relative) || relative.Any(char.IsControl))
            {
                throw new ChartException(
                    "chart-invalid",
                    $"Two files differ only in capitals, or a name is not plain text, at '{relative.ReplaceLineEndings(" ")}'. Rename one."
                );
            }

            if (entry is FileInfo file)
            {
                Bound(relative, file.Length, ++count, total += file.Length);
                var target = Path.Combine(to, relative);
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                file.CopyTo(target);
                // the copy would have the rights of the original
                File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
    }

    /// <summary>Unpacks a chart archive (.tgz, with one folder at its top) and returns that folder.</summary>
    public static string Unpack(string archive, string to)
    {
        ChartArchive.Unpack(archive, to);
        return Directory.GetDirectories(to) is [var top] && Directory.GetFiles(to).Length == 0
            ? top
            : throw new ChartException("chart-invalid", "The archive does not hold exactly one folder.");
    }

    /// <summary><c>sha256:</c> over each file's path, length and content, in ordinal order of the paths.</summary>
    public static string Digest(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = Directory
            .GetFiles(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Select(f => (Path: f, Name: Path.GetRelativePath(folder, f).Replace('\\', '/')))
            .OrderBy(f => f.Name, StringComparer.Ordinal);
        foreach (var (path, name) in files)
        {
            var content = File.ReadAllBytes(path);
            hash.AppendData(Encoding.UTF8.GetBytes($"{name}\0{content.Length}\0"));
            hash.AppendData(content);
        }

        return "sha256:" + Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static void Bound(string name, long length, int count, long total)
    {
        if (length > LargestFile || count > MostFiles || total > LargestChart || name.Count(c => c == '/') > DeepestPath)
        {
            throw TooLarge($"'{name}'");
        }
    }

    public static ChartException TooLarge(string at) =>
        new(
            "chart-too-large",
            $"The chart is too large at {at}: at most {MostFiles} files, {LargestFile >> 20} MB each, {LargestChart >> 20} MB in all, {DeepestPath} folders deep."
        );
}
