using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Data;

namespace Portkey.Portal.Tests.Features.Environments;

/// <summary>Host names and namespaces that are somebody else's.</summary>
public sealed class EndpointApiTests(PortalHost host) : IClassFixture<PortalHost>, IAsyncLifetime
{
    private HttpClient payments = null!;
    private HttpClient search = null!;
    private HttpClient admin = null!;

    public async ValueTask InitializeAsync() =>
        (payments, search, admin) = (
            await host.ClientAsync("lead-payments"),
            await host.ClientAsync("lead-search"),
            await host.ClientAsync("admin-1")
        );

    public ValueTask DisposeAsync()
    {
        payments.Dispose();
        search.Dispose();
        admin.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Propose_HostOfAnotherTeam_IsRefusedByFieldAndNamesItsEnvironmentToThoseAloneWhoMaySeeIt()
    {
        await MadeAsync(payments, Body("payments", "hidden-one", "taken.example.com"));
        var body = Body("search", "wants-it", "taken.example.com");
        var problem = await (await ProposeAsync(search, body)).ProblemAsync(400, "invalid");
        Assert.Contains(
            "taken on sandbox by another environment",
            (string)problem["errors"]!["spec.network.host"]![0]!,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain("hidden", problem.ToJsonString(), StringComparison.Ordinal);

        var check = await (await search.PostAsync("/api/v1/requests/check", HttpText.Json(body))).NodeAsync();
        Assert.Equal("spec.network.host", (string?)Assert.Single(check["problems"]!.AsArray())!["field"]);
        problem = await (await ProposeAsync(admin, body)).ProblemAsync(400, "invalid");
        Assert.Contains("by environment hidden-one", (string)problem["errors"]!["spec.network.host"]![0]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Propose_McpHostOfAnotherTeam_IsRefusedByField()
    {
        await MadeAsync(payments, Body("payments", "has-mcp-name", "mcp.taken.example.com"));
        var body = Body("search", "wants-mcp-name", "own.example.com");
        body["spec"]!["edition"] = "enterprise";
        body["spec"]!["settings"] = new JsonObject
        {
            ["SERVER_MODE"] = "all",
            ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666",
            ["SERVICE_NAME"] = "mcp",
            ["CACHE_STORE"] = "redis",
        };
        body["spec"]!["secrets"] = new JsonObject { ["PORTKEY_CLIENT_AUTH"] = "client-key" };
        body["spec"]!["network"]!["mcpHost"] = "mcp.taken.example.com";
        var problem = await (await ProposeAsync(search, body)).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]!["spec.network.mcpHost"]);

        // And the other way round: what MCP has is no gateway's.
        body["spec"]!["network"]!["mcpHost"] = "mcp.free.example.com";
        await MadeAsync(search, body);
        problem = await (await ProposeAsync(payments, Body("payments", "wants-free", "mcp.free.example.com"))).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]!["spec.network.host"]);
    }

    [Fact]
    public async Task Propose_OneHostManyTimesAtOnce_IsOneRequest()
    {
        var answers = await Task.WhenAll(
            Enumerable
                .Range(0, 6)
                .Select(i =>
                    ProposeAsync(
                        i % 2 == 0 ? payments : search,
                        Body(i % 2 == 0 ? "payments" : "search", $"raced-{i}", "raced.example.com")
                    )
                )
        );
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        foreach (var answer in answers.Where(a => a.StatusCode != HttpStatusCode.Created))
        {
            Assert.NotNull((await answer.ProblemAsync(400, "invalid"))["errors"]!["spec.network.host"]);
        }
    }

    [Theory]
    [InlineData("reject")]
    [InlineData("cancel")]
    public async Task Host_OfARequestThatIsNotApproved_IsFreeAgain(string verb)
    {
        var made = await MadeAsync(payments, Body("payments", $"{verb}-one", $"{verb}.example.com"));
        await (await ProposeAsync(search, Body("search", $"{verb}-two", $"{verb}.example.com"))).ProblemAsync(400);
        await DecideAsync(verb == "cancel" ? payments : admin, made, verb);
        await MadeAsync(search, Body("search", $"{verb}-two", $"{verb}.example.com"));
    }

