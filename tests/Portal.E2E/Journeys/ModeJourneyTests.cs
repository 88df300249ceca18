using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.E2E.Journeys;

/// <summary>Every mode that the deployment guide knows, asked for through the API and seen to work in the sandbox, with both layouts of
/// Portkey's chart.</summary>
[Collection(ProductCollection.Name)]
public sealed class ModeJourneyTests(Product product)
{
    // What puts a gateway into a mode; whatever else it needs, the portal says itself.
    private static readonly string[] Modes =
    [
        "SERVER_MODE=all",
        "SERVER_MODE=mcp",
        "LOG_STORE=azure",
        "LOG_STORE=azure AZURE_AUTH_MODE=managed",
        "LOG_STORE=azure AZURE_AUTH_MODE=entra",
        "LOG_STORE=azure AZURE_AUTH_MODE=workload",
        "LOG_STORE=s3",
        "LOG_STORE=s3_assume",
        "LOG_STORE=s3_custom",
        "LOG_STORE=gcs",
        "LOG_STORE=wasabi",
        "LOG_STORE=netapp",
        "LOG_STORE=mongo",
        "ANALYTICS_STORE=clickhouse",
        "OTEL_PUSH_ENABLED=true",
        "CACHE_STORE=redis",
        "CACHE_STORE=custom",
        "CACHE_STORE=azure-redis AZURE_REDIS_AUTH_MODE=password",
        "CACHE_STORE=azure-redis AZURE_REDIS_AUTH_MODE=managed",
        "CACHE_STORE=azure-redis AZURE_REDIS_AUTH_MODE=entra",
        "CACHE_STORE=azure-redis AZURE_REDIS_AUTH_MODE=workload",
        "VECTOR_STORE=pinecone",
        "VECTOR_STORE=milvus",
        "CONTROL_PLANE_BASEPATH=https://control.example.com",
        "REGISTRY_USERNAME=portkey-customer",
    ];

    [Fact]
    public async Task Create_InEveryMode_DeploysHealthy() => await DeployAllAsync("m", Modes, chartVersion: null);

    [Fact]
    public async Task Create_WithTheOldLayoutOfTheChart_DeploysHealthy()
    {
        using var admin = await product.ApiAsync("admin-1");
        var chart = (
            await admin.PostAsync(
                "/api/v1/charts",
                new
                {
                    source = "directory",
                    location = Path.Combine(Repository.Root, "tests", "Shared", "Charts", "gateway-1.0.8"),
                    edition = "enterprise",
                }
            )
        ).Expect(HttpStatusCode.Created);
        var takes = chart["settings"]!.AsArray().Select(s => s!.ToString()).ToList();
        Assert.Contains("AZURE_STORAGE_KEY", takes);
        Assert.DoesNotContain("SERVER_MODE", takes);

        using var lead = await product.ApiAsync("lead-payments");
        var refused = (
            await lead.PostAsync(
                "/api/v1/requests",
                Body(
                    "payments-old-mcp",
                    "1.0.8",
                    new()
                    {
                        ["SERVER_MODE"] = "all",
                        ["ORGANISATIONS_TO_SYNC"] = "o",
                        ["SERVICE_NAME"] = "old",
                    },
                    new() { ["PORTKEY_CLIENT_AUTH"] = "k" }
                )
            )
        ).ExpectProblem(HttpStatusCode.BadRequest);
        Assert.Contains("1.7.7", refused["errors"]!["spec.settings.SERVER_MODE"]!.ToJsonString(), StringComparison.Ordinal);

        await DeployAllAsync(
            "old",
            ["LOG_STORE=azure", "LOG_STORE=mongo", "CACHE_STORE=custom", "REGISTRY_USERNAME=portkey-customer"],
            "1.0.8"
        );
    }

    private async Task DeployAllAsync(string prefix, IReadOnlyList<string> modes, string? chartVersion)
    {
        using var lead = await product.ApiAsync("lead-payments");
        using var admin = await product.ApiAsync("admin-1");
        var wrong = new ConcurrentQueue<string>();
        using var places = new SemaphoreSlim(4);
        await Task.WhenAll(
            modes.Select(
                async (mode, i) =>
                {
                    try
                    {
                        var environment = await DeployedAsync(lead, admin, places, $"payments-{prefix}-{i}", chartVersion, mode);
                        // Pods take their time to end, and the next mode need not wait for that.
                        var removal = (
                            await lead.PostAsync($"/api/v1/environments/{environment}/delete", new { reason = "seen" })
                        ).Expect(HttpStatusCode.Created);
                        await admin.SucceededAsync((await admin.ApproveAsync(removal)).Text("operationId"));
                    }
                    catch (Exception e)
                    {
                        wrong.Enqueue($"{mode}: {e.Message}");
                    }
                }
            )
        );

        Assert.True(wrong.IsEmpty, string.Join("\n", wrong));
    }

    private static async Task<string> DeployedAsync(
        Api lead,
        Api admin,
        SemaphoreSlim places,
        string name,
        string? chartVersion,
        string mode
    )
    {
        await places.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            var approved = await admin.ApproveAsync(await lead.CreatedAsync(await CompletedAsync(lead, name, chartVersion, mode)));
            await admin.AppliedAsync(approved);
            return approved.Text("environmentId");
        }
        finally
        {
            places.Release();
        }
    }

    // Asks what is missing and gives an example of it, as a script of a newcomer would.
    private static async Task<object> CompletedAsync(Api lead, string name, string? chartVersion, string mode)
    {
        var known = (await lead.GetAsync("/api/v1/settings")).Expect(HttpStatusCode.OK)["items"]!
            .AsArray()
            .ToDictionary(s => s!.Text("key"), s => s!, StringComparer.Ordinal);
        var settings = mode.Split(' ').Select(m => m.Split('=', 2)).ToDictionary(m => m[0], m => m[1], StringComparer.Ordinal);
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var round = 0; round < 5; round++)
        {
            var body = Body(name, chartVersion, settings, secrets);
            var problems = (await lead.PostAsync("/api/v1/requests/check", body)).Expect(HttpStatusCode.OK)["problems"]!.AsArray();
            if (problems.Count == 0)
            {
                return body;
            }

            foreach (var field in problems.Select(p => p!.Text("field")))
            {
                var key = field[(field.LastIndexOf('.') + 1)..];
                (field.Contains(".secrets.", StringComparison.Ordinal) ? secrets : settings)[key] = Example(known[key]);
            }
        }

        throw new InvalidOperationException($"{mode} cannot be completed.");
    }

    private static string Example(JsonNode setting) =>
        setting.Text("key") switch
        {
            "REDIS_URL" => "redis://cache.example.com:6379",
            "MONGO_DB_CONNECTION_URL" => "mongodb://u:p@cosmos.example.com:10255",
            var key when key.EndsWith("_ID", StringComparison.Ordinal) => "11111111-2222-4333-8444-555555555555",
            _ => setting["allowedValues"]!.AsArray().Select(v => v!.ToString()).FirstOrDefault(v => v.Length > 0)
                ?? (setting.Text("example") is { Length: > 0 } example ? example : "example"),
        };

    private static object Body(
        string name,
        string? chartVersion,
        Dictionary<string, string> settings,
        Dictionary<string, string> secrets
    ) =>
        new
        {
            kind = "create",
            team = "payments",
            name,
            cluster = "sandbox",
            profile = "dev",
            chartVersion,
            reason = "every mode",
            spec = new
            {
                edition = "enterprise",
                settings,
                secrets,
                network = new { exposure = "internal" },
            },
        };
}
