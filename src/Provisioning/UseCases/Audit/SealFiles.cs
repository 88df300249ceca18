using System.Globalization;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>
/// The folder of seals: <c>seals-NUMBER.jsonl</c>, each named by its first seal. Processes that share it take turns by a lock file that
/// holds across processes. A line that a crash cut short ends without a line feed and is ignored.
/// </summary>
internal sealed class SealFiles(string folder)
{
    /// <summary>An empty file of this name says that the folder's content is to be moved aside, and seals start again.</summary>
    public const string Anew = "begin-anew";

    /// <summary>Bytes of a line; one that holds 100,000 chains has a quarter of that.</summary>
    private const int LongestLine = 64 * 1024 * 1024;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Folder => folder;

    public bool MayBeginAnew => File.Exists(Path.Combine(folder, Anew));

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<string> List() => [.. Directory.GetFiles(folder, "seals-*.jsonl").Order(StringComparer.Ordinal)];

    public string PathOf(long number) => Path.Combine(folder, $"seals-{number.ToString("D12", CultureInfo.InvariantCulture)}.jsonl");

    public static long NumberOf(string path) =>
        long.TryParse(
            Path.GetFileNameWithoutExtension(path)["seals-".Length..],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : 0;

    /// <summary>Locks the folder.</summary>
    public Task<FileStream> LockAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        return FileLock.TakeAsync(Path.Combine(folder, ".lock"), cancellationToken);
    }

    /// <summary>Whole lines from there on, each with where it ends; a line that is not a seal is null.</summary>
    public static IEnumerable<(Seal? Seal, long End)> Read(string path, long from = 0)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 * 1024);
        stream.Position = Math.Min(from, stream.Length);
        var (line, position) = (new List<byte>(), stream.Position);
        for (var next = stream.ReadByte(); next >= 0; next = stream.ReadByte())
        {
            position++;
            if (next != '\n')
            {
                if (line.Count == LongestLine)
                {
                    yield return (null, position);
                    yield break;
                }

                line.Add((byte)next);
                continue;
            }

            yield return (Seal.Parse(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line)), position);
            line.Clear();
        }
    }

    /// <summary>Writes a line where the last whole one ends.</summary>
    public static void Append(string path, long end, byte[] line)
    {
        using var stream = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                Share = FileShare.Read,
                UnixCreateMode = OwnerOnly,
            }
        );
        stream.SetLength(end);
        stream.Position = end;
        stream.Write(line);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Removes files whose seals the newest file no longer counts on.</summary>
    public void Prune(long oldest)
    {
        foreach (var path in List().Where(p => NumberOf(p) < oldest))
        {
            File.Delete(path);
        }
    }

    /// <summary>Moves everything into a separate folder, including the file that asked for it.</summary>
    public string PutAside(DateTime at)
    {
        var aside = Path.Combine(folder, $"before-{at:yyyyMMdd-HHmmssfff}");
        Directory.CreateDirectory(aside, OwnerOnly | UnixFileMode.UserExecute);
        foreach (var path in Directory.GetFiles(folder).Where(p => Path.GetFileName(p) is not ".lock"))
        {
            File.Move(path, Path.Combine(aside, Path.GetFileName(path)));
        }

        return aside;
    }
}
