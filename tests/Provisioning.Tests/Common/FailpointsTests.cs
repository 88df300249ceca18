using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Common;

public sealed class FailpointsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public void Constructor_SwitchedOnOutsideDevelopment_IsRefused(string environment) =>
        Assert.Contains(
            "FailpointsDirectory",
            Assert.Throws<InvalidOperationException>(() => On(environment)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task HitAsync_Armed_PausesOnceAtTheVisitThatWasAskedFor()
    {
        var points = On("Development");
        var file = Path.Combine(folder.Path, "helm.before");
        await File.WriteAllTextAsync(file, "pause 2", TestContext.Current.CancellationToken);

        await points.HitAsync("helm.after", TestContext.Current.CancellationToken);
        await points.HitAsync("helm.before", TestContext.Current.CancellationToken);
        var second = points.HitAsync("helm.before", TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        File.Delete($"{file}.paused");
        await second;
        await points.HitAsync("helm.before", TestContext.Current.CancellationToken);
        Assert.True(File.Exists($"{file}.hit"));
    }

    public void Dispose() => folder.Dispose();

    private Failpoints On(string environment) =>
        new(Options.Create(new ProvisioningOptions { FailpointsDirectory = folder.Path }), new Host(environment));

    private sealed class Host(string environment) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = environment;

        public string ApplicationName { get; set; } = "";

        public string ContentRootPath { get; set; } = "";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
