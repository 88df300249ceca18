using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Support;

namespace Portkey.Portal.E2E.Secrets;

/// <summary>A secret that is known to the test goes to the cluster and is found nowhere else.</summary>
[Collection(ProductCollection.Name)]
public sealed class CanaryTests(Product product)
{
    [Fact]
    public async Task Secret_OfAnEnterpriseGateway_IsInTheClusterAndNowhereElse()
    {
        var canary = "canary-" + Guid.NewGuid().ToString("N");
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var frames = new ConcurrentQueue<byte[]>();
        var page = await product.PageAsync("lead-payments");
        page.WebSocket += (_, socket) =>
        {
            socket.FrameReceived += (_, frame) => frames.Enqueue(frame.Binary ?? Encoding.UTF8.GetBytes(frame.Text ?? ""));
            socket.FrameSent += (_, frame) => frames.Enqueue(frame.Binary ?? Encoding.UTF8.GetBytes(frame.Text ?? ""));
        };

        var answers = new List<string>();
        await using var spy = new HelmSpy();
        var request = await lead.CreatedAsync(Proposals.Enterprise("payments-canary", canary));
        answers.Add(request.ToJsonString());
        var approved = await admin.ApproveAsync(request);
        var id = approved.Text("environmentId");
        await page.GotoAsync($"/environments/{id}");
        var environment = await admin.AppliedAsync(approved);
        foreach (var tab in (string[])["settings", "secrets", "releases", "overview"])
        {
            await page.GotoAsync($"/environments/{id}?tab={tab}");
            await page.SettledAsync();
            answers.Add(await page.ContentAsync());
        }

        var processes = await spy.SeenAsync();
        Assert.True(spy.Processes > 0, "no helm process was seen");
        Assert.DoesNotContain(canary, processes, StringComparison.Ordinal);

        foreach (var path in (string[])[
            $"requests/{request.Text("id")}", $"requests/{request.Text("id")}/preview", "requests", $"environments/{id}", $"environments/{id}/revisions",
            $"environments/{id}/secrets", $"environments/{id}/findings", $"environments/{id}/operations", $"operations/{approved.Text("operationId")}",
            $"operations/{approved.Text("operationId")}/log", "audit?limit=200", "audit/export?format=csv", "audit/export?format=jsonl"])
        {
            var answer = await admin.GetAsync("/api/v1/" + path);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            answers.Add(answer.Body);
        }

        Assert.All(answers, a => Clean(a, canary));
        Assert.NotEmpty(frames);
        Assert.All(frames, f => Clean(Encoding.Latin1.GetString(f), canary));
        Clean(product.Portal.Log, canary);
        FilesAreClean(canary);
        await ClusterAsync(environment.Text("namespace"), canary);
    }

    // Everything of the portal on disk: database with its log, vault, logs, drafts.
    private void FilesAreClean(string canary)
    {
        var files = Directory.GetFiles(product.Portal.DataFolder, "*", SearchOption.AllDirectories);
        Assert.Contains(files, f => Path.GetFileName(f) == "portal.db");
        foreach (var file in files)
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            var text = reader.ReadToEnd();
            Assert.True(Spellings(canary).All(s => !text.Contains(s, StringComparison.Ordinal)), $"the secret is in {Path.GetFileName(file)}");
        }
    }

    private async Task ClusterAsync(string ns, string canary)
    {
        var all = (await Cluster.KubectlAsync(product.Sandbox.Kubeconfig, "get", "secret,configmap,deployment,pod,event", "-n", ns))["items"]!.AsArray();
        var releases = all.Where(s => s!.Text("type") == "helm.sh/release.v1").ToList();
        Assert.NotEmpty(releases);
        Assert.All(releases, s => Clean(Cluster.Release(s!["data"]!.Text("release")), canary));
        var holding = all.Where(s => s!.Text("kind") == "Secret" && s!["data"] is JsonObject data && data.Any(d => Decoded(d.Value!.ToString()) == canary)).ToList();
        var secret = Assert.Single(holding)!;
        Assert.Equal(canary, Decoded(secret!["data"]!.Text("PORTKEY_CLIENT_AUTH")));
        Assert.All(all.Where(o => !holding.Contains(o) && o!.Text("type") != "helm.sh/release.v1"), o => Clean(o!.ToJsonString(), canary));
    }

    private static string Decoded(string base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    private static void Clean(string text, string canary) => Assert.All(Spellings(canary), s => Assert.DoesNotContain(s, text, StringComparison.Ordinal));

    private static string[] Spellings(string canary) => [canary, Convert.ToBase64String(Encoding.UTF8.GetBytes(canary)), Convert.ToHexString(Encoding.UTF8.GetBytes(canary))];
}
