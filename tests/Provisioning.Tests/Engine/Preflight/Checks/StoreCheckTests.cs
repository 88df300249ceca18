using System.Net;
using System.Net.Sockets;
using System.Text;
using Azure.Storage;
using Azure.Storage.Blobs;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Checks;

/// <summary>The checks against real stores, and stores played at the protocol where a real one cannot be had.</summary>
public sealed class StoreCheckTests
{
    private static readonly Dictionary<string, string> Custom = new() { ["CACHE_STORE"] = "custom" };

    [Fact]
    public async Task Redis_ThatIsReal_IsAskedForItsVersion_AndRefusesAWrongPassword()
    {
        await using var redis = await RedisServer.StartAsync();
        var right = $"redis://:{Uri.EscapeDataString(RedisServer.Password)}@127.0.0.1:{redis.Port}/0";
        Subjects.Is(
            CheckStatus.Warning,
            "maxmemory-policy is noeviction",
            await Subjects.RunAsync("redis", Subjects.Of(Custom, Url(right)))
        ); // a new server's own
        Subjects.Is(
            CheckStatus.Failed,
            "does not let the gateway in",
            await Subjects.RunAsync("redis", Subjects.Of(Custom, Url($"redis://:wrong-password@127.0.0.1:{redis.Port}")))
        );
        Subjects.Is(
            CheckStatus.Failed,
            "does not let the gateway in",
            await Subjects.RunAsync("redis", Subjects.Of(Custom, Url($"redis://127.0.0.1:{redis.Port}")))
        );

        // Azure's: the key comes beside the address. TLS to a server without it is no answer.
        var azure = new Dictionary<string, string> { ["CACHE_STORE"] = "azure-redis", ["AZURE_REDIS_AUTH_MODE"] = "password" };
        var secrets = new Dictionary<string, string>
        {
            ["REDIS_URL"] = $"redis://127.0.0.1:{redis.Port}",
            ["REDIS_PASSWORD"] = RedisServer.Password,
        };
        Subjects.Is(CheckStatus.Warning, "answers", await Subjects.RunAsync("redis", Subjects.Of(azure, secrets)));
        Subjects.Is(
            CheckStatus.Warning,
            "cannot be reached",
            await Subjects.RunAsync("redis", Subjects.Of(Custom, Url($"rediss://127.0.0.1:{redis.Port}")))
        );
        azure["AZURE_REDIS_AUTH_MODE"] = "workload";
        Subjects.Is(CheckStatus.Passed, "takes connections", await Subjects.RunAsync("redis", Subjects.Of(azure, secrets)));
    }

    [Theory]
    [InlineData("6.0.16", CheckStatus.Failed, "is 6.0.16; the gateway needs 6.2")]
    [InlineData("6.2.0", CheckStatus.Passed, "Redis 6.2.0")]
    [InlineData("", CheckStatus.Warning, "does not report its version")]
    public async Task Redis_OfAVersion_IsJudgedByIt(string version, CheckStatus status, string says)
    {
        await using var played = StandInServer.Redis(version);
        Subjects.Is(status, says, await Subjects.RunAsync("redis", Subjects.Of(Custom, Url($"redis://127.0.0.1:{played.Port}"))));
    }

    [Theory]
    [InlineData("volatile-lru", CheckStatus.Passed, "maxmemory-policy volatile-lru")]
    [InlineData("allkeys-lru", CheckStatus.Warning, "maxmemory-policy is allkeys-lru")]
    [InlineData("noeviction", CheckStatus.Warning, "it accepts nothing more")]
    [InlineData("", CheckStatus.Passed, "Redis 7.2.4")]
    public async Task Redis_OfAPolicy_IsAdvisedVolatileLru(string policy, CheckStatus status, string says)
    {
        await using var played = StandInServer.Redis("7.2.4", policy);
        Subjects.Is(status, says, await Subjects.RunAsync("redis", Subjects.Of(Custom, Url($"redis://127.0.0.1:{played.Port}"))));
    }

