using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Secrets;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Crash;

/// <summary>kill -9 of the portal at named points of its work, and of Helm in the middle: what was approved is done, once, and the history holds.</summary>
[Collection(ProductCollection.Name)]
public sealed class CrashTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Portal_KilledAtEachPointOfItsWork_FinishesEveryOperationOnce()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        using var helm = new WatchedHelm();
        using var points = new ArmedFailpoints();
        await using var portal = await StartAsync(sandbox, helm, points);
        using var lead = new Api(await portal.ClientAsync("lead-payments"));
        using var admin = new Api(await portal.ClientAsync("admin-1"));

        var create = await lead.CreatedAsync(Proposals.Enterprise("payments-crash", "first-client-key"));
        var environment = create.Text("environmentId");
        await FinishAsync(portal, points, admin, create, "claim.before-commit", "claim.after-commit", "namespace.after", "secrets.after", "helm.started", "wait.before", "succeeded.before-commit");

        var change = (await lead.PostAsync($"/api/v1/environments/{environment}/change", Change("payments-crash"))).Expect(HttpStatusCode.Created);
        await FinishAsync(portal, points, admin, change, "started.before-commit", "guardrails.before", "helm.marked", "helm.after", "health.after", "succeeded.after-commit");

        await StoreSecretAsync(portal, environment, "second-client-key");
        var rotate = (await lead.PostAsync($"/api/v1/environments/{environment}/rotate", new { key = "PORTKEY_CLIENT_AUTH", reason = "yearly" })).Expect(HttpStatusCode.Created);
        await FinishAsync(portal, points, admin, rotate, "secrets.before", "retire.disabled", "release.before-commit");

        var seen = await admin.HealthyAsync(environment);
        Assert.Equal("ready", seen.Text("state"));
        Assert.Equal("3", seen.Text("revision"));
        var history = await Cluster.HelmHistoryAsync(sandbox.Kubeconfig, seen.Text("namespace"), seen.Text("releaseName"));
        // Helm leaves the record of an upgrade that was cut off as it was; what counts is that the newest one, and only it, is deployed.
        Assert.True(history.Count(r => r!.Text("status") == "deployed") == 1 && history[^1]!.Text("status") == "deployed", history.ToJsonString());

        var delete = (await lead.PostAsync($"/api/v1/environments/{environment}/delete", new { reason = "the project ended" })).Expect(HttpStatusCode.Created);
        await FinishAsync(portal, points, admin, delete, "uninstall.after", "remove-namespace.after", "release.after-commit");
        Assert.Equal("deleted", (await admin.EnvironmentAsync(environment)).Text("state"));
        var namespaces = await Cluster.KubectlAsync(sandbox.Kubeconfig, "get", "namespaces");
        Assert.DoesNotContain(namespaces["items"]!.AsArray(), n => n!["metadata"]!.Text("name") == seen.Text("namespace"));

        Assert.Empty(helm.Overlaps);
        await HistoryHoldsAsync(portal, environment, new() { ["request.proposed"] = 4, ["request.approved"] = 4, ["operation.started"] = 4, ["environment.applied"] = 3, ["environment.deleted"] = 1, ["operation.failed"] = 0 });
    }

    [Fact]
    public async Task Portal_HelmKilledInInstallAndUpgrade_EndsWithWhatWasApproved()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        using var helm = new WatchedHelm();
        using var points = new ArmedFailpoints();
        await using var portal = await StartAsync(sandbox, helm, points);
        using var lead = new Api(await portal.ClientAsync("lead-payments"));
        using var admin = new Api(await portal.ClientAsync("admin-1"));

        // Helm has stored its pending record and waits for the first object when it is killed.
        var create = await lead.CreatedAsync(Proposals.Oss("payments-helm"));
        var environment = create.Text("environmentId");
        await KilledAsync(create, "/api/v1/namespaces/payments-helm/serviceaccounts");
        var change = (await lead.PostAsync($"/api/v1/environments/{environment}/change", OssChange(20000))).Expect(HttpStatusCode.Created);
        await KilledAsync(change, "/apis/apps/v1/namespaces/payments-helm/deployments");
        Assert.Equal(2, helm.Kills.Count);

        var seen = await admin.HealthyAsync(environment);
        Assert.Equal("2", seen.Text("revision"));
        var history = await Cluster.HelmHistoryAsync(sandbox.Kubeconfig, seen.Text("namespace"), seen.Text("releaseName"));
        Assert.True(history.Count(r => r!.Text("status") == "deployed") == 1 && history[^1]!.Text("status") == "deployed", history.ToJsonString());
        Assert.Empty(helm.Overlaps);
        using var client = new HttpClient();
        Assert.Contains("AI Gateway says hey!", await client.GetStringAsync(new Uri(seen.Text("endpoint"))), StringComparison.Ordinal);
        await HistoryHoldsAsync(portal, environment, new() { ["request.approved"] = 2, ["operation.started"] = 2, ["environment.applied"] = 2, ["operation.failed"] = 0 });

        async Task KilledAsync(JsonNode request, string slowPath)
        {
            await sandbox.FaultAsync("slow", milliseconds: 6000, count: 1, slowPath);
            helm.KillNextAfter(TimeSpan.FromSeconds(2.5));
            await admin.SucceededAsync((await admin.ApproveAsync(request)).Text("operationId"));
        }
    }

    private static Task<PortalProcess> StartAsync(SandboxProcess sandbox, WatchedHelm helm, ArmedFailpoints points) => PortalProcess.StartAsync(new PortalOptions
    {
        Kubeconfig = sandbox.Kubeconfig,
        HelmPath = helm.Path,
        // The work of a portal that was killed is taken up when its lease is over; the default would make this test long.
        Variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Portal__LeaseSeconds"] = "3", ["Portal__FailpointsDirectory"] = points.Directory },
    });

    // Approves, and starts the portal again each time that it dies, until all points have fired and the operation has succeeded.
    private async Task FinishAsync(PortalProcess portal, ArmedFailpoints points, Api admin, JsonNode request, params string[] armed)
    {
        foreach (var point in armed)
        {
            points.Kill(point);
        }

        try
        {
            await admin.ApproveAsync(request);
        }
        catch (HttpRequestException)
        {
            output.WriteLine("the portal died before it could answer the approval"); // it is committed: the work has begun
        }

        var clock = Stopwatch.StartNew();
        while (points.Waiting.Count > 0)
        {
            await Eventually.TrueAsync(() => Task.FromResult(portal.HasExited), $"one of {string.Join(", ", points.Waiting)} is reached", TimeSpan.FromSeconds(60));
            output.WriteLine($"{request.Text("kind")}: killed {clock.Elapsed.TotalSeconds:0.0} s after the approval, still armed: {string.Join(", ", points.Waiting)}");
            await portal.RelaunchAsync(); // not waited for: the next point may come before it is ready
        }

        await portal.WaitReadyAsync();
        var id = (await admin.RequestAsync(request.Text("id"))).Text("operationId");
        await admin.SucceededAsync(id);
        var operation = (await admin.GetAsync($"/api/v1/operations/{id}")).Expect(HttpStatusCode.OK);
        Assert.All(operation["steps"]!.AsArray(), s => Assert.Equal("succeeded", s!.Text("state")));
    }

    private static object Change(string name) => new
    {
        spec = new
        {
            edition = "enterprise",
            settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666", ["SERVICE_NAME"] = name, ["REQUEST_TIMEOUT"] = "20000" },
            network = new { exposure = "internal" },
        },
    };

    private static object OssChange(int timeout) => new { spec = new { edition = "oss", settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["REQUEST_TIMEOUT"] = $"{timeout}" } } };

    private static async Task StoreSecretAsync(PortalProcess portal, string environment, string value)
    {
        using var client = await portal.ClientAsync("lead-payments");
        using var body = new StringContent(value, new MediaTypeHeaderValue("text/plain"));
        using var answer = await client.PutAsync($"/api/v1/environments/{environment}/secrets/PORTKEY_CLIENT_AUTH", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task HistoryHoldsAsync(PortalProcess portal, string environment, Dictionary<string, int> wanted)
    {
        using var auditor = new Api(await portal.ClientAsync("auditor"));
        var rows = (await auditor.GetAsync($"/api/v1/audit?environment={environment}&limit=200")).Expect(HttpStatusCode.OK)["items"]!.AsArray();
        foreach (var (action, count) in wanted)
        {
            Assert.True(rows.Count(r => r!.Text("action") == action) == count, $"{action}, {count} wanted: {string.Join(' ', rows.Select(r => r!.Text("action")))}");
        }

        JsonNode verdict = (await auditor.GetAsync("/api/v1/audit/verify")).Expect(HttpStatusCode.OK);
        Assert.True(verdict.Text("intact") == "true", verdict.ToJsonString());
    }
}
