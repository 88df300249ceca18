using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.BadDays;

/// <summary>One team fills one cluster, or one cluster is silent: whoever has nothing to do with it goes on as if they were
/// alone.</summary>
[Collection(BadDaysCollection.Name)]
public sealed class FairSharesTests
{
    private const int Many = 6; // more than there are places

    [Fact]
    public async Task FullCluster_WithManyWaiting_HoldsUpNobodyElse_AndItsRemovalsGoFirst()
    {
        await using var world = await World.StartAsync();
        await world.SchedulingAsync("cordon");
        var waiting = new List<JsonNode>();
        for (var n = 0; n < Many; n++)
        {
            waiting.Add(await world.ApprovedAsync(world.Search, Proposals.Oss($"search-full-{n}", team: "search")));
        }

        await AllWaitAsync(world, waiting);

        // Sixty checks at once by the same person on top of it, and the others' work.
        var flood = Enumerable
            .Range(0, 60)
            .Select(n => world.Search.PostAsync("/api/v1/requests/check", Proposals.Oss($"search-check-{n}", team: "search")))
            .ToList();
        (await world.Payments.PostAsync("/api/v1/requests/check", Proposals.Oss("payments-check"))).Expect(HttpStatusCode.OK);
        Assert.Contains(flood, check => !check.IsCompleted);
        var elsewhere = await world.ApprovedAsync(world.Payments, OnSecond("payments-elsewhere"));
        var done = await world.Admin.SucceededAsync(elsewhere.Text("operationId"));
        AssertStartedAtOnce(done);
        Assert.All(
            await Task.WhenAll(flood),
            check => Assert.Contains(check.Status, new[] { HttpStatusCode.OK, HttpStatusCode.TooManyRequests })
        );
        await AllWaitAsync(world, waiting);

        // A removal is not behind what it makes room for, and who cancels does not wait either.
        var removal = (
            await world.Search.PostAsync($"/api/v1/environments/{waiting[0].Text("environmentId")}/delete", new { reason = "not needed" })
        ).Expect(HttpStatusCode.Created);
        await world.Admin.SucceededAsync((await world.Admin.ApproveAsync(removal)).Text("operationId"));
        var overtaken = await world.Admin.OperationAsync(waiting[0].Text("operationId"));
        Assert.Equal(("cancelled", "superseded"), (overtaken.Text("state"), overtaken.Text("errorCode")));
        (await world.Search.PostAsync($"/api/v1/operations/{waiting[1].Text("operationId")}/cancel", new { reason = "too long" })).Expect(
            HttpStatusCode.OK
        );
        Assert.Equal("cancelled", (await world.Admin.FinishedAsync(waiting[1].Text("operationId"))).Text("state"));
        await AllWaitAsync(world, waiting[2..]);

        // Room: each goes on where it was. Helm ran once, and the log tells of it once.
        await world.SchedulingAsync("uncordon");
        foreach (var request in waiting[2..])
        {
            var operation = await world.Admin.SucceededAsync(request.Text("operationId"));
            Assert.Equal("1", operation.Text("attempts"));
            await Eventually.AssertAsync(
                async () =>
                {
                    var log = (await world.Admin.GetAsync($"/api/v1/operations/{request.Text("operationId")}/log")).Body;
                    Assert.Equal((1, 1), (Count(log, "Its worker is free"), Count(log, "Resumed: ")));
                },
                "the log is written to its end"
            );
            var environment = await world.Admin.EnvironmentAsync(request.Text("environmentId"));
            Assert.Single(
                await Secrets.Cluster.HelmHistoryAsync(
                    world.First.Kubeconfig,
                    environment.Text("namespace"),
                    environment.Text("releaseName")
                )
            );
        }
    }