    [Fact]
    public async Task Result_OfTheNetwork_SaysThatThePortalLooked_AndWhatThatSaysLittleAbout()
    {
        await using var played = StandInServer.Redis("7.2.4");
        var there = await Subjects.RunAsync("redis", Subjects.Of(Custom, Url($"redis://127.0.0.1:{played.Port}")));
        Assert.Equal((CheckStatus.Passed, "from the portal"), (there.Status, there.LookedFromText));
        Assert.Contains("little about what pods reach", there.Caveat, StringComparison.Ordinal);

        var silent = Subjects.Of(Custom, Url($"redis://127.0.0.1:{FreePort.Next()}"));
        Assert.NotEmpty((await Subjects.RunAsync("redis", silent)).Caveat);
        Assert.NotEmpty(
            (
                await Subjects.RunAsync("redis", silent, new PreflightOptions { AllowedRanges = ["127.0.0.0/8"], RequireReachable = true })
            ).Caveat
        );

        // What the server itself says holds from anywhere.
        await using var old = StandInServer.Redis("6.0.16");
        Assert.Empty((await Subjects.RunAsync("redis", Subjects.Of(Custom, Url($"redis://127.0.0.1:{old.Port}")))).Caveat);

        var stored = PortalJson.Read<CheckResult>(PortalJson.Write(there));
        Assert.Equal((there.LookedFrom, there.Caveat), (stored.LookedFrom, stored.Caveat));
        Assert.Equal(
            "",
            PortalJson
                .Read<CheckResult>("""{"id":"redis","title":"Redis answers","status":"passed","message":"","cure":"","milliseconds":1}""")
                .LookedFromText
        );
    }

    [Fact]
    public async Task Redis_NobodyAnswers_IsAWarning_OrAFailureWhereItMustBeReached()
    {
        var subject = Subjects.Of(Custom, Url($"redis://127.0.0.1:{FreePort.Next()}"));
        Subjects.Is(CheckStatus.Warning, "cannot be reached", await Subjects.RunAsync("redis", subject));
        Subjects.Is(
            CheckStatus.Failed,
            "cannot be reached",
            await Subjects.RunAsync("redis", subject, new PreflightOptions { AllowedRanges = ["127.0.0.0/8"], RequireReachable = true })
        );
        await using var silent = StandInServer.Silent();
        var waited = await Subjects.RunAsync(
            "redis",
            Subjects.Of(Custom, Url($"redis://127.0.0.1:{silent.Port}")),
            new PreflightOptions { AllowedRanges = ["127.0.0.0/8"], TimeoutSeconds = 1 }
        );
        Assert.Equal(CheckStatus.Warning, waited.Status);
        Assert.InRange(waited.Milliseconds, 0, 5000);
    }

    [Fact]
    public async Task Blob_OnRealAzurite_IsWrittenAndRemoved_AndEachMistakeIsNamed()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        var options = new PreflightOptions { AllowedRanges = ["127.0.0.0/8"], BlobEndpoint = azurite.Endpoint };
        var container = new BlobContainerClient(
            new Uri($"http://127.0.0.1:{azurite.Port}/{AzuriteServer.Account}/gateway-logs"),
            new StorageSharedKeyCredential(AzuriteServer.Account, AzuriteServer.Key)
        );
        var settings = new Dictionary<string, string>
        {
            ["LOG_STORE"] = "azure",
            ["AZURE_STORAGE_ACCOUNT"] = AzuriteServer.Account,
            ["AZURE_STORAGE_CONTAINER"] = "gateway-logs",
        };
        var subject = Subjects.Of(settings, new Dictionary<string, string> { ["AZURE_STORAGE_KEY"] = AzuriteServer.Key });