    [Fact]
    public async Task Change_OfItsOwnEnvironment_KeepsItsHost_AndARefusedOneGivesBackOnlyTheNew()
    {
        var environment = await ApprovedAsync(Body("payments", "keeps", "keeps.example.com"));
        var same = Body("payments", "keeps", "keeps.example.com")["spec"]!.DeepClone();
        same["ttlHours"] = 24;
        await DecideAsync(
            admin,
            await MadeAsync(payments, new JsonObject { ["spec"] = same }, $"environments/{environment}/change"),
            "reject"
        );
        await (await ProposeAsync(search, Body("search", "wants-keeps", "keeps.example.com"))).ProblemAsync(400);

        var other = Body("payments", "keeps", "keeps-new.example.com")["spec"]!.DeepClone();
        await DecideAsync(
            admin,
            await MadeAsync(payments, new JsonObject { ["spec"] = other }, $"environments/{environment}/change"),
            "reject"
        );
        await (await ProposeAsync(search, Body("search", "wants-keeps", "keeps.example.com"))).ProblemAsync(400);
        await MadeAsync(search, Body("search", "wants-new", "keeps-new.example.com"));
    }

    [Fact]
    public async Task Approve_RequestWhoseHostIsAnothersByNow_Is409AndItStillWaits()
    {
        var made = await MadeAsync(payments, Body("payments", "lost-it", "lost.example.com"));
        await using (var db = await DbAsync())
        {
            // As after a restore of an older database, or a row changed by hand.
            await db.EndpointClaims.Where(c => c.Value == "lost.example.com").ExecuteDeleteAsync();
            var cluster = await db.Clusters.FirstAsync();
            db.EndpointClaims.Add(
                new EndpointClaim
                {
                    ClusterId = cluster.Id,
                    Kind = EndpointKind.Host,
                    Value = "*.example.com",
                    EnvironmentId = Guid.NewGuid(),
                    ChangeRequestId = Guid.NewGuid(),
                    At = DateTime.UtcNow,
                }
            );
            await db.SaveChangesAsync();
        }

        try
        {
            var problem = await (
                await admin.PostAsync(
                    $"/api/v1/requests/{made["id"]}/approve",
                    HttpText.Json(new JsonObject { ["digest"] = $"{made["digest"]}" })
                )
            ).ProblemAsync(409, "endpoint-taken");
            Assert.Contains("lost.example.com", (string)problem["detail"]!, StringComparison.Ordinal);
            Assert.Equal("pending", (string?)(await (await payments.GetAsync($"/api/v1/requests/{made["id"]}")).NodeAsync())["state"]);
        }
        finally
        {
            await using var db = await DbAsync();
            await db.EndpointClaims.Where(c => c.Value == "*.example.com").ExecuteDeleteAsync();
        }
    }

