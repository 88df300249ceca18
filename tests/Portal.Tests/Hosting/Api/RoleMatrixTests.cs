using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Data;

namespace Portkey.Portal.Tests.Hosting.Api;

/// <summary>One environment and one open request of team payments, for all cases.</summary>
public sealed class PaymentsWorld : IAsyncLifetime
{
    public PortalHost Host { get; } = new();

    public IReadOnlyDictionary<string, string> Ids { get; private set; } = new Dictionary<string, string>();

    public async ValueTask InitializeAsync()
    {
        var (lead, admin) = (await Host.ClientAsync("lead-payments"), await Host.ClientAsync("admin-1"));
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("matrix")))).NodeAsync();
        var approved = await (
            await admin.PostAsync(
                $"/api/v1/requests/{made["id"]}/approve",
                HttpText.Json(new JsonObject { ["digest"] = (string)made["digest"]!, ["reason"] = "ok" })
            )
        ).NodeAsync();
        var open = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create("open")))).NodeAsync();
        await lead.PutAsync($"/api/v1/environments/{made["environmentId"]}/secrets/REDIS_URL", new StringContent("redis://cache:6379"));
        var credential = (await (await lead.GetAsync("/api/v1/credentials")).NodeAsync())["items"]![0]!;
        Ids = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["env"] = (string)made["environmentId"]!,
            ["op"] = (string)approved["operationId"]!,
            ["req"] = (string)open["id"]!,
            ["cred"] = (string)credential["id"]!,
            ["rot"] = await RotationAsync(made),
            ["orphan"] = await OrphanAsync(),
            ["ses"] = await SessionAsync(lead),
            ["chg"] = await ChangeAsync(GovernanceState.Pending),
            ["old"] = await ChangeAsync(GovernanceState.Cancelled),
            ["evt"] = (await (await lead.GetAsync($"/api/v1/audit?environment={made["environmentId"]}")).NodeAsync())["items"]![0]![
                "id"
            ]!.ToJsonString(),
            ["chart"] = (string)(await (await lead.GetAsync("/api/v1/charts")).NodeAsync())["items"]![0]!["id"]!,
        };
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    // One that is not left over, so that nobody can remove it.
    private async Task<string> OrphanAsync()
    {
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        var anomaly = new SecretAnomaly
        {
            Kind = SecretAnomalyKind.Missing,
            VaultName = "env-matrix",
            VaultVersion = "1",
            Detail = "It is missing.",
            Since = DateTime.UtcNow,
        };
        db.Add(anomaly);
        await db.SaveChangesAsync();
        return anomaly.Id.ToString();
    }

    private async Task<string> SessionAsync(HttpClient lead)
    {
        (await Host.BrowserAsync("lead-payments")).Dispose();
        return (string)(await (await lead.GetAsync("/api/v1/sessions")).NodeAsync())["items"]![0]!["id"]!;
    }

    // Of admin-1: one that waits, and one that was taken back.
    private async Task<string> ChangeAsync(GovernanceState state)
    {
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        var change = new GovernanceChange
        {
            Kind = GovernanceKind.Cluster,
            TargetId = "matrix",
            TargetName = "matrix",
            Summary = "register cluster matrix",
            BeforeJson = "{}",
            AfterJson = "{}",
            PayloadJson = "{}",
            VaultName = "",
            VaultVersion = "",
            ContentDigest = "sha256:matrix",
            Seal = "",
            State = state,
            ProposedBy = "admin-1",
            ProposedAt = DateTime.UtcNow,
            ExpiresAt = DateTime.UtcNow.AddDays(1),
        };
        db.Add(change);
        await db.SaveChangesAsync();
        return change.Id.ToString();
    }

    // No worker runs here, so nothing comes into use by itself: the row stands for a rotation that somebody asked for.
    private async Task<string> RotationAsync(JsonNode made)
    {
        await using var db = await Host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        var team = (await db.ChangeRequests.FirstAsync(r => r.Id == Guid.Parse((string)made["id"]!))).TeamId;
        var shared = new SecretReference
        {
            EnvironmentId = null,
            TeamId = team,
            Name = "matrix",
            Key = "REDIS_URL",
            VaultName = "shared-matrix",
        };
        var rotation = new Rotation
        {
            SecretReferenceId = shared.Id,
            FromNumber = 1,
            ToNumber = 2,
            WaveSize = 5,
            ContentDigest = "sha256:matrix",
            Reason = "",
            RequestedBy = "lead-payments",
            RequestedAt = DateTime.UtcNow,
        };
        db.AddRange(shared, rotation);
        await db.SaveChangesAsync();
        return rotation.Id.ToString();
    }
}