        Subjects.Is(CheckStatus.Failed, "has no container gateway-logs", await Subjects.RunAsync("blob", subject, options));
        await container.CreateAsync(cancellationToken: TestContext.Current.CancellationToken);
        Subjects.Is(CheckStatus.Passed, "written to and removed from", await Subjects.RunAsync("blob", subject, options));
        Assert.Empty(container.GetBlobs(cancellationToken: TestContext.Current.CancellationToken));

        Subjects.Is(
            CheckStatus.Failed,
            "does not let the gateway write",
            await Subjects.RunAsync(
                "blob",
                Subjects.Of(settings, new Dictionary<string, string> { ["AZURE_STORAGE_KEY"] = Convert.ToBase64String(new byte[64]) }),
                options
            )
        );
        Subjects.Is(
            CheckStatus.Failed,
            "malformed",
            await Subjects.RunAsync(
                "blob",
                Subjects.Of(settings, new Dictionary<string, string> { ["AZURE_STORAGE_KEY"] = "not base64!" }),
                options
            )
        );
        settings["AZURE_AUTH_MODE"] = "managed";
        Subjects.Is(CheckStatus.Passed, "cannot be tested from here", await Subjects.RunAsync("blob", Subjects.Of(settings), options));
    }

    [Fact]
    public async Task S3_OnAServerOfItsProtocol_IsWrittenAndRemoved_AndEachMistakeIsNamed()
    {
        await using var s3 = await S3Server.StartAsync();
        var settings = new Dictionary<string, string>
        {
            ["LOG_STORE"] = "s3_custom",
            ["LOG_STORE_REGION"] = "us-east-1",
            ["LOG_STORE_GENERATIONS_BUCKET"] = S3Server.Bucket,
            ["LOG_STORE_BASEPATH"] = $"http://127.0.0.1:{s3.Port}",
        };
        var keys = new Dictionary<string, string>
        {
            ["LOG_STORE_ACCESS_KEY"] = S3Server.AccessKey,
            ["LOG_STORE_SECRET_KEY"] = S3Server.SecretKey,
        };
        Subjects.Is(
            CheckStatus.Passed,
            "written to and removed from bucket gateway-logs",
            await Subjects.RunAsync("s3", Subjects.Of(settings, keys))
        );
        settings["LOG_STORE_GENERATIONS_BUCKET"] = "";
        settings["LOG_STORE_BASEPATH"] = $"http://127.0.0.1:{s3.Port}/{S3Server.Bucket}";
        Subjects.Is(CheckStatus.Passed, "bucket gateway-logs", await Subjects.RunAsync("s3", Subjects.Of(settings, keys)));
        settings["LOG_STORE_GENERATIONS_BUCKET"] = "no-such-bucket";
        Subjects.Is(CheckStatus.Failed, "no bucket no-such-bucket", await Subjects.RunAsync("s3", Subjects.Of(settings, keys)));
        settings["LOG_STORE_GENERATIONS_BUCKET"] = S3Server.Bucket;
        keys["LOG_STORE_ACCESS_KEY"] = "NOBODYS-KEY"; // this server does not compare signatures of a key that it knows
        Subjects.Is(CheckStatus.Failed, "does not let the gateway write", await Subjects.RunAsync("s3", Subjects.Of(settings, keys)));
    }

    [Fact]
    public async Task ClickHouse_ThatIsReal_AnswersAQuery_AndEachMistakeIsNamed()
    {
        await using var clickhouse = await ClickHouseServer.StartAsync();
        var endpoint = $"http://127.0.0.1:{clickhouse.Port}";
        var settings = new Dictionary<string, string>
        {
            ["ANALYTICS_STORE"] = "clickhouse",
            ["ANALYTICS_STORE_ENDPOINT"] = endpoint,
            ["ANALYTICS_STORE_USER"] = "gateway",
            ["ANALYTICS_LOG_TABLE"] = "generations",
            ["ANALYTICS_FEEDBACK_TABLE"] = "default.feedbacks",
        };
        var right = new Dictionary<string, string> { ["ANALYTICS_STORE_PASSWORD"] = ClickHouseServer.Password };
        Subjects.Is(
            CheckStatus.Warning,
            "no table generations, default.feedbacks",
            await Subjects.RunAsync("clickhouse", Subjects.Of(settings, right))
        );

        using var http = new HttpClient
        {
            DefaultRequestHeaders = { { "X-ClickHouse-User", "gateway" }, { "X-ClickHouse-Key", ClickHouseServer.Password } },
        };
        foreach (var table in new[] { "generations", "feedbacks" })
        {
            (
                await http.PostAsync(
                    endpoint,
                    new StringContent($"CREATE TABLE {table} (id String) ENGINE = Memory"),
                    TestContext.Current.CancellationToken
                )
            ).EnsureSuccessStatusCode();
        }

        Subjects.Is(CheckStatus.Passed, "its tables are there", await Subjects.RunAsync("clickhouse", Subjects.Of(settings, right)));
        Subjects.Is(
            CheckStatus.Failed,
            "does not let gateway in",
            await Subjects.RunAsync(
                "clickhouse",
                Subjects.Of(settings, new Dictionary<string, string> { ["ANALYTICS_STORE_PASSWORD"] = "wrong" })
            )
        );
        settings["ANALYTICS_LOG_TABLE"] = "generations; DROP TABLE generations";
        Subjects.Is(CheckStatus.Failed, "is not the name of a table", await Subjects.RunAsync("clickhouse", Subjects.Of(settings, right)));
    }

    [Fact]
    public async Task Mongo_PlayedByItsProtocol_AnswersAPing_ThroughTheGuard()
    {
        await using var mongo = StandInServer.Mongo();
        var settings = new Dictionary<string, string>
        {
            ["LOG_STORE"] = "mongo",
            ["MONGO_DATABASE"] = "gateway",
            ["MONGO_COLLECTION_NAME"] = "logs",
        };
        Subjects.Is(
            CheckStatus.Passed,
            "answers",
            await Subjects.RunAsync(
                "mongo",
                Subjects.Of(settings, Mongo($"mongodb://127.0.0.1:{mongo.Port}/gateway?directConnection=true"))
            )
        );

        // Neither an address of ours nor a proxy that the connection string names gets around the guard.
        Subjects.Is(
            CheckStatus.Failed,
            "169.254.169.254 is link-local",
            await Subjects.RunAsync(
                "mongo",
                Subjects.Of(settings, Mongo("mongodb://169.254.169.254:27017/gateway")),
                new PreflightOptions { TimeoutSeconds = 4 }
            )
        );
        Subjects.Is(
            CheckStatus.Failed,
            "127.0.0.1 is loopback",
            await Subjects.RunAsync(
                "mongo",
                Subjects.Of(
                    settings,
                    Mongo($"mongodb://127.0.0.1:{mongo.Port}/gateway?directConnection=true&proxyHost=127.0.0.1&proxyPort=1080")
                ),
                new PreflightOptions { TimeoutSeconds = 4 }
            )
        );
        Subjects.Is(
            CheckStatus.Warning,
            "cannot be reached",
            await Subjects.RunAsync(
                "mongo",
                Subjects.Of(settings, Mongo($"mongodb://127.0.0.1:{FreePort.Next()}/gateway")),
                new PreflightOptions { AllowedRanges = ["127.0.0.0/8"], TimeoutSeconds = 2 }
            )
        );
        Subjects.Is(
            CheckStatus.Failed,
            "not a MongoDB connection string",
            await Subjects.RunAsync("mongo", Subjects.Of(settings, Mongo("mongodb://")))
        );
    }

    private static Dictionary<string, string> Url(string url) => new() { ["REDIS_URL"] = url };

    private static Dictionary<string, string> Mongo(string url) => new() { ["MONGO_DB_CONNECTION_URL"] = url };
}
