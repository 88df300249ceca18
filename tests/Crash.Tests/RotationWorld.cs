using System.Collections.Concurrent;
using System.Net;
using System.Text.RegularExpressions;
using Portkey.Portal.E2E.Secrets;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Crash.Tests;

/// <summary>
/// A sandbox, a portal with failpoints, a real Redis whose user may have two passwords at once, and one environment of two pods whose
/// REDIS_URL is rotated while a client sends requests without a pause.
/// </summary>
public sealed class RotationWorld : IAsyncDisposable
{
    private const string Namespace = "payments-rotated";
    public const string User = "gateway";
    private readonly TemporaryFolder data = new();
    private readonly ArmedFailpoints points = new();
    private readonly List<string> passwords = [];
    private SandboxProcess sandbox = null!;
    private PortalProcess portal = null!;
    private RedisServer redis = null!;

    public ArmedFailpoints Points => points;

    public PortalProcess Portal => portal;

    public SandboxProcess Sandbox => sandbox;

    public Api Lead { get; private set; } = null!;

    public Api Admin { get; private set; } = null!;

    public string Environment { get; private set; } = "";

    public RedisServer Redis => redis;

    /// <summary>Password that the environment was made with.</summary>
    public string FirstPassword => passwords[0];

    public Traffic Traffic { get; private set; } = null!;

    /// <summary>The Key Vault stand-in, where the world was started on one.</summary>
    public KeyVaultServer? Azure { get; private set; }

