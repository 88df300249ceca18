using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Helm;

public sealed class ChartArchiveTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData(TarEntryFormat.Pax)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Ustar)]
    public void Unpack_OfAnArchiveInAnyOfTheUsualForms_GivesItsFiles(TarEntryFormat format)
    {
        var deep = $"gateway/templates/{new string('d', 90)}/{new string('f', 60)}.yaml"; // longer than a header's own field
        var chart = folder.Combine("chart.tgz");
        using (var gzip = new GZipStream(File.Create(chart), CompressionLevel.Fastest))
        using (var tar = new TarWriter(gzip, format))
        {
            foreach (
                var (name, text) in new[] { ("gateway/Chart.yaml", "name: gateway"), (deep, new string('x', 3000)), ("gateway/empty", "") }
            )
            {
                var entry = (TarEntry)(
                    format switch
                    {
                        TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                        TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                        _ => new UstarTarEntry(TarEntryType.RegularFile, name),
                    }
                );
                entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text));
                tar.WriteEntry(entry);
            }
        }

        var top = ChartFiles.Unpack(chart, Target());

        Assert.Equal("name: gateway", File.ReadAllText(Path.Combine(top, "Chart.yaml")));
        Assert.Equal(3000, new FileInfo(Path.Combine(top, "..", deep)).Length);
        Assert.Equal(0, new FileInfo(Path.Combine(top, "empty")).Length);
    }

    [Theory]
    [InlineData('x', 410_000_000)] // what was seen: 400 KB that took 410 MB
    [InlineData('g', 410_000_000)]
    [InlineData('L', 410_000_000)]
    [InlineData('K', 410_000_000)]
    [InlineData('0', 410_000_000)]
    [InlineData('x', 2_147_000_000)]
    public void Unpack_OfASmallArchiveWithAHugeHeader_IsRefusedInLittleMemory(char type, long size)
    {
        var chart = Archive(tar =>
        {
            tar.Write(Header("bomb/Chart.yaml", type, size));
            var zeros = new byte[1024 * 1024];
            for (var i = 0; i < 40; i++)
            {
                tar.Write(zeros);
            }
        });
        var before = GC.GetAllocatedBytesForCurrentThread();

        var problem = Assert.Throws<ChartException>(() => ChartFiles.Unpack(chart, Target()));

        Assert.Contains(problem.Code, (string[])["chart-too-large", "chart-invalid"]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4_000_000);
    }

    [Fact]
    public void Unpack_OfManySmallHeadersThatComeToMuch_StopsAtTheBytesProduced()
    {
        var chart = Archive(tar =>
        {
            for (var i = 0; i < 2000; i++)
            {
                tar.Write(Header("x", 'x', 60 * 1024));
                tar.Write(Record("comment", new string('c', (60 * 1024) - 15)));
            }
        });
        Assert.Equal("chart-too-large", Assert.Throws<ChartException>(() => ChartFiles.Unpack(chart, Target())).Code);
    }

    [Theory]
    [InlineData("a/../../outside")]
    [InlineData("/etc/outside")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("a\\b")]
    [InlineData("a/new\nline")]
    [InlineData("a/\u001b[31m")]
    public void Unpack_OfANameThatIsNoPlainPath_IsRefused(string name)
    {
        var chart = Archive(tar => tar.Write(Header(name, '0', 0).Concat(Header(name, '0', 512)).Concat(new byte[512]).ToArray()));
        var problem = Assert.Throws<ChartException>(() => ChartFiles.Unpack(chart, Target()));
        Assert.Equal("chart-invalid", problem.Code);
        Assert.DoesNotContain(problem.Message, char.IsControl);
        Assert.Empty(Directory.GetFiles(folder.Path, "*outside*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("a/values.yaml", "a/values.yaml")]
    [InlineData("a/values.yaml", "a/Values.yaml")]
    [InlineData("a/b", "a/b/c")]
    [InlineData("a/b/c", "a/b")]
    public void Unpack_OfTwoFilesForOneName_IsRefused(string first, string second)
    {
        var chart = Archive(tar => tar.Write([.. Header(first, '0', 1), .. new byte[512], .. Header(second, '0', 1), .. new byte[512]]));
        Assert.Equal("chart-invalid", Assert.Throws<ChartException>(() => ChartFiles.Unpack(chart, Target())).Code);
    }

    [Theory]
    [InlineData('1')]
    [InlineData('2')]
    [InlineData('3')]
    [InlineData('4')]
    [InlineData('6')]
    [InlineData('S')]
    [InlineData('K')]
    public void Unpack_OfAnythingThatIsNoFile_IsRefused(char type) =>
        Assert.Equal(
            "chart-invalid",
            Assert.Throws<ChartException>(() => ChartFiles.Unpack(Archive(tar => tar.Write(Header("a/b", type, 0))), Target())).Code
        );

    [Theory]
    [InlineData("size", "0")]
    [InlineData("GNU.sparse.map", "0,1")]
    [InlineData("linkpath", "/etc/passwd")]
    public void Unpack_OfAHeaderThatWouldReadTheRestOtherwise_IsRefused(string key, string value)
    {
        var record = Record(key, value, pad: false);
        var chart = Archive(tar =>
            tar.Write([
                .. Header("x", 'x', record.Length),
                .. record,
                .. new byte[512 - record.Length],
                .. Header("a/b", '0', 1),
                .. new byte[512],
            ])
        );
        Assert.Equal("chart-invalid", Assert.Throws<ChartException>(() => ChartFiles.Unpack(chart, Target())).Code);
    }

    [Fact]
    public void Unpack_OfADamagedArchive_SaysThatItIsNone()
    {
        var damaged = Header("a/b", '0', 1);
        damaged[0] ^= 1;
        Assert.Throws<InvalidDataException>(() => ChartFiles.Unpack(Archive(tar => tar.Write(damaged)), Target()));
        Assert.Throws<InvalidDataException>(() =>
            ChartFiles.Unpack(Archive(tar => tar.Write([.. Header("a/b", '0', 5000), .. new byte[512]])), Target())
        );
        var text = folder.Combine("text.tgz");
        File.WriteAllText(text, "this is no archive");
        Assert.Throws<InvalidDataException>(() => ChartFiles.Unpack(text, Target()));
    }

    public void Dispose() => folder.Dispose();

    private string Target() => Directory.CreateDirectory(folder.Combine($"to-{Guid.NewGuid():n}")).FullName;

    private string Archive(Action<Stream> write)
    {
        var path = folder.Combine($"{Guid.NewGuid():n}.tgz");
        using var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest);
        write(gzip);
        return path;
    }

    private static byte[] Record(string key, string value, bool pad = true)
    {
        // The length counts its own digits.
        var rest = $" {key}={value}\n";
        var length = rest.Length + 1;
        while (length != rest.Length + length.ToString().Length)
        {
            length = rest.Length + length.ToString().Length;
        }

        var record = Encoding.UTF8.GetBytes($"{length}{rest}");
        return pad ? [.. record, .. new byte[(512 - (record.Length % 512)) % 512]] : record;
    }

    private static byte[] Header(string name, char type, long size)
    {
        var header = new byte[512];
        Encoding.UTF8.GetBytes(name).CopyTo(header, 0);
        Encoding.ASCII.GetBytes(Convert.ToString(size, 8).PadLeft(11, '0')).CopyTo(header, 124);
        header[156] = (byte)type;
        "ustar\000"u8.CopyTo(header.AsSpan(257));
        header.AsSpan(148, 8).Fill((byte)' ');
        Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
        return header;
    }
}
