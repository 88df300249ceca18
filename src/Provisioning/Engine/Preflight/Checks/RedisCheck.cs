using System.Net.Sockets;
using StackExchange.Redis;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>The cache answers PING, and its INFO tells 6.2 or newer (Portkey's guide: older ones lack GETEX).</summary>
internal sealed class RedisCheck(OutboundGuard guard, PreflightOptions options) : IPreflightCheck
{
    private const string WantedPolicy = "volatile-lru";

    private static readonly Version Oldest = new(6, 2);

    public string Id => "redis";

    public string Title => "Redis answers";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) =>
        subject.Value("CACHE_STORE") is "custom" or "azure-redis" or "aws-elastic-cache" or "gcp-memory-store";

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(subject.Secret("REDIS_URL"), UriKind.Absolute, out var url))
        {
            return Verdict.Skip("REDIS_URL could not be read.");
        }

        var port = url.Port > 0 ? url.Port : 6379;
        var isTls = url.Scheme == "rediss";
        if (SignsInByIdentity(subject))
        {
            await using var stream = await guard.OpenAsync(url.IdnHost, port, isTls, cancellationToken);
            return Verdict.Pass(
                $"{url.IdnHost}:{port} takes connections{(isTls ? " over TLS" : "")}. The gateway signs in by its own identity, which cannot be tested from here, so its version is not known."
            );
        }

        // The library would retry what is refused until its time is up. What it connects to is checked again, below.
        await guard.ResolveAsync(url.IdnHost, cancellationToken);
        return await AskAsync(subject, url, port, isTls);
    }

    private async Task<Verdict> AskAsync(PreflightSubject subject, Uri url, int port, bool isTls)
    {
        var tunnel = new GuardedTunnel(guard);
        var user = url.UserInfo.Split(':', 2);
        var name = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : subject.Value("REDIS_USERNAME");
        var password = user.Length == 2 ? Uri.UnescapeDataString(user[1]) : subject.Secret("REDIS_PASSWORD");
        var configuration = new ConfigurationOptions
        {
            EndPoints = { { url.IdnHost, port } },
            User = name.Length > 0 ? name : null,
            Password = password.Length > 0 ? password : null,
            Ssl = isTls,
            SslHost = isTls ? url.IdnHost : null,
            SslClientAuthenticationOptions = OutboundGuard.Tls,
            AbortOnConnectFail = true,
            AllowAdmin = true, // the library counts INFO as an admin command
            ConnectRetry = 0,
            ConnectTimeout = (int)options.LibraryTimeout.TotalMilliseconds,
            AsyncTimeout = (int)options.LibraryTimeout.TotalMilliseconds,
            Protocol = RedisProtocol.Resp2,
            TieBreaker = "",
            ConfigurationChannel = "",
            HighIntegrity = false,
            Tunnel = tunnel,

            // Nothing that would lead to other addresses (CLUSTER, SENTINEL), or that a gateway's user may not do (CONFIG, CLIENT).
            CommandMap = CommandMap.Create(["PING", "INFO", "AUTH", "ECHO", "GET"], available: true),
        };
        try
        {
            await using var redis = await ConnectionMultiplexer.ConnectAsync(configuration);
            await redis.GetDatabase().PingAsync();
            var server = redis.GetServer(redis.GetEndPoints()[0]);
            var text = Line(await server.InfoRawAsync("server"), "redis_version:");
            var policy = Line(await server.InfoRawAsync("memory"), "maxmemory_policy:"); // INFO says it also where CONFIG is forbidden
            return !Version.TryParse(text, out var version)
                    ? Verdict.Warn(
                        $"Redis at {url.IdnHost}:{port} answers, but does not report its version.",
                        $"Make sure that it is {Oldest} or newer."
                    )
                : version < Oldest
                    ? Verdict.Fail(
                        $"Redis at {url.IdnHost}:{port} is {text}; the gateway needs {Oldest} or newer.",
                        "Upgrade it, or give the REDIS_URL of another one.",
                        "redis-too-old"
                    )
                : policy.Length > 0 && policy != WantedPolicy
                    ? Verdict.Advise(
                        $"Redis {text} at {url.IdnHost}:{port} answers. Its maxmemory-policy is {policy}{(policy == "noeviction" ? ": when it is full, it accepts nothing more" : "")}.",
                        $"Set maxmemory-policy to {WantedPolicy}, so that a full cache drops what expires anyway."
                    )
                : Verdict.Pass(
                    $"Redis {text} at {url.IdnHost}:{port} answers{(policy.Length > 0 ? $", with maxmemory-policy {policy}" : "")}."
                );
        }
        catch (RedisServerException problem)
        {
            return Refused(url, port, problem.Message);
        }
        catch (Exception problem) when (problem is RedisConnectionException or RedisTimeoutException)
        {
            return tunnel.Refused is { } refused ? throw refused
                : EnumNames(problem) is { } words ? Refused(url, port, words)
                : throw new UnreachableException(
                    $"Redis at {url.IdnHost}:{port} cannot be reached{(problem.GetBaseException() is SocketException or IOException ? $": {problem.GetBaseException().Message}" : "")}.",
                    problem
                );
        }
    }

    private static bool SignsInByIdentity(PreflightSubject subject) =>
        subject.Value("CACHE_STORE") switch
        {
            "azure-redis" => subject.Value("AZURE_REDIS_AUTH_MODE") != "password",
            "aws-elastic-cache" => subject.Value("AWS_REDIS_AUTH_MODE") == "iam",
            "gcp-memory-store" => subject.Value("GCP_REDIS_AUTH_MODE") == "workload",
            _ => false,
        };

    private static string Line(string? info, string name) =>
        (info ?? "").Split('\n').FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim() ?? "";

    private static Verdict Refused(Uri url, int port, string why) =>
        why.Contains("NOPERM", StringComparison.Ordinal)
            ? Verdict.Warn(
                $"Redis at {url.IdnHost}:{port} answers, but its user may not ask INFO, so its version is not known.",
                $"Make sure that it is {Oldest} or newer."
            )
            : Verdict.Fail(
                $"Redis at {url.IdnHost}:{port} does not let the gateway in: {why}",
                "Store the right REDIS_URL, with the user and password that the server expects.",
                "redis-refused"
            );

    // Sign-in errors come wrapped, and start with Redis' own error code.
    private static string? EnumNames(Exception? problem)
    {
        for (; problem is not null; problem = problem.InnerException)
        {
            foreach (var word in new[] { "NOAUTH", "WRONGPASS", "NOPERM", "invalid password", "AuthenticationFailure" })
            {
                if (problem.Message.Contains(word, StringComparison.Ordinal))
                {
                    return word is "AuthenticationFailure" or "invalid password" ? "the password is wrong, or missing." : $"{word}.";
                }
            }
        }

        return null;
    }
}
