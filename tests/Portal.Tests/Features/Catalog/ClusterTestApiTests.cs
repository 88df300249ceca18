namespace Portkey.Portal.Tests.Features.Catalog;

/// <summary>Testing a cluster from where it cannot be done.</summary>
public sealed class ClusterTestApiTests(PortalHost host) : IClassFixture<PortalHost>
{
    [Fact]
    public async Task Test_InAProcessThatServesPagesOnly_SaysSo()
    {
        using var admin = await host.ClientAsync("admin-1");

        var problem = await (await admin.PostAsync("/api/v1/clusters/sandbox/test", null)).ProblemAsync(409, "no-worker-here");

        Assert.Contains("serves pages only", (string)problem["detail"]!, StringComparison.Ordinal);
        await (await admin.PostAsync("/api/v1/clusters/nowhere/test", null)).ProblemAsync(404, "not-found");
    }
}
