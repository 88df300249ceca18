using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.BadDays;

/// <summary>The disk of the database, vault and Helm's folders is full: it is said, nothing is half done, and all goes on when there is
/// room.</summary>
[Collection(BadDaysCollection.Name)]
public sealed class FullDiskTests(BadDaysProduct product)
{
    private const int MostProposals = 60;

    [Fact]
    public async Task DataFolder_Full_RefusesWithWordsAndGoesOnWhenThereIsRoom()
    {
        await using var disk = await TinyDisk.MountAsync(24);
        await using var portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                DataFolder = disk.Data,
                Kubeconfig = product.Sandbox.Kubeconfig,
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["Portal__LeaseSeconds"] = "8",
                    ["Portal__HealthIntervalSeconds"] = "3",
                },
            }
        );
        using var lead = new Api(await portal.ClientAsync("lead-payments"));
        using var admin = new Api(await portal.ClientAsync("admin-1"));
        using var auditor = new Api(await portal.ClientAsync("auditor"));
        var waiting = await lead.CreatedAsync(Proposals.Oss("payments-waits"));
        var atWork = await admin.ApproveAsync(await lead.CreatedAsync(Proposals.Oss("payments-at-work")));
        await Eventually.TrueAsync(
            async () => (await admin.OperationAsync(atWork.Text("operationId"))).Text("state") == "running",
            "the operation is at work"
        );

        await disk.FillAsync();
        var (key, refused, made) = await UntilRefusedAsync(lead);
        var problem = refused.ExpectProblem(HttpStatusCode.InsufficientStorage);
        Assert.Equal("storage-full", problem.Text("code"));
        Assert.Contains("disk is full", problem.Text("detail"), StringComparison.Ordinal);
        var decision = new { digest = waiting.Text("digest"), reason = "go" };
        Assert.Equal(
            "storage-full",
            (await admin.PostAsync($"/api/v1/requests/{waiting.Text("id")}/approve", decision))
                .ExpectProblem(HttpStatusCode.InsufficientStorage)
                .Text("code")
        );
        var secret = await lead.PostAsync("/api/v1/requests", Proposals.Enterprise("payments-secretive", "not-a-real-key"));
        Assert.Equal("storage-full", secret.ExpectProblem(HttpStatusCode.InsufficientStorage).Text("code"));

        // What can be read, is read; nothing of what was refused is there.
        Assert.Equal("pending", (await lead.RequestAsync(waiting.Text("id"))).Text("state"));
        var rows = (await lead.GetAsync("/api/v1/requests?limit=200")).Expect(HttpStatusCode.OK)["items"]!.AsArray();
        Assert.Equal(made + 2, rows.Count);
        var history = (await auditor.GetAsync("/api/v1/audit?action=request.proposed&limit=200")).Expect(HttpStatusCode.OK)[
            "items"
        ]!.AsArray();
        Assert.Equal(made + 2, history.Count);
        Assert.Single(
            (await auditor.GetAsync("/api/v1/audit?action=request.approved&limit=200")).Expect(HttpStatusCode.OK)["items"]!.AsArray()
        );
        (await lead.GetAsync("/healthz/ready")).Expect(HttpStatusCode.OK);
        await Task.Delay(TimeSpan.FromSeconds(9)); // a lease's length and more, so that the operation loses its own

        disk.Free();
        await admin.AppliedAsync(await admin.RequestAsync(atWork.Text("id")));
        var again = await lead.PostAsync("/api/v1/requests", Proposal(made), key);
        Assert.Equal($"payments-n{made}", again.Expect(HttpStatusCode.Created).Text("environmentName"));
        await admin.AppliedAsync(
            (await admin.PostAsync($"/api/v1/requests/{waiting.Text("id")}/approve", decision)).Expect(HttpStatusCode.OK)
        );
        await lead.CreatedAsync(Proposals.Enterprise("payments-secretive", "not-a-real-key"));

        var applied = (await auditor.GetAsync("/api/v1/audit?action=environment.applied&limit=200")).Expect(HttpStatusCode.OK)[
            "items"
        ]!.AsArray();
        Assert.Equal(2, applied.Count);
        var verdict = (await auditor.GetAsync("/api/v1/audit/verify")).Expect(HttpStatusCode.OK);
        Assert.True(verdict.Text("intact") == "true", verdict.ToJsonString());

        await portal.RestartAsync();
        await admin.HealthyAsync(atWork.Text("environmentId"));
    }

    // SQLite has some room of its own in files that it holds already, so a few more may go in.
    private static async Task<(string Key, Answer Refused, int Made)> UntilRefusedAsync(Api lead)
    {
        for (var made = 0; made < MostProposals; made++)
        {
            var key = Guid.NewGuid().ToString();
            var answer = await lead.PostAsync("/api/v1/requests", Proposal(made), key);
            if (answer.Status != HttpStatusCode.Created)
            {
                return (key, answer, made);
            }
        }

        throw new InvalidOperationException($"{MostProposals} requests went onto a full disk");
    }

    private static object Proposal(int number) => Proposals.Oss($"payments-n{number}");
}
