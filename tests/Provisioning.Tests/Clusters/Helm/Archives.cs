using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Helm;

/// <summary>Makes small chart archives.</summary>
internal static class Archives
{
    public static byte[] Chart(string name, string version)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach (
                var (file, text) in new[]
                {
                    ("Chart.yaml", $"apiVersion: v2\nname: {name}\nversion: {version}\n"),
                    ("templates/a.yaml", "kind: A\n"),
                }
            )
            {
                tar.WriteEntry(
                    new PaxTarEntry(TarEntryType.RegularFile, $"{name}/{file}")
                    {
                        DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)),
                    }
                );
            }
        }

        return bytes.ToArray();
    }
}
