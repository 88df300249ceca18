using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Helm;

/// <summary>Charts from a Helm repository and from a real OCI registry.</summary>
public sealed class RemoteChartTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly List<HelmRunner> runners = [];
    private ChartPublisher? publisher;

    private ChartPublisher Publisher => publisher!;

    public async ValueTask InitializeAsync()
    {
        publisher = await ChartPublisher.StartAsync();
        await publisher.PublishAsync(Path.Combine(Repository.Charts, "gateway"), "7.1.0");
    }

    [Fact]
    public async Task Resolve_FromRepositoryAndRegistry_GivesWhatWasPublishedAndItRenders()
    {
        var (store, helm) = Store();
        var fromRepository = await store.ResolveAsync(ChartSource.Repository, Publisher.RepositoryOf("gateway"), "7.1.0", null, default);
        var fromRegistry = await store.ResolveAsync(ChartSource.Oci, Publisher.OciOf("gateway"), "7.1.0", null, default);

        Assert.Equal(("gateway", "7.1.0"), (fromRegistry.Name, fromRegistry.Version));
        Assert.Equal(fromRepository, fromRegistry);
        Assert.Contains(
            "kind: Deployment",
            await helm.TemplateAsync(fromRegistry.Path, "portkey-gateway", "ns", "{}", default),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Resolve_OfAVersionPublishedAgainWithOtherContent_IsRefusedWhereItIsNotCached()
    {
        var (store, _) = Store();
        var allowed = await store.ResolveAsync(ChartSource.Oci, Publisher.OciOf("gateway"), "7.1.0", null, default);
        var other = folder.Combine("gateway");
        ChartFiles.Copy(Path.Combine(Repository.Charts, "gateway"), other);
        await File.AppendAllTextAsync(Path.Combine(other, "templates", "extra.yaml"), "{{- /* not what was approved */ -}}");
        await Publisher.PublishAsync(other, "7.1.0");

        foreach (
            var (source, location) in new[]
            {
                (ChartSource.Oci, Publisher.OciOf("gateway")),
                (ChartSource.Repository, Publisher.RepositoryOf("gateway")),
            }
        )
        {
            var problem = await Assert.ThrowsAsync<ChartException>(() =>
                Store().Store.ResolveAsync(source, location, "7.1.0", allowed.Digest, default)
            );
            Assert.Equal(("digest-mismatch", false), (problem.Code, problem.IsTransient));
            Assert.Contains(allowed.Digest, problem.Message, StringComparison.Ordinal);
        }

        // Where it is cached, what was approved is still what is applied.
        Assert.Equal(allowed, await store.ResolveAsync(ChartSource.Oci, Publisher.OciOf("gateway"), "7.1.0", allowed.Digest, default));
    }

    [Fact]
    public async Task Resolve_OfWhatIsNotPublished_IsNoReasonToTryAgain()
    {
        var store = Store().Store;
        foreach (
            var (source, location, version) in new[]
            {
                (ChartSource.Repository, Publisher.RepositoryOf("gateway"), "9.9.9"),
                (ChartSource.Repository, Publisher.RepositoryOf("absent"), "7.1.0"),
                (ChartSource.Oci, Publisher.OciOf("gateway"), "9.9.9"),
                (ChartSource.Oci, Publisher.OciOf("absent"), "7.1.0"),
            }
        )
        {
            var problem = await Assert.ThrowsAsync<ChartException>(() => store.ResolveAsync(source, location, version, null, default));
            Assert.Equal(("chart-not-found", false), (problem.Code, problem.IsTransient));
            Assert.Contains(location, problem.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("cluster", problem.Message, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Resolve_WithoutAVersion_TakesTheNewestThatIsNoPreRelease()
    {
        foreach (var version in (string[])["7.0.9", "7.1.10+build.1", "7.1.9", "8.0.0-rc.1"])
        {
            await Publisher.PublishAsync(Path.Combine(Repository.Charts, "gateway"), version);
        }

        var store = Store().Store;
        Assert.Equal(
            "7.1.10+build.1",
            (await store.ResolveAsync(ChartSource.Repository, Publisher.RepositoryOf("gateway"), null, null, default)).Version
        );
        Assert.Equal(
            "7.1.10+build.1",
            (await store.ResolveAsync(ChartSource.Oci, Publisher.OciOf("gateway"), null, null, default)).Version
        );
    }

    [Fact]
    public async Task Resolve_OfAnArchiveThatIsNotTheOneOfTheIndex_IsRefused()
    {
        // The same name and version, other content; the index still has the digest of the first.
        var path = Path.Combine(Publisher.WebFolder, "gateway-7.1.0.tgz");
        var index = await File.ReadAllTextAsync(Path.Combine(Publisher.WebFolder, "index.yaml"));
        var other = folder.Combine("gateway");
        ChartFiles.Copy(Path.Combine(Repository.Charts, "gateway"), other);
        await File.AppendAllTextAsync(Path.Combine(other, "values.yaml"), "# not what was published\n");
        await Publisher.PublishAsync(other, "7.1.0");
        await File.WriteAllTextAsync(Path.Combine(Publisher.WebFolder, "index.yaml"), index);
        Assert.True(File.Exists(path));

        var problem = await Assert.ThrowsAsync<ChartException>(() =>
            Store().Store.ResolveAsync(ChartSource.Repository, Publisher.RepositoryOf("gateway"), "7.1.0", null, default)
        );

        Assert.Equal(("digest-mismatch", false), (problem.Code, problem.IsTransient));
    }

    [Fact]
    public async Task Resolve_FourTimesAtOnce_KeepsOneCopyAndNothingHalf()
    {
        var (store, helm) = Store();
        var found = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => store.ResolveAsync(ChartSource.Oci, Publisher.OciOf("gateway"), "7.1.0", null, default))
        );

        Assert.Single(found.Distinct());
        Assert.Single(Directory.GetFileSystemEntries(Path.Combine(helm.Options.DataDirectory, "charts")));
    }

    [Theory]
    [InlineData("../outside.yaml", TarEntryType.RegularFile, 10)]
    [InlineData("/etc/outside.yaml", TarEntryType.RegularFile, 10)]
    [InlineData("small/link", TarEntryType.SymbolicLink, 0)]
    [InlineData("small/bomb", TarEntryType.RegularFile, 50_000_000)]
    public async Task Resolve_OfAHostileArchive_IsRefusedAndWritesNothingOutside(string entry, TarEntryType type, int length)
    {
        await PublishArchiveAsync(entry, type, length);
        var (store, helm) = Store();

        var problem = await Assert.ThrowsAsync<ChartException>(() =>
            store.ResolveAsync(ChartSource.Repository, Publisher.RepositoryOf("small"), "1.0.0", null, default)
        );

        Assert.Contains(problem.Code, (string[])["chart-invalid", "chart-too-large", "chart-not-found"]);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(helm.Options.DataDirectory, "charts")));
        Assert.Empty(Directory.GetFiles(folder.Path, "outside.yaml", SearchOption.AllDirectories));
    }

    public async ValueTask DisposeAsync()
    {
        runners.ForEach(r => r.Dispose());
        if (publisher is not null)
        {
            await publisher.DisposeAsync();
        }

        folder.Dispose();
    }

    private (ChartStore Store, HelmRunner Helm) Store()
    {
        var helm = new HelmRunner(
            Options.Create(new ProvisioningOptions { DataDirectory = folder.Combine("data-" + runners.Count), HelmPath = Tools.Helm })
        );
        runners.Add(helm);
        return (new ChartStore(helm, new OutboundGuard(Options.Create(new PreflightOptions { AllowedRanges = ["127.0.0.1/32"] }))), helm);
    }

    private async Task PublishArchiveAsync(string entry, TarEntryType type, int length)
    {
        await using (var gzip = new GZipStream(File.Create(Path.Combine(Publisher.WebFolder, "small-1.0.0.tgz")), CompressionLevel.Fastest))
        await using (var tar = new TarWriter(gzip))
        {
            var chart = new PaxTarEntry(TarEntryType.RegularFile, "small/Chart.yaml")
            {
                DataStream = new MemoryStream(Encoding.UTF8.GetBytes("apiVersion: v2\nname: small\nversion: 1.0.0\n")),
            };
            await tar.WriteEntryAsync(chart);
            var hostile = new PaxTarEntry(type, entry);
            if (type == TarEntryType.SymbolicLink)
            {
                hostile.LinkName = "/etc/passwd";
            }
            else
            {
                hostile.DataStream = new MemoryStream(new byte[length]);
            }

            await tar.WriteEntryAsync(hostile);
        }

        await File.WriteAllTextAsync(
            Path.Combine(Publisher.WebFolder, "index.yaml"),
            "apiVersion: v1\nentries:\n  small:\n  - {apiVersion: v2, name: small, version: 1.0.0, created: 2026-01-01T00:00:00Z, urls: [small-1.0.0.tgz]}\n"
        );
    }
}
