using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Secrets;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Crash.Tests;

/// <summary>One environment as its team knows it: what it was told would happen.</summary>
public sealed class LedgerEntry
{
    public required string Name { get; init; }

    /// <summary>Known from the first answer on.</summary>
    public string Id { get; set; } = "";

    /// <summary>Revision that was approved last.</summary>
    public int Revision { get; set; }

    /// <summary>The value of REQUEST_TIMEOUT in that revision, which must be what runs.</summary>
    public int Timeout { get; set; }

    public bool Deleted { get; set; }

    /// <summary>Requests that were acknowledged, by id.</summary>
    public List<string> Requests { get; } = [];
}

/// <summary>
/// The client's side of the story. It writes down what the portal acknowledged, and afterwards asks portal and cluster whether all of it
/// happened, once each.
/// </summary>
public sealed class Ledger(CrashWorld world) : IDisposable
{
    private static readonly string[] OnceEach =
    [
        "request.proposed",
        "request.approved",
        "operation.started",
        "environment.applied",
        "environment.deleted",
        "operation.failed",
        "operation.cancelled",
    ];

    private static int numbers;

    private Api? lead;
    private Api? admin;

    public List<LedgerEntry> Environments { get; } = [];

    public Api Admin => admin!;

    private Api Lead => lead!;

    /// <summary>Signs in at the first portal, or at that one.</summary>
    public async Task SignInAsync(PortalProcess? portal = null)
    {
        Dispose();
        lead = new Api(
            await Eventually.GetAsync(
                async () => (HttpClient?)await (portal ?? world.First.Portal).ClientAsync("lead-payments"),
                "the lead is signed in"
            )
        );
        admin = new Api(
            await Eventually.GetAsync(
                async () => (HttpClient?)await (portal ?? world.First.Portal).ClientAsync("admin-1"),
                "the administrator is signed in"
            )
        );
    }

    /// <summary>Asks for a new environment and approves it.</summary>
    public async Task<LedgerEntry> CreateAsync()
    {
        var entry = new LedgerEntry { Name = $"payments-crash-{Interlocked.Increment(ref numbers)}", Timeout = 10000 };
        await ProposedAsync(
            entry,
            "/api/v1/requests",
            new
            {
                kind = "create",
                team = "payments",
                name = entry.Name,
                cluster = "sandbox",
                profile = "dev",
                reason = "for the checkout",
                spec = Spec(
                    entry,
                    secrets: new Dictionary<string, string>(StringComparer.Ordinal) { ["PORTKEY_CLIENT_AUTH"] = "first-client-key" }
                ),
            }
        );
        Environments.Add(entry);
        return entry;
    }

    public Task ChangeAsync(LedgerEntry entry, string? imageTag = null)
    {
        entry.Timeout++;
        return ProposedAsync(entry, $"/api/v1/environments/{entry.Id}/change", new { spec = Spec(entry, imageTag) });
    }

    public async Task RotateAsync(LedgerEntry entry, PortalProcess portal)
    {
        using (var client = await portal.ClientAsync("lead-payments"))
        {
            using var body = new StringContent($"client-key-{Guid.NewGuid():N}", new MediaTypeHeaderValue("text/plain"));
            using var answer = await client.PutAsync($"/api/v1/environments/{entry.Id}/secrets/PORTKEY_CLIENT_AUTH", body);
            Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        }

        await ProposedAsync(entry, $"/api/v1/environments/{entry.Id}/rotate", new { key = "PORTKEY_CLIENT_AUTH", reason = "yearly" });
    }

    public Task DeleteAsync(LedgerEntry entry)
    {
        entry.Deleted = true;
        return ProposedAsync(entry, $"/api/v1/environments/{entry.Id}/delete", new { reason = "the project ended" });
    }

    /// <summary>Waits for the end of the newest operation; answers with it.</summary>
    public async Task<JsonNode> EndedAsync(LedgerEntry entry, string wanted = "succeeded", TimeSpan? limit = null)
    {
        try
        {
            return
                await Eventually.GetAsync(
                    async () =>
                    {
                        var operation = await OperationAsync(entry);
                        return operation.Text("state") is "succeeded" or "failed" or "cancelled"
                            ? operation
                            : throw new InvalidOperationException(operation.ToJsonString());
                    },
                    $"the operation of {entry.Name} ends",
                    limit ?? TimeSpan.FromSeconds(120)
                )
                    is var ended
                && ended.Text("state") == wanted
                ? ended
                : throw new InvalidOperationException($"{wanted} wanted: {ended.ToJsonString()}");
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            throw new InvalidOperationException($"{e.Message}\n{world.Logs()}", e);
        }
    }

    /// <summary>The same, noting how long after the last fault it was.</summary>
    public async Task RecoveredAsync(LedgerEntry entry, string fault, TimeSpan? limit = null)
    {
        var clock = Stopwatch.StartNew();
        await EndedAsync(entry, limit: limit ?? CrashWorld.RecoveryLimit);
        world.Report.Recovered(fault, clock.Elapsed);
    }

    public async Task<JsonNode> OperationAsync(LedgerEntry entry)
    {
        var request = await Admin.RequestAsync(entry.Requests[^1]);
        return (await Admin.GetAsync($"/api/v1/operations/{request.Text("operationId")}")).Expect(HttpStatusCode.OK);
    }

    /// <summary>Whether everything that was acknowledged is there, is what runs, and happened once.</summary>
    public async Task HoldsAsync()
    {
        foreach (var entry in Environments)
        {
            await HoldsAsync(entry);
        }

        Assert.Empty(world.Helm.Overlaps);
        var verdict = (await Admin.GetAsync("/api/v1/audit/verify")).Expect(HttpStatusCode.OK);
        Assert.True(verdict.Text("intact") == "true", verdict.ToJsonString());
    }