public sealed class RoleMatrixTests(PaymentsWorld world) : IClassFixture<PaymentsWorld>
{
    private static readonly string[] Columns = ["lead-payments", "lead-search", "admin-1", "admin-2", "auditor", "admin-lead"];

    // '+' allowed (whatever the state of things answers), '-' 403, '0' 404; one sign per persona, in the order above.
    // Bodies are wrong on purpose where a right one would change the world: who may not, hears that first.
    private static readonly (string Call, string Body, string Cells)[] Matrix =
    [
        ("GET /me", "", "++++++"),
        ("GET /antiforgery", "", "++++++"),
        ("GET /teams", "", "++++++"),
        ("GET /clusters", "", "++++++"),
        ("GET /profiles", "", "++++++"),
        ("GET /sizing?requestsPerMinute=600", "", "++++++"),
        ("GET /charts", "", "++++++"),
        ("GET /charts/{chart}/places", "", "++++++"),
        ("GET /settings", "", "++++++"),
        ("POST /charts", """{"source":"directory","location":"/nowhere","edition":"oss"}""", "--++-+"),
        ("POST /charts/{chart}/retire", """{"reason":""}""", "--++-+"),
        ("POST /charts/{chart}/restore", "", "--++-+"),
        ("POST /charts/{chart}/default", "", "--++-+"),
        ("POST /import", "SERVICE_NAME=matrix", "++++-+"),
        ("POST /clusters", """{"name":"Not A Label","kubeconfig":"x"}""", "--++-+"),
        ("POST /clusters/sandbox/test", "", "--++-+"),
        ("PUT /clusters/sandbox/kubeconfig", "not a kubeconfig", "--++-+"),
        ("PUT /clusters/sandbox/secret-delivery", """{"mode":"csi"}""", "--++-+"),
        ("PUT /clusters/sandbox/preflight-jobs", """{"allowed":false}""", "--++-+"),
        ("GET /changes", "", "--++++"),
        ("GET /changes/{chg}", "", "--++++"),
        ("POST /changes/{chg}/approve", """{"digest":"stale","reason":"x"}""", "---+-+"),
        ("POST /changes/{chg}/reject", """{"digest":"stale","reason":"x"}""", "---+-+"),
        ("POST /changes/{old}/cancel", """{"reason":"x"}""", "--+---"),
        (
            "POST /requests",
            """{"kind":"create","team":"payments","name":"Not A Label","cluster":"sandbox","profile":"dev","spec":{"edition":"oss"}}""",
            "+-++-+"
        ),
        (
            "POST /requests/check",
            """{"kind":"create","team":"payments","name":"fine","cluster":"sandbox","profile":"dev","spec":{"edition":"oss"}}""",
            "+-++-+"
        ),
        ("GET /requests", "", "++++++"),
        ("GET /requests/{req}", "", "+0++++"),
        ("GET /requests/{req}/preview", "", "+0++++"),
        ("GET /requests/{req}/export?format=flux", "", "+0++++"),
        ("POST /requests/{req}/preflight", "", "+0++-+"),
        ("POST /requests/{req}/approve", """{"digest":"stale","reason":"x"}""", "-0++-+"),
        ("POST /requests/{req}/reject", """{"digest":"stale","reason":"x"}""", "-0++-+"),
        ("POST /requests/{req}/cancel", """{"digest":"stale","reason":"x"}""", "+0++-+"),
        ("GET /environments", "", "++++++"),
        ("GET /environments/{env}", "", "+0++++"),
        ("GET /environments/{env}/revisions", "", "+0++++"),
        ("GET /environments/{env}/findings", "", "+0++++"),
        ("GET /environments/{env}/secrets", "", "+0++++"),
        ("GET /environments/{env}/operations", "", "+0++++"),
        ("GET /environments/{env}/health", "", "+0++++"),
        ("PUT /environments/{env}/secrets/NO_SUCH_KEY", "text", "+0++-+"),
        ("GET /credentials", "", "++++++"),
        ("GET /credentials/calendar", "", "++++++"),
        ("GET /credentials/orphans", "", "++++++"),
        ("DELETE /credentials/orphans/{orphan}", "", "00++-+"),
        ("GET /credentials/{cred}", "", "+0++++"),
        ("POST /credentials?name=Not-A-Label&key=REDIS_URL&team=payments", "redis://cache:6379", "+-++-+"),
        ("POST /credentials?name=Not-A-Label&key=REDIS_URL", "redis://cache:6379", "--++-+"),
        ("GET /credentials/shared?team=payments", "", "+0++++"),
        ("PUT /credentials/{cred}/value?expires=2001-01-01", "redis://cache:6379", "+0++-+"),
        ("GET /credentials/{cred}/rotation-plan", "", "+0++++"),
        ("POST /credentials/{cred}/rotations", "{}", "+0++-+"),
        ("GET /rotations", "", "++++++"),
        ("GET /rotations/{rot}", "", "+0++++"),
        ("POST /rotations/{rot}/approve", """{"digest":"stale","reason":"x"}""", "-0++-+"),
        ("POST /rotations/{rot}/reject", """{"digest":"stale","reason":"x"}""", "-0++-+"),
        ("POST /rotations/{rot}/cancel", """{"reason":"WRONG"}""", "+0++-+"),
        ("PUT /credentials/{cred}/policy", """{"rotateEveryDays":0}""", "+0++-+"),
        ("PUT /credentials/{cred}/provider", """{"provider":"no-such"}""", "+0++-+"),
        ("POST /credentials/{cred}/issue", "", "+0++-+"),
        ("POST /environments/{env}/change", """{"profile":"none-such"}""", "+0++-+"),
        ("POST /environments/{env}/upgrade", """{"chartVersion":"0.0.0"}""", "+0++-+"),
        ("POST /environments/{env}/rotate", """{"key":"NO_SUCH_KEY"}""", "+0++-+"),
        ("POST /environments/{env}/rollback", """{"revision":99}""", "+0++-+"),
        ("POST /environments/{env}/delete", """{"reason":"x"}""", "+0++-+"),
        ("GET /operations/{op}", "", "+0++++"),
        ("GET /operations/{op}/log?after=0", "", "+0++++"),
        ("GET /operations/{op}/events", "", "+0++++"),
        ("POST /operations/{op}/retry", "{}", "+0++-+"),
        ("POST /operations/{op}/cancel", "{}", "+0++-+"),
        ("GET /audit", "", "++++++"),
        ("GET /audit/{evt}", "", "+0++++"),
        ("GET /audit/export?format=csv", "", "++++++"),
        ("GET /audit/verify", "", "--++++"),
        ("GET /security-log", "", "--++++"),
        ("GET /sessions", "", "++++++"),
        ("DELETE /sessions/{ses}", "", "+0++-+"),
    ];