    [Fact]
    public async Task Rollback_ToARevisionWhoseHostIsAnothersByNow_IsRefused()
    {
        var environment = await ApprovedAsync(Body("payments", "moves", "moves-old.example.com"));
        await AppliedAsync(environment, 1);
        var change = await MadeAsync(
            payments,
            new JsonObject { ["spec"] = Body("payments", "moves", "moves-new.example.com")["spec"]!.DeepClone() },
            $"environments/{environment}/change"
        );
        await DecideAsync(admin, change, "approve");
        await (await ProposeAsync(search, Body("search", "wants-old", "moves-old.example.com"))).ProblemAsync(400); // it still runs
        await AppliedAsync(environment, 2);

        await MadeAsync(search, Body("search", "wants-old", "moves-old.example.com"));
        var problem = await (
            await payments.PostAsync($"/api/v1/environments/{environment}/rollback", HttpText.Json("""{"revision":1}"""))
        ).ProblemAsync(400, "invalid");
        Assert.Contains("moves-old.example.com", (string)problem["errors"]!["revision"]![0]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Propose_NamespaceOfTheSystem_IsRefusedByName()
    {
        await using (var db = await DbAsync())
        {
            db.Teams.Add(new Team { Name = "kube", DisplayName = "Kube" });
            await db.SaveChangesAsync();
        }

        var problem = await (await ProposeAsync(admin, Body("kube", "kube-system", null))).ProblemAsync(400, "invalid");
        Assert.Contains("kube-system", (string)problem["errors"]!["name"]![0]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_ChartWhoseImageFloats_IsRefusedByContainer()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var templates = folder.CreateSubdirectory("templates");
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "Chart.yaml"),
                "apiVersion: v2\nname: floats\nversion: 0.1.0\nappVersion: \"1.15.2\"\n"
            );
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "values.yaml"), "{}\n");
            await File.WriteAllTextAsync(
                Path.Combine(templates.FullName, "all.yaml"),
                """
                apiVersion: apps/v1
                kind: Deployment
                metadata: {name: floating, namespace: "{{ .Release.Namespace }}"}
                spec:
                  selector: {matchLabels: {a: b}}
                  template:
                    metadata: {labels: {a: b}}
                    spec:
                      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
                      containers: [{name: gateway, image: "docker.io/portkeyai/gateway:latest", securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}]
                """
            );
            var body = new JsonObject
            {
                ["source"] = "directory",
                ["location"] = folder.FullName,
                ["edition"] = "oss",
            };
            var problem = await (await admin.PostAsync("/api/v1/charts", HttpText.Json(body))).ProblemAsync(400, "invalid");
            Assert.Contains(
                "Deployment floating, container gateway: image 'docker.io/portkeyai/gateway:latest'",
                (string)problem["errors"]!["location"]![0]!,
                StringComparison.Ordinal
            );
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static JsonObject Body(string team, string name, string? ingressHost)
    {
        var body = PortalHost.Create(name);
        body["team"] = team;
        if (ingressHost is not null)
        {
            body["spec"]!["network"] = new JsonObject { ["exposure"] = "ingress", ["host"] = ingressHost };
        }

        return body;
    }

    private static Task<HttpResponseMessage> ProposeAsync(HttpClient client, JsonObject body, string path = "requests") =>
        client.PostAsync("/api/v1/" + path, HttpText.Json(body));

    private static async Task<JsonNode> MadeAsync(HttpClient client, JsonObject body, string path = "requests")
    {
        var answer = await ProposeAsync(client, body, path);
        Assert.True(answer.StatusCode == HttpStatusCode.Created, await answer.Content.ReadAsStringAsync());
        return await answer.NodeAsync();
    }

    private static async Task DecideAsync(HttpClient client, JsonNode made, string verb)
    {
        var answer = await client.PostAsync(
            $"/api/v1/requests/{made["id"]}/{verb}",
            HttpText.Json(new JsonObject { ["digest"] = $"{made["digest"]}", ["reason"] = "decided" })
        );
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private async Task<string> ApprovedAsync(JsonObject body)
    {
        var made = await MadeAsync(payments, body);
        await DecideAsync(admin, made, "approve");
        return (string)made["environmentId"]!;
    }

    private async Task<PortalDbContext> DbAsync() =>
        await host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();

    // What a worker does when it has applied a revision; none runs here.
    private async Task AppliedAsync(string environment, int revision)
    {
        await using var db = await DbAsync();
        var row = await db.Environments.AsTracking().FirstAsync(e => e.Id == Guid.Parse(environment));
        row.AppliedRevision = revision;
        row.MoveTo(EnvironmentState.Ready);
        (await db.Revisions.AsTracking().FirstAsync(r => r.EnvironmentId == row.Id && r.Number == revision)).AppliedAt = DateTime.UtcNow;
        await db
            .EndpointClaims.Where(c =>
                c.EnvironmentId == row.Id && db.ChangeRequests.Any(r => r.Id == c.ChangeRequestId && r.BaseRevision < revision - 1)
            )
            .ExecuteDeleteAsync();
        await db.SaveChangesAsync();
    }
}
