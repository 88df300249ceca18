using MongoDB.Bson;
using MongoDB.Driver;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>MongoDB, or Cosmos DB in its place, answers a ping.</summary>
internal sealed class MongoCheck(OutboundGuard guard, PreflightOptions options) : IPreflightCheck
{
    public string Id => "mongo";

    public string Title => "MongoDB answers";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) => subject.Value("LOG_STORE") == "mongo";

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        MongoClientSettings settings;
        try
        {
            settings = MongoClientSettings.FromConnectionString(subject.Secret("MONGO_DB_CONNECTION_URL"));
        }
        catch (MongoConfigurationException)
        {
            return Verdict.Fail(
                "MONGO_DB_CONNECTION_URL is not a MongoDB connection string.",
                "Store it as Azure or MongoDB shows it.",
                "mongo-address"
            );
        }

        // The driver connects to servers that the first one names; all of it passes the guard here, TLS included.
        await using var relay = new GuardedRelay(guard, settings.UseTls);
        settings.UseTls = false;
        settings.Socks5ProxySettings = relay.Settings;
        settings.ServerSelectionTimeout = options.LibraryTimeout;
        settings.ConnectTimeout = options.LibraryTimeout;
        using var client = new MongoClient(settings);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, relay.WasRefused);
        try
        {
            await client
                .GetDatabase(subject.Value("MONGO_DATABASE"))
                .RunCommandAsync<BsonDocument>(new BsonDocument("ping", 1), cancellationToken: limit.Token);
            return Verdict.Pass($"MongoDB at {settings.Server?.Host} answers.");
        }
        catch (MongoAuthenticationException)
        {
            return Verdict.Fail(
                "MongoDB does not let the gateway in with this user and password.",
                "Store the right connection string.",
                "mongo-refused"
            );
        }
        catch (MongoCommandException problem)
        {
            return Verdict.Fail(
                $"MongoDB refuses a ping: {problem.CodeName}.",
                "Check the user's rights on the database.",
                "mongo-refused"
            );
        }
        catch (Exception problem) when (problem is TimeoutException or MongoException or OperationCanceledException)
        {
            // The driver retries until its time is up; what it heard meanwhile says more than its timeout.
            return relay.Refused is { } refused ? throw refused
                : relay.Heard is { } heard ? throw new UnreachableException($"MongoDB cannot be reached: {heard.Message}", problem)
                : throw new UnreachableException("MongoDB did not answer in time.", problem);
        }
    }
}
