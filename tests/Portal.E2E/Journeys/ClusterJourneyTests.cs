using System.Net;
using Microsoft.Playwright;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>The credential of a cluster itself: replaced by one that was tried on the same cluster, or not at all.</summary>
[Collection(ProductCollection.Name)]
public sealed class ClusterJourneyTests(Product product)
{
    [Fact]
    public async Task Kubeconfig_IsReplacedOnlyByOneThatReachesTheSameCluster()
    {
        await using var own = await SandboxProcess.StartAsync();
        await using var foreign = await SandboxProcess.StartAsync();
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        using var second = await product.ApiAsync("admin-2");
        (await second.GetAsync("/api/v1/me")).Expect(HttpStatusCode.OK);
        var kubeconfig = await File.ReadAllTextAsync(own.Kubeconfig);
        var proposed = await admin.PostAsync("/api/v1/clusters", new { name = "second", kubeconfig });
        proposed.Expect(HttpStatusCode.Accepted);
        await second.InForceAsync(proposed);
        var proposal = System.Text.Json.JsonSerializer.SerializeToNode(Proposals.Oss("payments-second"))!;
        proposal["cluster"] = "second";
        var environment = await admin.AppliedAsync(await admin.ApproveAsync(await lead.CreatedAsync(proposal)));

        var another = (
            await admin.PutTextAsync("/api/v1/clusters/second/kubeconfig", await File.ReadAllTextAsync(foreign.Kubeconfig))
        ).ExpectProblem(HttpStatusCode.BadRequest);
        Assert.Contains("another cluster", another["errors"]!["kubeconfig"]!.ToJsonString(), StringComparison.Ordinal);
        (await lead.PutTextAsync("/api/v1/clusters/second/kubeconfig", kubeconfig)).ExpectProblem(HttpStatusCode.Forbidden);
        Assert.Equal(
            "kubeconfig-file",
            (await admin.PutTextAsync("/api/v1/clusters/sandbox/kubeconfig", kubeconfig))
                .ExpectProblem(HttpStatusCode.Conflict)
                .Text("code")
        );

        // What it has, who is in it and whether it works is on its page; to a lead only the first two.
        var page = await product.PageAsync("admin-1");
        await page.GotoAsync("/clusters/second");
        await page.UntilAsync(
            () => page.ById("cluster-test-run").ClickAsync(new() { Timeout = 3000 }),
            p => p.ById("cluster-test-checks").IsVisibleAsync(),
            "the cluster is tested"
        );
        await page.SeesAsync("cluster-test-cluster", "runs Kubernetes");
        await page.SeesAsync("cluster-test-permissions", "all are given");
        await page.SeesAsync("cluster-capacity", "cores");
        await page.ById("cluster-environments").ClickAsync();
        await page.ArrivesAsync("**/environments?cluster=second");
        await page.SeesAsync("environments-place", "in second");
        await Assertions.Expect(page.ById("environment-row")).ToHaveCountAsync(1);
        var seen = await product.PageAsync("lead-payments");
        await seen.GotoAsync("/clusters/second");
        await seen.SeesAsync("cluster-nodes", "cores");
        await Assertions.Expect(seen.ById("cluster-test-run")).ToHaveCountAsync(0);

        // In the browser: first one that is none, then a right one.
        await page.GotoAsync("/clusters/second");
        await page.ById("kubeconfig").FillAsync("not: a kubeconfig");
        await page.ById("kubeconfig-submit").ClickAsync();
        await page.SeesAsync("kubeconfig-problems", "the old one stays");
        await page.ById("kubeconfig").FillAsync(kubeconfig + "\n# issued anew\n");
        await page.ById("kubeconfig-submit").ClickAsync();
        await page.SeesAsync("change-waits", "second administrator");
        await page.SeesAsync("why-not-decide", "another administrator");

        // The second administrator sees before and after, and decides.
        var other = await product.PageAsync("admin-2");
        await other.GotoAsync("/approvals");
        await other.ById("waiting-changes").GetByText("replace the kubeconfig of second").First.ClickAsync();
        await other.SeesAsync("change-table", own.BaseUrl.GetLeftPart(UriPartial.Authority));
        await other.ById("approve").ClickAsync();
        await other.SeesAsync("change-state", "In force");
        Assert.DoesNotContain("issued anew", await page.ContentAsync(), StringComparison.Ordinal);

        // It is the one that is used: what the first was kept under does not open any more.
        var change = (
            await lead.PostAsync(
                $"/api/v1/environments/{environment.Text("id")}/change",
                new
                {
                    spec = new
                    {
                        edition = "oss",
                        replicas = 2,
                        network = new { exposure = "internal" },
                    },
                }
            )
        ).Expect(HttpStatusCode.Created);
        await admin.AppliedAsync(await admin.ApproveAsync(change));
        Assert.Single(
            (await admin.GetAsync("/api/v1/audit?action=cluster.kubeconfig-replaced")).Expect(HttpStatusCode.OK)["items"]!.AsArray()
        );
    }
}
