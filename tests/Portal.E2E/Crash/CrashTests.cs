using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Secrets;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Crash;

/// <summary>kill -9 in the middle of the work, again and again: what was approved is done, once, and the history holds.</summary>
[Collection(ProductCollection.Name)]
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int WantedKills = 5;
    private const int MostRounds = 12;

    // Fixed, so that a failure can be repeated; the machine's own timing varies enough.
    private readonly Random random = new(20261123);

    [Fact]
    public async Task Portal_KilledAtAnyPoint_FinishesEveryOperationOnce()
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await using var portal = await PortalProcess.StartAsync(new PortalOptions
        {
            Kubeconfig = sandbox.Kubeconfig,
            // The work of a portal that was killed is taken up when its lease is over; the default would make this test long.
            Variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Portal__LeaseSeconds"] = "8" },
        });
        using var lead = new Api(await portal.ClientAsync("lead-payments"));
        using var admin = new Api(await portal.ClientAsync("admin-1"));

        var request = await lead.CreatedAsync(Proposals.Oss("payments-crash"));
        var environment = request.Text("environmentId");
        var approvals = 0;
        var kills = 0;
        while (true)
        {
            var approved = await admin.ApproveAsync(request);
            approvals++;
            kills += await KillAsync(portal, admin, approved.Text("operationId"));
            await admin.SucceededAsync(approved.Text("operationId"));
            if (kills >= WantedKills)
            {
                break;
            }

            Assert.True(approvals < MostRounds, $"only {kills} of {approvals} operations were caught at work");
            var change = new { spec = new { edition = "oss", settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["REQUEST_TIMEOUT"] = $"{10000 + approvals}" } } };
            request = (await lead.PostAsync($"/api/v1/environments/{environment}/change", change)).Expect(HttpStatusCode.Created);
        }

        var seen = await admin.HealthyAsync(environment);
        Assert.Equal("ready", seen.Text("state"));
        Assert.Equal(approvals.ToString(System.Globalization.CultureInfo.InvariantCulture), seen.Text("revision"));
        var history = await Cluster.HelmHistoryAsync(sandbox.Kubeconfig, seen.Text("namespace"), seen.Text("releaseName"));
        // Helm leaves the record of an upgrade that was cut off as it was; what counts is that the newest one, and only it, is deployed.
        Assert.True(history.Count(r => r!.Text("status") == "deployed") == 1 && history[^1]!.Text("status") == "deployed", history.ToJsonString());
        await HistoryHoldsAsync(portal, environment, approvals);
        using var client = new HttpClient();
        Assert.Contains("AI Gateway says hey!", await client.GetStringAsync(new Uri(seen.Text("endpoint"))), StringComparison.Ordinal);
    }

    // Kills while the operation is at work, up to twice, and starts the portal again; answers how often it was caught.
    private async Task<int> KillAsync(PortalProcess portal, Api admin, string operation)
    {
        var caught = 0;
        for (var i = 0; i < 2; i++)
        {
            await Task.Delay(random.Next(200, 3000));
            var before = (await admin.GetAsync($"/api/v1/operations/{operation}")).Expect(HttpStatusCode.OK);
            if (before.Text("state") is not ("queued" or "running"))
            {
                break;
            }

            await portal.Kill9Async();
            caught++;
            var step = before["steps"]!.AsArray().FirstOrDefault(s => s!.Text("state") == "running")?.Text("name") ?? "between steps";
            output.WriteLine($"killed at: {before.Text("state")}, {step}");
            await portal.RestartAsync();
        }

        return caught;
    }

    private static async Task HistoryHoldsAsync(PortalProcess portal, string environment, int approvals)
    {
        using var auditor = new Api(await portal.ClientAsync("auditor"));
        var rows = (await auditor.GetAsync($"/api/v1/audit?environment={environment}&limit=200")).Expect(HttpStatusCode.OK)["items"]!.AsArray();
        foreach (var action in (string[])["request.proposed", "request.approved", "environment.applied"])
        {
            Assert.True(rows.Count(r => r!.Text("action") == action) == approvals, $"{action}: {string.Join(' ', rows.Select(r => r!.Text("action")))}");
        }

        JsonNode verdict = (await auditor.GetAsync("/api/v1/audit/verify")).Expect(HttpStatusCode.OK);
        Assert.True(verdict.Text("intact") == "true", verdict.ToJsonString());
    }
}