    /// <summary>Whether the revision with that REQUEST_TIMEOUT is what the cluster holds.</summary>
    public async Task ServesAsync(LedgerEntry entry, int timeout)
    {
        var seen = await Admin.EnvironmentAsync(entry.Id);
        var objects = await E2E.Secrets.Cluster.KubectlAsync(
            world.Cluster.AdminKubeconfig,
            "get",
            "deployments,configmaps",
            "-n",
            seen.Text("namespace")
        );
        Assert.Contains($"\"{timeout}\"", objects.ToJsonString(), StringComparison.Ordinal);
    }

    public void Dispose()
    {
        lead?.Dispose();
        admin?.Dispose();
    }

    private async Task HoldsAsync(LedgerEntry entry)
    {
        var seen = await Admin.EnvironmentAsync(entry.Id);
        Assert.Equal(entry.Deleted ? "deleted" : "ready", seen.Text("state"));
        foreach (var id in entry.Requests)
        {
            Assert.NotEmpty((await Admin.RequestAsync(id)).Text("operationId"));
        }

        var rows = await AuditAsync(entry.Id);
        foreach (
            var group in rows.Where(r => OnceEach.Contains(r.Text("action"), StringComparer.Ordinal))
                .GroupBy(r => (Action: r.Text("action"), Object: r.Text("targetId")))
        )
        {
            Assert.True(group.Count() == 1, $"{entry.Name}: {group.Count()} rows of {group.Key}");
        }

        Assert.Equal(entry.Requests.Count, rows.Count(r => r.Text("action") == "request.approved"));
        Assert.Equal(
            entry.Requests.Count,
            rows.Count(r => r.Text("action") is "environment.applied" or "environment.deleted" or "operation.failed")
        );
        if (entry.Deleted)
        {
            var namespaces = await E2E.Secrets.Cluster.KubectlAsync(world.Cluster.AdminKubeconfig, "get", "namespaces");
            Assert.DoesNotContain(namespaces["items"]!.AsArray(), n => n!["metadata"]!.Text("name") == seen.Text("namespace"));
            return;
        }

        Assert.Equal($"{entry.Revision}", seen.Text("revision"));
        var history = await E2E.Secrets.Cluster.HelmHistoryAsync(
            world.Cluster.AdminKubeconfig,
            seen.Text("namespace"),
            seen.Text("releaseName")
        );
        Assert.True(
            history.Count(r => r!.Text("status") == "deployed") == 1 && history[^1]!.Text("status") == "deployed",
            history.ToJsonString()
        );
        await ServesAsync(entry, entry.Timeout);
    }

    private async Task<List<JsonNode>> AuditAsync(string environment)
    {
        var rows = new List<JsonNode>();
        for (var cursor = ""; ;)
        {
            var page = (await Admin.GetAsync($"/api/v1/audit?environment={environment}&limit=200{cursor}")).Expect(HttpStatusCode.OK);
            rows.AddRange(page["items"]!.AsArray().Select(r => r!));
            if (page.Text("next") is not { Length: > 0 } next)
            {
                return rows;
            }

            cursor = $"&cursor={Uri.EscapeDataString(next)}";
        }
    }

    // Repeats with the same key until it is acknowledged, as a client should that got no answer.
    private async Task ProposedAsync(LedgerEntry entry, string path, object body)
    {
        var key = Guid.NewGuid().ToString();
        var request = await AcknowledgedAsync(async () =>
        {
            var answer = await Lead.PostAsync(path, body, key);
            Assert.True((int)answer.Status is 200 or 201 || (int)answer.Status >= 500, $"{path}: {(int)answer.Status} {answer.Body}");
            return (int)answer.Status < 300 ? answer.Json : throw new HttpRequestException(answer.Body);
        });
        entry.Id = request.Text("environmentId");
        entry.Requests.Add(request.Text("id"));
        await AcknowledgedAsync(async () =>
        {
            var now = Answered(await Admin.GetAsync($"/api/v1/requests/{request.Text("id")}"));
            return Answered(
                await Admin.PostAsync(
                    $"/api/v1/requests/{request.Text("id")}/approve",
                    new { digest = now.Text("digest"), reason = "looks right" }
                )
            );
        });
        entry.Revision += entry.Deleted ? 0 : 1;
    }

    // What the portal could not do at this moment is asked for again, as its answer says.
    private static JsonNode Answered(Answer answer) =>
        (int)answer.Status < 500 ? answer.Expect(HttpStatusCode.OK) : throw new HttpRequestException(answer.Body);

    private async Task<JsonNode> AcknowledgedAsync(Func<Task<JsonNode>> ask)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && tries < 60)
            {
                // a process that was killed a moment ago may not be seen as gone yet
                await Task.Delay(300, TestContext.Current.CancellationToken);
                if (world.First.Portal.HasExited)
                {
                    world.Report.Count("portal killed at a failpoint", world.Database);
                    await world.First.Portal.RelaunchAsync();
                    try
                    {
                        await world.First.Portal.WaitReadyAsync();
                    }
                    catch (InvalidOperationException)
                    {
                        // Killed again, before it was ready.
                    }
                }
            }
        }
    }

    private static object Spec(LedgerEntry entry, string? imageTag = null, Dictionary<string, string>? secrets = null) =>
        new
        {
            edition = "enterprise",
            settings = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666",
                ["SERVICE_NAME"] = entry.Name,
                ["REQUEST_TIMEOUT"] = $"{entry.Timeout}",
            },
            secrets = secrets ?? [],
            network = new { exposure = "internal" },
            imageTag,
        };
}
