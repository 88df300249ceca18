using System.Net.Sockets;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using StackExchange.Redis;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>
/// The few commands that add and remove a Redis user's passwords, as the user of the admin address. Passwords are named by their SHA-256,
/// as Redis itself keeps them, so none of them is ever sent.
/// </summary>
internal sealed class RedisAdmin : IAsyncDisposable
{
    private readonly ConnectionMultiplexer redis;
    private readonly GuardedTunnel tunnel;
    private readonly string place;

    private RedisAdmin(ConnectionMultiplexer redis, GuardedTunnel tunnel, string place) =>
        (this.redis, this.tunnel, this.place) = (redis, tunnel, place);

    /// <exception cref="IssueException">It does not let us in, or cannot be reached.</exception>
    public static async Task<RedisAdmin> OpenAsync(
        OutboundGuard guard,
        string address,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        if (AdminUrls.Check(address) is { } wrong)
        {
            throw new IssueException("redis-admin-form", $"{SettingKeys.RedisAdminUrl} cannot be used. {wrong}");
        }

        var url = new Uri(address);
        var port = url.Port > 0 ? url.Port : 6379;
        var (at, user) = ($"{url.IdnHost}:{port}", url.UserInfo.Split(':', 2));
        var way = new GuardedTunnel(guard);
        var configuration = new ConfigurationOptions
        {
            EndPoints = { { url.IdnHost, port } },
            User = user[0].Length > 0 ? Uri.UnescapeDataString(user[0]) : null,
            Password = Uri.UnescapeDataString(user[1]),
            Ssl = url.Scheme == "rediss",
            SslHost = url.Scheme == "rediss" ? url.IdnHost : null,
            SslClientAuthenticationOptions = OutboundGuard.Tls,
            AbortOnConnectFail = true,
            AllowAdmin = true,
            ConnectRetry = 0,
            ConnectTimeout = (int)(timeout.TotalMilliseconds / 3),
            AsyncTimeout = (int)(timeout.TotalMilliseconds / 3),
            Protocol = RedisProtocol.Resp2,
            TieBreaker = "",
            ConfigurationChannel = "",
            HighIntegrity = false,
            Tunnel = way,

            // Nothing that would lead to other addresses, or need rights that a user for rotations need not have.
            CommandMap = CommandMap.Create(["PING", "AUTH", "ECHO", "GET", "ACL"], available: true),
        };
        try
        {
            // The library would retry what is refused until its time is up.
            await guard.ResolveAsync(url.IdnHost, cancellationToken);
            return new RedisAdmin(await ConnectionMultiplexer.ConnectAsync(configuration).WaitAsync(timeout, cancellationToken), way, at);
        }
        catch (Exception problem) when (Translate(problem, at, way) is { } known)
        {
            throw known;
        }
    }

    /// <summary>Passwords of a user, as SHA-256 in hex; null where there is no such user.</summary>
    /// <exception cref="IssueException">Refused, or no answer.</exception>
    public async Task<RedisUser?> GetUserAsync(string user, CancellationToken cancellationToken)
    {
        var answer = await RunAsync(["GETUSER", user], cancellationToken);
        if (answer.IsNull)
        {
            return null;
        }

        var fields = (RedisResult[])answer!;
        var values = Enumerable
            .Range(0, fields.Length / 2)
            .ToDictionary(i => (string?)fields[2 * i] ?? "", i => fields[(2 * i) + 1], StringComparer.Ordinal);
        return new RedisUser(Texts("flags"), Texts("passwords"));

        IReadOnlyList<string> Texts(string name) =>
            values.TryGetValue(name, out var list) && !list.IsNull ? [.. ((string?[])list!).OfType<string>()] : [];
    }

    /// <summary>Adds a password to the user.</summary>
    public Task AddAsync(string user, string hash, CancellationToken cancellationToken) =>
        RunAsync(["SETUSER", user, "#" + hash], cancellationToken);

    /// <summary>Removes that password from the user; does nothing where it is gone.</summary>
    public async Task RemoveAsync(string user, string hash, CancellationToken cancellationToken)
    {
        if (await GetUserAsync(user, cancellationToken) is { } known && known.Passwords.Contains(hash, StringComparer.OrdinalIgnoreCase))
        {
            await RunAsync(["SETUSER", user, "!" + hash], cancellationToken);
        }
    }

    /// <summary>Makes Redis save its users for the next start, where it has a file for them.</summary>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(["SAVE"], cancellationToken);
        }
        catch (IssueException)
        {
            // Without an ACL file, or a service that keeps its users itself. What was changed is in force.
        }
    }

    public async ValueTask DisposeAsync() => await redis.DisposeAsync();

    private async Task<RedisResult> RunAsync(string[] words, CancellationToken cancellationToken)
    {
        try
        {
            return await redis.GetServer(redis.GetEndPoints()[0]).ExecuteAsync("ACL", [.. words]).WaitAsync(cancellationToken);
        }
        catch (Exception problem) when (Translate(problem, place, tunnel) is { } known)
        {
            throw known;
        }
    }

    // Never the library's own words: they may hold what was sent.
    private static IssueException? Translate(Exception problem, string place, GuardedTunnel tunnel)
    {
        if ((tunnel.Refused ?? problem as AddressRefusedException) is { } refused)
        {
            return new(
                "address-refused",
                $"{refused.Message} An administrator may allow the range under {PreflightOptions.Section}:AllowedRanges."
            );
        }

        if (problem is not (RedisException or TimeoutException or SocketException or IOException))
        {
            return null;
        }

        var said = "";
        for (var e = problem; e is not null; e = e.InnerException)
        {
            said += e.Message + "\n";
        }

        return Has("WRONGPASS") || Has("NOAUTH") || Has("invalid password") || Has("AuthenticationFailure")
                ? new(
                    "redis-admin-refused",
                    $"Redis at {place} does not let the portal in with {SettingKeys.RedisAdminUrl}: its user or password is wrong, or was changed. Store the right one."
                )
            : Has("NOPERM")
                ? new(
                    "redis-admin-forbidden",
                    $"The user of {SettingKeys.RedisAdminUrl} may not change passwords on Redis at {place}. It needs +ping +echo +acl|getuser +acl|setuser, and +acl|save where Redis has an ACL file."
                )
            : problem is RedisServerException
                ? new(
                    "redis-failed",
                    $"Redis at {place} refused to change the user's passwords. It must be 6.0 or newer, and not a service that keeps its users elsewhere."
                )
            : new IssueException(
                "redis-unreachable",
                $"Redis at {place} cannot be reached from the portal. Check the address in {SettingKeys.RedisAdminUrl} and the network in between.",
                isTransient: true
            );

        bool Has(string word) => said.Contains(word, StringComparison.Ordinal);
    }
}

/// <summary>An ACL user.</summary>
/// <param name="Flags">Flags, such as <c>on</c> and <c>nopass</c>.</param>
/// <param name="Passwords">SHA-256 of its passwords, hex.</param>
internal sealed record RedisUser(IReadOnlyList<string> Flags, IReadOnlyList<string> Passwords);
