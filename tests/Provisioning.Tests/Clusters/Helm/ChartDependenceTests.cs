using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Helm;

/// <summary>What a chart's templates depend on besides their values, and what they bring that nobody sees.</summary>
public sealed class ChartDependenceTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("{{ if lookup \"v1\" \"Secret\" \"kube-system\" \"\" }}x{{ end }}", "lookup")]
    [InlineData("{{- $s := (randAlphaNum 16) -}}", "randAlphaNum")]
    [InlineData("{{ now | date \"2006\" }}", "now")]
    [InlineData("{{ .Capabilities.APIVersions.Has \"policy/v1\" }}", ".Capabilities.APIVersions")]
    [InlineData("{{ $.Capabilities.HelmVersion }}", ".Capabilities.HelmVersion")]
    [InlineData("{{ (index . \"Capabilities\").APIVersions }}", ".Capabilities")]
    [InlineData("{{ if .Release.IsInstall }}x{{ end }}", ".Release.IsInstall")]
    [InlineData("{{ getHostByName `example.com` }}", "getHostByName")]
    [InlineData("{{ /* a }} comment */ genSelfSignedCert \"a\" }}", "genSelfSignedCert")]
    [InlineData("{{ \"}}\" | bcrypt }}", "bcrypt")]
    public void Of_TemplateThatDependsOnWhereOrWhen_NamesItAndTheFile(string template, string what)
    {
        Write("templates/all.yaml", template);

        Assert.Contains($"{what} (templates/all.yaml)", ChartDependence.Of(folder.Path));
    }

    [Theory]
    [InlineData(
        "{{ .Values.lookup }} {{ .Values.now.date }} {{ $lookup }} {{ \"lookup now\" | quote }} {{/* lookup */}} lookup now uuidv4"
    )]
    [InlineData("{{ .Capabilities.KubeVersion.Version }} {{ .Release.Name }} {{ .Values.Capabilities.x }} {{ include \"now\" . }}")]
    public void Of_TemplateThatOnlyLooksLikeIt_NamesNothing(string template)
    {
        Write("templates/all.yaml", template);
        Write("values.yaml", "a: '{{ lookup }}'");

        Assert.Empty(ChartDependence.Of(folder.Path));
    }

    [Fact]
    public void Of_TemplatesOfSubchartsPackedOrNot_HelpersAndValuesThatAreRendered_AreLookedAt()
    {
        Write("templates/_helpers.tpl", "{{ define \"x\" }}{{ tpl .Values.text . }}{{ end }}");
        Write("values.yaml", "text: '{{ uuidv4 }}'");
        Write("charts/redis/templates/a.yaml", "{{ now }}");
        Directory.CreateDirectory(folder.Combine("charts"));
        File.WriteAllBytes(
            folder.Combine("charts/minio-1.0.0.tgz"),
            Archive("anything/templates/b.yaml", "{{ lookup }}", "./anything/crds/c.yaml", "kind: CustomResourceDefinition")
        );

        Assert.Equal(
            ["lookup (charts/minio-1.0.0.tgz/templates/b.yaml)", "now (charts/redis/templates/a.yaml)", "uuidv4 (values.yaml)"],
            ChartDependence.Of(folder.Path)
        );
    }

    [Fact]
    public void Of_HostileTemplate_TakesTimeByItsLengthOnly()
    {
        Write("templates/all.yaml", "{{ " + string.Concat(Enumerable.Repeat("\"a\" `b` /* ", 80_000)));

        var clock = System.Diagnostics.Stopwatch.StartNew();
        ChartDependence.Of(folder.Path);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData("crds/a.yaml", true)]
    [InlineData("charts/redis/crds/a.yaml", true)]
    [InlineData("charts/redis-1.tgz/charts/deep/crds/sub/a.yaml", true)]
    [InlineData("templates/crds/a.yaml", false)]
    [InlineData("files/crds/a.yaml", false)]
    public void IsCustomDefinition_WhereHelmLooksForThem_IsSo(string name, bool expected) =>
        Assert.Equal(expected, ChartParts.IsCustomDefinition(name));

    [Fact]
    public void Files_PackedSubchartWhoseNamesHelmWouldClean_IsRefused()
    {
        Directory.CreateDirectory(folder.Combine("charts"));
        File.WriteAllBytes(folder.Combine("charts/odd.tgz"), Archive("odd/./crds/c.yaml", "kind: CustomResourceDefinition"));

        Assert.Equal("chart-invalid", Assert.Throws<ChartException>(() => ChartParts.Files(folder.Path)).Code);
    }

    [Fact]
    public void Files_ArchiveThatUnpacksWithoutEnd_IsRefused()
    {
        Directory.CreateDirectory(folder.Combine("charts"));
        File.WriteAllBytes(folder.Combine("charts/big.tgz"), Archive("a/values.yaml", new string('a', 50 * 1024 * 1024)));

        Assert.Equal("chart-too-large", Assert.Throws<ChartException>(() => ChartParts.Files(folder.Path)).Code);
    }

    public void Dispose() => folder.Dispose();

    private static byte[] Archive(params string[] namesAndContents)
    {
        using var archive = new MemoryStream();
        using (var gzip = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true))
        using (var tar = new TarWriter(gzip))
        {
            foreach (var pair in namesAndContents.Chunk(2))
            {
                tar.WriteEntry(
                    new PaxTarEntry(TarEntryType.RegularFile, pair[0]) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(pair[1])) }
                );
            }
        }

        return archive.ToArray();
    }

    private void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.Combine(name))!);
        File.WriteAllText(folder.Combine(name), text);
    }
}
