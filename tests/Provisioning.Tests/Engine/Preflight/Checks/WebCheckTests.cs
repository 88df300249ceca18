using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Checks;

/// <summary>The checks that speak HTTP, against a real HTTP server that answers as the service's documentation has it, and one that
/// redirects.</summary>
public sealed class WebCheckTests : IAsyncLifetime
{
    private readonly List<string> asked = [];
    private WebApplication? app;
    private string address = "";

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Use(
            (context, next) =>
            {
                lock (asked)
                {
                    asked.Add($"{context.Request.Method} {context.Request.Path}");
                }

                return next();
            }
        );
        app.MapGet(
            "/indexes/{name}",
            (HttpContext http, string name) =>
                http.Request.Headers["Api-Key"] != "pc-right" ? Results.StatusCode(401)
                : name == "gateway-cache"
                    ? Results.Json(
                        new
                        {
                            name,
                            dimension = 1536,
                            host = "x.svc.pinecone.io",
                        }
                    )
                : Results.NotFound()
        );
        app.MapPost(
            "/v1/embeddings",
            async (HttpContext http) =>
            {
                using var body = await System.Text.Json.JsonDocument.ParseAsync(http.Request.Body);
                return http.Request.Headers.Authorization != "Bearer sk-right" ? Results.StatusCode(401)
                    : body.RootElement.GetProperty("model").GetString() != "text-embedding-3-small" ? Results.NotFound()
                    : Results.Json(new { data = new[] { new { embedding = new double[1536] } } });
            }
        );
        app.MapGet("/control", () => Results.StatusCode(404));
        app.MapGet("/moved", () => Results.Redirect($"{address}/secret-place"));
        app.MapGet("/to-metadata", () => Results.Redirect("http://169.254.169.254/metadata/instance"));
        app.MapPost("/to-metadata", () => Results.Redirect("http://169.254.169.254/metadata/instance", preserveMethod: true));
        app.MapGet("/broken", () => Results.StatusCode(503));
        await app.StartAsync(TestContext.Current.CancellationToken);
        address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
    }

    public async ValueTask DisposeAsync() => await app!.DisposeAsync();

    private PreflightOptions Options(params string[] allowed) =>
        new()
        {
            AllowedRanges = allowed,
            PineconeEndpoint = address,
            OpenAiEndpoint = $"{address}/v1",
            ControlPlaneEndpoint = $"{address}/control",
        };

    [Fact]
    public async Task VectorStore_OfPinecone_IsAskedForItsIndex()
    {
        var settings = Semantic();
        Subjects.Is(
            CheckStatus.Passed,
            "index gateway-cache answers",
            await RunAsync("vector-store", settings, "VECTOR_STORE_API_KEY", "pc-right")
        );
        Subjects.Is(
            CheckStatus.Failed,
            "does not accept the key",
            await RunAsync("vector-store", settings, "VECTOR_STORE_API_KEY", "pc-wrong")
        );
        settings["SEMANTIC_CACHE_EMBEDDING_DIMENSIONS"] = "768";
        Subjects.Is(
            CheckStatus.Failed,
            "has 1536 dimensions, the embeddings 768",
            await RunAsync("vector-store", settings, "VECTOR_STORE_API_KEY", "pc-right")
        );
        settings["VECTOR_STORE_ADDRESS"] = "another";
        Subjects.Is(CheckStatus.Failed, "no index another", await RunAsync("vector-store", settings, "VECTOR_STORE_API_KEY", "pc-right"));
    }

    [Fact]
    public async Task Embeddings_AreTriedWithTheKey()
    {
        var settings = Semantic();
        Subjects.Is(
            CheckStatus.Passed,
            "made an embedding",
            await RunAsync("embeddings", settings, "SEMANTIC_CACHE_EMBEDDING_API_KEY", "sk-right")
        );
        Subjects.Is(
            CheckStatus.Failed,
            "does not accept the embedding key",
            await RunAsync("embeddings", settings, "SEMANTIC_CACHE_EMBEDDING_API_KEY", "sk-wrong")
        );
        settings["SEMANTIC_CACHE_EMBEDDING_DIMENSIONS"] = "768";
        Subjects.Is(
            CheckStatus.Failed,
            "gives 1536 dimensions",
            await RunAsync("embeddings", settings, "SEMANTIC_CACHE_EMBEDDING_API_KEY", "sk-right")
        );
        settings["SEMANTIC_CACHE_EMBEDDING_MODEL"] = "no-such-model";
        Subjects.Is(
            CheckStatus.Failed,
            "does not know model no-such-model",
            await RunAsync("embeddings", settings, "SEMANTIC_CACHE_EMBEDDING_API_KEY", "sk-right")
        );
        settings["SEMANTIC_CACHE_EMBEDDING_PROVIDER"] = "cohere";
        Subjects.Is(
            CheckStatus.Skipped,
            "no address of cohere",
            await RunAsync("embeddings", settings, "SEMANTIC_CACHE_EMBEDDING_API_KEY", "sk-right")
        );
    }

    [Fact]
    public async Task ControlPlane_AnyAnswerIsOne_ButARedirectIsNotFollowed()
    {
        Subjects.Is(CheckStatus.Passed, "answers", await RunAsync("control-plane", []));
        Subjects.Is(
            CheckStatus.Warning,
            "was not followed",
            await RunAsync("control-plane", new() { ["CONTROL_PLANE_BASEPATH"] = $"{address}/moved" })
        );
        Subjects.Is(
            CheckStatus.Warning,
            "answers 503",
            await RunAsync("control-plane", new() { ["CONTROL_PLANE_BASEPATH"] = $"{address}/broken" })
        );
        Assert.DoesNotContain("GET /secret-place", asked);
    }

    [Fact]
    public async Task Anything_ThatRedirectsToARefusedAddress_IsNotFollowed()
    {
        // The server itself may be called, what it points to may not; either way nobody goes there.
        Subjects.Is(
            CheckStatus.Failed,
            "was not followed",
            await RunAsync("otel", new() { ["OTEL_PUSH_ENABLED"] = "true", ["OTEL_ENDPOINT"] = $"{address}/to-metadata" })
        );
        Subjects.Is(
            CheckStatus.Failed,
            "was not followed",
            await RunAsync(
                "clickhouse",
                new()
                {
                    ["ANALYTICS_STORE"] = "clickhouse",
                    ["ANALYTICS_STORE_ENDPOINT"] = $"{address}/to-metadata",
                    ["ANALYTICS_STORE_USER"] = "u",
                }
            )
        );
    }

    [Theory]
    [InlineData("http://169.254.169.254/metadata/instance", "link-local")]
    [InlineData("http://[::ffff:127.0.0.1]:PORT/control", "loopback")]
    [InlineData("http://[::1]:PORT/control", "loopback")]
    [InlineData("http://localhost:PORT/control", "loopback")]
    [InlineData("http://2130706433:PORT/control", "loopback")]
    public async Task Anything_AtARefusedAddress_IsNotCalled(string where, string why)
    {
        where = where.Replace(
            "PORT",
            new Uri(address).Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );
        var port = new Uri(where).Authority;
        foreach (
            var (id, settings, secret, value) in new (string, Dictionary<string, string>, string, string)[]
            {
                ("otel", new() { ["OTEL_PUSH_ENABLED"] = "true", ["OTEL_ENDPOINT"] = where }, "", ""),
                ("control-plane", new() { ["ALBUS_BASEPATH"] = where }, "", ""),
                ("clickhouse", new() { ["ANALYTICS_STORE"] = "clickhouse", ["ANALYTICS_STORE_ENDPOINT"] = where }, "", ""),
                (
                    "s3",
                    new()
                    {
                        ["LOG_STORE"] = "s3_custom",
                        ["LOG_STORE_BASEPATH"] = where,
                        ["LOG_STORE_GENERATIONS_BUCKET"] = "b",
                        ["LOG_STORE_REGION"] = "r",
                    },
                    "LOG_STORE_ACCESS_KEY",
                    "access"
                ),
                ("embeddings", new() { ["VECTOR_STORE"] = "milvus", ["SEMANTIC_CACHE_EMBEDDINGS_URL"] = where }, "", ""),
                ("vector-store", new() { ["VECTOR_STORE"] = "milvus", ["VECTOR_STORE_ADDRESS"] = where }, "", ""),
                ("redis", new() { ["CACHE_STORE"] = "custom" }, "REDIS_URL", $"redis://{port}"),
                (
                    "mongo",
                    new() { ["LOG_STORE"] = "mongo", ["MONGO_DATABASE"] = "d" },
                    "MONGO_DB_CONNECTION_URL",
                    $"mongodb://{(port.Contains(':', StringComparison.Ordinal) && !port.EndsWith(']') ? port : port + ":27017")}/d"
                ),
            }
        )
        {
            var secrets = new Dictionary<string, string> { [secret] = value, ["LOG_STORE_SECRET_KEY"] = "a-secret-key" };
            Subjects.Is(
                CheckStatus.Failed,
                why,
                await Subjects.RunAsync(id, Subjects.Of(settings, secrets), new PreflightOptions { TimeoutSeconds = 4 })
            );
        }

        Assert.Empty(asked);
    }

    private static Dictionary<string, string> Semantic() =>
        new()
        {
            ["VECTOR_STORE"] = "pinecone",
            ["VECTOR_STORE_ADDRESS"] = "gateway-cache",
            ["SEMANTIC_CACHE_EMBEDDING_PROVIDER"] = "openai",
            ["SEMANTIC_CACHE_EMBEDDING_MODEL"] = "text-embedding-3-small",
            ["SEMANTIC_CACHE_EMBEDDING_DIMENSIONS"] = "1536",
        };

    private Task<CheckResult> RunAsync(string id, Dictionary<string, string> settings, string secret = "NONE", string value = "") =>
        Subjects.RunAsync(
            id,
            Subjects.Of(
                settings,
                new Dictionary<string, string> { [secret] = value.Length > 0 ? value : "not a secret" },
                Edition.Enterprise
            ),
            Options("127.0.0.0/8")
        );
}
