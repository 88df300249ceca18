using System.Buffers.Text;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// Unpacks a chart's archive. Our own reader, because the library's loads what a header promises into memory before anybody can look:
/// this one holds one block at a time, counts what is really decompressed, and refuses everything a chart has no use for.
/// </summary>
internal sealed class ChartArchive : IDisposable
{
    private const int Block = 512;
    private const int LongestHeader = 64 * 1024;

    // Files, a header and the rest of a block for each, and some longer headers.
    private const long MostProduced = ChartFiles.LargestChart + (ChartFiles.MostFiles * 4L * Block);

    private readonly BoundedStream content;
    private readonly string to;
    private readonly byte[] header = new byte[Block];
    private readonly Dictionary<string, bool> seen = new(StringComparer.OrdinalIgnoreCase);
    private int count;
    private long total;

    private ChartArchive(string archive, string to)
    {
        this.to = to;
        content = new BoundedStream(
            new GZipStream(File.OpenRead(archive), CompressionMode.Decompress),
            MostProduced,
            () => ChartFiles.TooLarge("its archive")
        );
    }

    /// <summary>Writes the archive's files below a folder.</summary>
    /// <exception cref="ChartException">It is too large, or holds what a chart has no use for.</exception>
    /// <exception cref="InvalidDataException">It is not an archive.</exception>
    public static void Unpack(string archive, string to)
    {
        using var reader = new ChartArchive(archive, to);
        try
        {
            reader.ReadAll();
        }
        catch (EndOfStreamException problem)
        {
            throw new InvalidDataException("The archive ends in the middle.", problem);
        }
    }

    public void Dispose() => content.Dispose();

    private void ReadAll()
    {
        string? longName = null;
        while (Next())
        {
            var size = Octal(header.AsSpan(124, 12));
            switch ((char)header[156])
            {
                case '0' or '\0' when !Name(longName).EndsWith('/'):
                    Write(Name(longName), size);
                    longName = null;
                    break;
                case '5' or '0' or '\0' when size == 0:
                    longName = null; // a folder; folders with files are made with them
                    break;
                case 'x':
                    longName = PathOf(Body(size)) ?? longName;
                    break;
                case 'g':
                    if (PathOf(Body(size)) is not null)
                    {
                        throw Refused("a header that names every file the same");
                    }

                    break;
                case 'L':
                    longName = Text(Body(size));
                    break;
                default:
                    throw Refused($"'{Shown(Name(longName))}', which is not a plain file");
            }
        }
    }

    private bool Next()
    {
        if (content.ReadAtLeast(header, Block, throwOnEndOfStream: false) is var read && read < Block)
        {
            return read == 0 ? false : throw new EndOfStreamException();
        }

        if (header.AsSpan().IndexOfAnyExcept((byte)0) < 0)
        {
            return false;
        }

        // The sum of all bytes, its own eight counted as blanks.
        var sum = 8 * ' ';
        for (var i = 0; i < Block; i++)
        {
            sum += i is >= 148 and < 156 ? 0 : header[i];
        }

        return sum == Octal(header.AsSpan(148, 8)) ? true : throw new InvalidDataException("A header of the archive is damaged.");
    }

    private void Write(string name, long size)
    {
        ChartFiles.Bound(Shown(name), size, ++count, total += size);
        var parts = (name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name).Split('/');
        if (
            name.Length > 400
            || parts.Any(p => p is "" or "." or "..")
            || name.Any(c => char.IsControl(c) || c is '\\' or ':')
            || char.IsSurrogate(name[^1])
        )
        {
            throw Refused($"'{Shown(name)}', which is not a path that a chart may have");
        }

        // Two names for one file: programs do not agree on which counts. The same goes for capitals, where the file system makes no
        // difference.
        for (var i = 1; i <= parts.Length; i++)
        {
            var isFile = i == parts.Length;
            var path = string.Join('/', parts[..i]);
            if (!seen.TryAdd(path, isFile) && (isFile || seen[path]))
            {
                throw Refused($"'{Shown(path)}' twice");
            }
        }

        var target = Path.Combine([to, .. parts]);
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        using (var file = new FileStream(target, FileMode.CreateNew, FileAccess.Write))
        {
            var buffer = new byte[16 * 1024];
            for (var left = size; left > 0;)
            {
                var part = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
                content.ReadExactly(part);
                file.Write(part);
                left -= part.Length;
            }
        }

        SkipPadding(size);
    }

    private byte[] Body(long size)
    {
        if (size > LongestHeader)
        {
            throw ChartFiles.TooLarge($"a header of {size} bytes in its archive");
        }

        var body = new byte[size];
        content.ReadExactly(body);
        SkipPadding(size);
        return body;
    }

    private void SkipPadding(long size)
    {
        Span<byte> rest = stackalloc byte[Block];
        content.ReadExactly(rest[..(int)((Block - (size % Block)) % Block)]);
    }

    private string Name(string? longName)
    {
        if (longName is not null)
        {
            return longName;
        }

        var name = Text(header.AsSpan(0, 100));
        var hasPrefix = header.AsSpan(257, 6).SequenceEqual("ustar\0"u8) && header[345] != 0;
        return hasPrefix ? $"{Text(header.AsSpan(345, 155))}/{name}" : name;
    }

    // Records such as "27 path=gateway/Chart.yaml\n", each with its own length at its front.
    private static string? PathOf(ReadOnlySpan<byte> records)
    {
        string? path = null;
        while (records.Length > 0)
        {
            if (
                !Utf8Parser.TryParse(records, out int length, out var digits)
                || length <= digits
                || length > records.Length
                || records[length - 1] != '\n'
                || records[..length].IndexOf((byte)'=') is var at && at < digits
            )
            {
                throw new InvalidDataException("A header of the archive is damaged.");
            }

            var key = Text(records[(digits + 1)..at]);
            if (key == "path")
            {
                path = Text(records[(at + 1)..(length - 1)]);
            }
            else if (key is "size" or "linkpath" || key.StartsWith("GNU.sparse", StringComparison.Ordinal))
            {
                throw Refused("a file that is kept in parts, or a link");
            }

            records = records[length..];
        }

        return path;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        try
        {
            return Strict.GetString(end < 0 ? bytes : bytes[..end]);
        }
        catch (DecoderFallbackException problem)
        {
            throw new InvalidDataException("A name in the archive is not UTF-8.", problem);
        }
    }

    private static long Octal(ReadOnlySpan<byte> field)
    {
        var text = field.Trim(" \0"u8);
        long number = 0;
        foreach (var digit in text)
        {
            number = digit is >= (byte)'0' and <= (byte)'7'
                ? (number * 8) + (digit - '0')
                : throw new InvalidDataException("A number in the archive is not in the form that charts use.");
        }

        return number;
    }

    // File names in an archive come from outside, too.
    private static string Shown(string name)
    {
        var plain = string.Concat(
            name.Select(c => char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : c.ToString())
        );
        return plain.Length > 120 ? plain[..120] + "…" : plain;
    }

    private static ChartException Refused(string what) =>
        new("chart-invalid", $"The archive holds {what}. Package the chart again with 'helm package'.");

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
}