    [Fact]
    public async Task SilentCluster_WithManyTriedAgain_HoldsUpNobodyElse()
    {
        await using var world = await World.StartAsync();
        var environment = await world.Admin.AppliedAsync(await world.ApprovedAsync(world.Payments, OnSecond("payments-goes")));
        world.First.Pause();
        try
        {
            var tried = new List<JsonNode>();
            for (var n = 0; n < Many; n++)
            {
                tried.Add(await world.ApprovedAsync(world.Search, Proposals.Oss($"search-silent-{n}", team: "search")));
            }

            await Eventually.TrueAsync(
                async () =>
                    (await Task.WhenAll(tried.Select(t => world.Admin.OperationAsync(t.Text("operationId"))))).All(o =>
                        o["attempts"]!.GetValue<int>() >= 2
                    ),
                "each was tried twice",
                TimeSpan.FromSeconds(60)
            );
            var removal = (
                await world.Payments.PostAsync($"/api/v1/environments/{environment.Text("id")}/delete", new { reason = "not needed" })
            ).Expect(HttpStatusCode.Created);
            AssertStartedAtOnce(await world.Admin.SucceededAsync((await world.Admin.ApproveAsync(removal)).Text("operationId")));
        }
        finally
        {
            world.First.Resume();
        }
    }

    // One poll is two seconds, and what is approved in the same process is begun without one; the rest is for a machine that is busy.
    private static void AssertStartedAtOnce(JsonNode operation) =>
        Assert.InRange(Time(operation, "startedAt") - Time(operation, "createdAt"), TimeSpan.Zero, TimeSpan.FromSeconds(10));

    private static DateTime Time(JsonNode operation, string field) =>
        DateTime.Parse(
            operation.Text(field),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal
        );

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private static JsonNode OnSecond(string name)
    {
        var proposal = System.Text.Json.JsonSerializer.SerializeToNode(Proposals.Oss(name))!;
        proposal["cluster"] = "second";
        return proposal;
    }

    private static Task AllWaitAsync(World world, IEnumerable<JsonNode> requests) =>
        Eventually.AssertAsync(
            async () =>
                Assert.All(
                    await Task.WhenAll(requests.Select(r => world.Admin.OperationAsync(r.Text("operationId")))),
                    o =>
                    {
                        Assert.Equal("queued", o.Text("state"));
                        Assert.StartsWith("pods: ", o.Text("waitingFor"), StringComparison.Ordinal);
                    }
                ),
            "all wait for room",
            TimeSpan.FromSeconds(90)
        );

    private sealed class World(SandboxProcess first, SandboxProcess second, PortalProcess portal, Api search, Api payments, Api admin)
        : IAsyncDisposable
    {
        public SandboxProcess First => first;

        public Api Search => search;

        public Api Payments => payments;

        public Api Admin => admin;

        public static async Task<World> StartAsync()
        {
            var (first, second) = (await SandboxProcess.StartAsync(), await SandboxProcess.StartAsync());
            var portal = await PortalProcess.StartAsync(
                new PortalOptions
                {
                    Kubeconfig = first.Kubeconfig,
                    Variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Portal__RolloutTimeoutSeconds"] = "600" },
                }
            );
            var search = await portal.ClientAsync("lead-search");
            search.Timeout = TimeSpan.FromMinutes(5); // what is sent at once takes its turn
            var world = new World(
                first,
                second,
                portal,
                new Api(search),
                new Api(await portal.ClientAsync("lead-payments")),
                new Api(await portal.ClientAsync("admin-1"))
            );
            (
                await world.Admin.PostAsync(
                    "/api/v1/clusters",
                    new { name = "second", kubeconfig = await File.ReadAllTextAsync(second.Kubeconfig) }
                )
            ).Expect(HttpStatusCode.Created);
            return world;
        }

        public async Task<JsonNode> ApprovedAsync(Api lead, object proposal) => await admin.ApproveAsync(await lead.CreatedAsync(proposal));

        public async Task SchedulingAsync(string verb)
        {
            foreach (var n in Enumerable.Range(1, 3))
            {
                await Secrets.Cluster.RunAsync(Tools.Kubectl, first.Kubeconfig, verb, $"sandbox-node-{n}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            search.Dispose();
            payments.Dispose();
            admin.Dispose();
            await portal.DisposeAsync();
            await first.DisposeAsync();
            await second.DisposeAsync();
        }
    }
}