    public static TheoryData<int> Rows => [.. Enumerable.Range(0, Matrix.Length)];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Call_EachPersona_IsAllowedOrRefusedAsStated(int row)
    {
        var (call, body, cells) = Matrix[row];
        var wrong = new List<string>();
        for (var column = 0; column < Columns.Length; column++)
        {
            var status = (int)(await SendAsync(Columns[column], call, body)).StatusCode;
            var right = cells[column] switch
            {
                '-' => status == 403,
                '0' => status == 404,
                _ => status is not (401 or 403 or 404) and < 500,
            };
            if (!right)
            {
                wrong.Add($"{Columns[column]}: {status} for '{cells[column]}'");
            }
        }

        Assert.True(wrong.Count == 0, $"{call}: {string.Join("; ", wrong)}");
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Call_Anonymous_Is401(int row) =>
        await (await SendAsync(null, Matrix[row].Call, Matrix[row].Body)).ProblemAsync(401, "unauthenticated");

    [Fact]
    public void Matrix_EveryMappedCall_HasARow()
    {
        var mapped = world
            .Host.Services.GetRequiredService<EndpointDataSource>()
            .Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText?.StartsWith("/api/v1", StringComparison.Ordinal) == true)
            .SelectMany(e =>
                e.Metadata.GetMetadata<HttpMethodMetadata>()!
                    .HttpMethods.Select(m => $"{m} {Shape(e.RoutePattern.RawText!["/api/v1".Length..])}")
            )
            .Order(StringComparer.Ordinal)
            .ToList();
        var tested = Matrix
            .Select(r =>
                Shape(
                    r.Call.Split('?')[0]
                        .Replace("NO_SUCH_KEY", "{key}", StringComparison.Ordinal)
                        .Replace("/sandbox/", "/{cluster}/", StringComparison.Ordinal)
                )
            )
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.Equal(mapped, tested);
    }

    private static string Shape(string route) => System.Text.RegularExpressions.Regex.Replace(route.TrimEnd('/'), @"\{[^}]*\}", "*");

    private async Task<HttpResponseMessage> SendAsync(string? persona, string call, string body)
    {
        var (verb, path) = (call.Split(' ')[0], call.Split(' ')[1]);
        foreach (var (name, id) in world.Ids)
        {
            path = path.Replace("{" + name + "}", id, StringComparison.Ordinal);
        }

        using var client = await world.Host.ClientAsync(persona);
        using var message = new HttpRequestMessage(new HttpMethod(verb), "/api/v1" + path)
        {
            Content = body.Length > 0 ? HttpText.Json(body) : null,
        };
        return await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead); // events do not end by themselves
    }
}
