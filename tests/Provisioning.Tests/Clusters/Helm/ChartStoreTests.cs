using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Helm;

public sealed class ChartStoreTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly HelmRunner helm;
    private readonly ChartStore store;
    private readonly string chart;

    public ChartStoreTests()
    {
        helm = new HelmRunner(Options.Create(new ProvisioningOptions { DataDirectory = folder.Combine("data"), HelmPath = Tools.Helm }));
        store = new ChartStore(helm, new OutboundGuard(Options.Create(new PreflightOptions { AllowedRanges = ["127.0.0.1/32"] })));
        chart = folder.Combine("chart");
        Directory.CreateDirectory(Path.Combine(chart, "templates"));
        File.WriteAllText(Path.Combine(chart, "Chart.yaml"), "apiVersion: v2\nname: small\nversion: 1.2.3\nappVersion: \"2.0\"\n");
        File.WriteAllText(Path.Combine(chart, "templates", "a.yaml"), "kind: A");
    }

    [Fact]
    public async Task Resolve_OfADirectory_KeepsItByDigest_WhateverBecomesOfTheDirectory()
    {
        var found = await ResolveAsync(digest: null);
        Assert.Equal(("small", "1.2.3", "2.0"), (found.Name, found.Version, found.AppVersion));
        File.WriteAllText(Path.Combine(chart, "templates", "a.yaml"), "kind: B");
        Assert.Equal("kind: A", await File.ReadAllTextAsync(Path.Combine((await ResolveAsync(found.Digest)).Path, "templates", "a.yaml")));
        Assert.NotEqual(found.Digest, (await ResolveAsync(digest: null)).Digest);
    }

    [Fact]
    public async Task Resolve_OfAChangedDirectoryThatIsNotInTheCache_IsAMismatch() =>
        Assert.Equal(
            "digest-mismatch",
            (await Assert.ThrowsAsync<ChartException>(() => ResolveAsync("sha256:" + new string('0', 64)))).Code
        );

    [Fact]
    public async Task Resolve_WhenSomebodyChangedTheCache_DoesNotUseIt()
    {
        var found = await ResolveAsync(digest: null);
        File.WriteAllText(Path.Combine(found.Path, "templates", "a.yaml"), "kind: Evil");
        Assert.Equal("kind: A", await File.ReadAllTextAsync(Path.Combine((await ResolveAsync(found.Digest)).Path, "templates", "a.yaml")));
    }

    [Fact]
    public async Task Resolve_OfAChartWithALink_IsRefused()
    {
        File.CreateSymbolicLink(Path.Combine(chart, "templates", "b.yaml"), "/etc/passwd");
        Assert.Equal("chart-invalid", (await Assert.ThrowsAsync<ChartException>(() => ResolveAsync(digest: null))).Code);
    }

    [Fact]
    public async Task Resolve_OfAChartThatIsTooLarge_IsRefused()
    {
        File.WriteAllBytes(Path.Combine(chart, "big"), new byte[6 * 1024 * 1024]);
        Assert.Equal("chart-too-large", (await Assert.ThrowsAsync<ChartException>(() => ResolveAsync(digest: null))).Code);
    }

    [Theory]
    [InlineData(ChartSource.Directory, "/nowhere", "chart-not-found")]
    [InlineData(ChartSource.Repository, "http://example.com/charts#x", "chart-invalid")]
    [InlineData(ChartSource.Repository, "https://user:pass@example.com/charts#x", "chart-invalid")]
    [InlineData(ChartSource.Repository, "https://example.com/charts#--help", "chart-invalid")]
    [InlineData(ChartSource.Repository, "http://127.0.0.1:1/#gateway", "chart-unreachable")]
    [InlineData(ChartSource.Oci, "oci://127.0.0.1:1/gateway", "chart-unreachable")]
    [InlineData(ChartSource.Oci, "file:///etc", "chart-invalid")]
    [InlineData(ChartSource.Oci, "oci://user:pass@example.com/charts/x", "chart-invalid")]
    [InlineData(ChartSource.Oci, "oci://example.com/charts/x?token=hush", "chart-invalid")]
    [InlineData(ChartSource.Oci, "oci://example.com/charts/x:1.0.0", "chart-invalid")]
    [InlineData(ChartSource.Oci, "oci://example.com/charts/%2e%2e%2fx", "chart-invalid")]
    [InlineData(ChartSource.Repository, "https://example.com/charts?token=hush#x", "chart-invalid")]
    [InlineData(ChartSource.Repository, "https://example.com/charts?#x", "chart-invalid")]
    [InlineData(ChartSource.Repository, "https://example.com/charts#x?token=hush", "chart-invalid")]
    [InlineData(ChartSource.Repository, "https://hush@example.com/charts#x", "chart-invalid")]
    [InlineData(ChartSource.Repository, "https://example.com/charts#x&token=hush", "chart-invalid")]
    [InlineData(ChartSource.Repository, "ftp://example.com/charts#x", "chart-invalid")]
    [InlineData(ChartSource.Repository, "http://127.0.0.2:1/#gateway", "address-refused")]
    [InlineData(ChartSource.Repository, "https://[::1]:1/#gateway", "address-refused")]
    [InlineData(ChartSource.Repository, "https://169.254.169.254/latest#gateway", "address-refused")]
    [InlineData(ChartSource.Oci, "oci://127.0.0.2:1/gateway", "address-refused")]
    public async Task Resolve_OfALocationThatGivesNothing_SaysWhy(ChartSource source, string location, string code)
    {
        var problem = await Assert.ThrowsAsync<ChartException>(() => store.ResolveAsync(source, location, "1.0.0", null, default));
        Assert.Equal(code, problem.Code);
        Assert.DoesNotContain("hush", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ChartSource.Repository, "https://host/path#chart", "https://host/path#chart")]
    [InlineData(ChartSource.Repository, "https://host/path?token=hush#chart", "https://host/path?(hidden)#chart")]
    [InlineData(ChartSource.Repository, "https://me:hush@host/path#chart", "https://(hidden)@host/path#chart")]
    [InlineData(ChartSource.Repository, "https://me:hush@host?hush", "https://(hidden)@host?(hidden)")]
    [InlineData(ChartSource.Repository, "https://host/path#chart?token=hush", "https://host/path")]
    [InlineData(ChartSource.Repository, "https://host/a@b#chart", "https://host/a@b#chart")]
    [InlineData(ChartSource.Oci, "oci://host/path/chart", "oci://host/path/chart")]
    [InlineData(ChartSource.Oci, "oci://hush@host/path/chart?hush", "oci://(hidden)@host/path/chart?(hidden)")]
    [InlineData(ChartSource.Directory, "/srv/charts/gateway#1?2", "/srv/charts/gateway#1?2")]
    public void Shown_OfALocationFromBefore_KeepsCredentialsToItself(ChartSource source, string location, string shown) =>
        Assert.Equal(shown, ChartLocation.Shown(source, location));

    public void Dispose()
    {
        helm.Dispose();
        folder.Dispose();
    }

    private Task<ResolvedChart> ResolveAsync(string? digest) => store.ResolveAsync(ChartSource.Directory, chart, null, digest, default);
}