    /// <summary>Starts it all; with the secrets in the local vault, or in the Key Vault stand-in.</summary>
    public static async Task<RotationWorld> StartAsync(bool onKeyVault = false)
    {
        var world = new RotationWorld();
        try
        {
            world.Azure = onKeyVault ? await KeyVaultServer.StartAsync() : null;
            world.sandbox = await SandboxProcess.StartAsync();
            world.redis = await RedisServer.StartAsync();
            world.portal = await PortalProcess.StartAsync(
                new PortalOptions
                {
                    Kubeconfig = world.sandbox.Kubeconfig,
                    DataFolder = world.data.Path,
                    Variables = new Dictionary<string, string?>(
                        world.Azure?.Environment ?? new Dictionary<string, string?>(),
                        StringComparer.Ordinal
                    )
                    {
                        ["Portal__Vault__Kind"] = onKeyVault ? "azure" : null,
                        ["Portal__Vault__Address"] = world.Azure?.Address.ToString(),
                        ["Portal__LeaseSeconds"] = "3",
                        ["Portal__RolloutTimeoutSeconds"] = "20",
                        ["Portal__Rotation__SoakSeconds"] = "2",
                        ["Portal__KeyIssuing__ScheduleSeconds"] = "1",
                        ["Portal__KeyIssuing__TimeoutSeconds"] = "3",
                        ["Portal__Preflight__AllowedRanges__0"] = "127.0.0.0/8",
                        ["Portal__FailpointsDirectory"] = world.points.Directory,
                    },
                }
            );
            await world.SignInAsync();
            await world.CreateAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    /// <summary>Tokens are the process's own in Development, so a restart needs new ones.</summary>
    public async Task SignInAsync()
    {
        Lead?.Dispose();
        Admin?.Dispose();
        (Lead, Admin) = (new Api(await portal.ClientAsync("lead-payments")), new Api(await portal.ClientAsync("admin-1")));
    }

    /// <summary>Stores a new version whose password Redis takes, beside those of before.</summary>
    public async Task<string> StoreAsync(string? password = null)
    {
        password ??= await GrantAsync();
        var answer = await Lead.PutTextAsync($"/api/v1/environments/{Environment}/secrets/REDIS_URL", Url(password));
        return answer.Expect(HttpStatusCode.OK).Text("version");
    }

    /// <summary>Asks for the rotation and approves it; answers with the operation's id.</summary>
    public async Task<string> RotateAsync()
    {
        var request = (
            await Lead.PostAsync($"/api/v1/environments/{Environment}/rotate", new { key = "REDIS_URL", reason = "yearly" })
        ).Expect(HttpStatusCode.Created);
        return (await Admin.ApproveAsync(request)).Text("operationId");
    }

    /// <summary>Takes the newest password away from Redis again.</summary>
    public Task RevokeNewestAsync()
    {
        var last = passwords[^1];
        passwords.RemoveAt(passwords.Count - 1);
        return redis.CommandAsync("ACL", "SETUSER", User, "<" + last);
    }

    /// <summary>Versions with their states, oldest first, such as <c>v1 disabled, v2 current</c>.</summary>
    public async Task<string> VersionsAsync()
    {
        var secrets = (await Admin.GetAsync($"/api/v1/environments/{Environment}/secrets")).Expect(HttpStatusCode.OK)["items"]!.AsArray();
        var redisUrl = secrets.Single(s => s!.Text("key") == "REDIS_URL")!;
        return string.Join(", ", redisUrl["versions"]!.AsArray().Reverse().Select(v => $"{v!.Text("version")} {v!.Text("state")}"));
    }

    /// <summary>Name of the Secret that the serving pods were started with.</summary>
    public async Task<string> ServedSecretAsync()
    {
        var pods = (await Cluster.KubectlAsync(sandbox.Kubeconfig, "get", "pods", "-n", Namespace))["items"]!.AsArray();
        var names = pods.Where(p => p!["metadata"]!["deletionTimestamp"] is null)
            .Select(p => Regex.Match(p!["spec"]!.ToJsonString(), "portkey-gateway-env-[0-9a-f]{12}").Value)
            .Distinct()
            .ToList();
        return Assert.Single(names);
    }

    /// <summary>Takes every Secret of gateways away, but one.</summary>
    public async Task DeleteSecretsButAsync(string kept)
    {
        foreach (var secret in (await Cluster.KubectlAsync(sandbox.Kubeconfig, "get", "secrets", "-n", Namespace))["items"]!.AsArray())
        {
            var name = secret!["metadata"]!["name"]!.GetValue<string>();
            if (name.StartsWith("portkey-gateway-env-", StringComparison.Ordinal) && name != kept)
            {
                await Cluster.RunAsync(Tools.Kubectl, sandbox.Kubeconfig, "delete", "secret", name, "-n", Namespace);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Traffic is not null)
        {
            await Traffic.DisposeAsync();
        }

        Lead?.Dispose();
        Admin?.Dispose();
        foreach (var part in new IAsyncDisposable?[] { portal, redis, sandbox })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        if (Azure is not null)
        {
            await Azure.DisposeAsync();
        }

        points.Dispose();
        data.Dispose();
    }

    private string Url(string password) => $"redis://{User}:{password}@127.0.0.1:{redis.Port}";

    private async Task<string> GrantAsync()
    {
        var password = $"pw-{Guid.NewGuid():N}";
        await redis.CommandAsync("ACL", "SETUSER", User, "on", "~*", "+@all", ">" + password);
        passwords.Add(password);
        return password;
    }

    private async Task CreateAsync()
    {
        var first = await GrantAsync();
        var request = await Lead.CreatedAsync(
            new
            {
                kind = "create",
                team = "payments",
                name = "payments-rotated",
                cluster = "sandbox",
                profile = "dev",
                reason = "for the checkout",
                spec = new
                {
                    edition = "enterprise",
                    replicas = 2,
                    network = new { exposure = "internal" },
                    settings = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666",
                        ["SERVICE_NAME"] = "rotated",
                        ["CACHE_STORE"] = "custom",
                    },
                    secrets = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["PORTKEY_CLIENT_AUTH"] = "client-key",
                        ["REDIS_URL"] = Url(first),
                    },
                },
            }
        );
        var approved = await Admin.ApproveAsync(request);
        var environment = await Admin.AppliedAsync(approved);
        Environment = approved.Text("environmentId");
        Traffic = new Traffic(new Uri(new Uri(environment.Text("endpoint")), "/v1/health"));
    }
}

/// <summary>A client that sends requests one after the other, each on a connection of its own, and notes what failed.</summary>
public sealed class Traffic : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentQueue<string> failed = new();
    private readonly Task sending;
    private int sent;

    public Traffic(Uri address) => sending = SendAsync(address);

    public int Sent => Volatile.Read(ref sent);

    public IReadOnlyCollection<string> Failed => failed;

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await sending;
        stopping.Dispose();
    }

    private async Task SendAsync(Uri address)
    {
        using var client = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero })
        {
            Timeout = TimeSpan.FromSeconds(10),
        };
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                using var answer = await GetAsync(client, address);
                if (!answer.IsSuccessStatusCode)
                {
                    failed.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} HTTP {(int)answer.StatusCode}");
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
            {
                failed.Enqueue($"{DateTime.UtcNow:HH:mm:ss.fff} {e.GetBaseException().Message}");
            }

            Interlocked.Increment(ref sent);
            await Task.Delay(10, CancellationToken.None);
        }
    }

    // A pod that is told to end may reset a connection that was made a moment before it left the endpoints: a client of HTTP, or the load
    // balancer before it, sends an idempotent request once more then (RFC 9110, 9.2.2). A second failure is one.
    private async Task<HttpResponseMessage> GetAsync(HttpClient client, Uri address)
    {
        try
        {
            return await client.GetAsync(address, stopping.Token);
        }
        catch (HttpRequestException)
        {
            return await client.GetAsync(address, stopping.Token);
        }
    }
}
