using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.KeyIssuing;

/// <summary>Passwords of an ACL user on a real Redis.</summary>
public sealed class RedisPasswordsTests : IAsyncLifetime
{
    private const string User = "gateway";
    private RedisServer redis = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        redis = await RedisServer.StartAsync();
        await redis.CommandAsync("ACL", "SETUSER", User, "on", "~*", "+@all", ">first");
    }

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    [Fact]
    public async Task Issue_ThenRetire_LetsBothInUntilTheOldOneGoes()
    {
        var provider = Provider();
        var context = Context("first");
        var plan = await provider.PlanAsync(context, Token);
        var password = plan.Draft!.Reveal();
        Assert.False(await redis.LetsInAsync(User, password));

        var made = await provider.IssueAsync(context, plan, Token);
        Assert.Equal(Url(password), made.Reveal());
        await provider.IssueAsync(context, plan, Token); // a worker that died is followed by one that does it again
        Assert.True(await redis.LetsInAsync(User, "first") && await redis.LetsInAsync(User, password));

        var proven = context with { Current = made, InUse = [made] };
        Assert.Equal(
            "The old password of user gateway is removed from Redis.",
            await provider.RetireAsync(proven, new SecretValue(Url("first")), Token)
        );
        await provider.RetireAsync(proven, new SecretValue(Url("first")), Token);
        Assert.False(await redis.LetsInAsync(User, "first"));
        Assert.True(await redis.LetsInAsync(User, password));
    }

    [Fact]
    public async Task TakeBack_OfWhatFailed_LeavesTheOldOne_AndNeverTakesWhatIsInUse()
    {
        var provider = Provider();
        var context = Context("first");
        var plan = await provider.PlanAsync(context, Token);
        var made = await provider.IssueAsync(context, plan, Token);

        await provider.TakeBackAsync(context with { InUse = [.. context.InUse, made] }, plan.Mark, Token);
        Assert.True(await redis.LetsInAsync(User, plan.Draft!.Reveal()));
        await provider.TakeBackAsync(context, plan.Mark, Token);
        await provider.TakeBackAsync(context, plan.Mark, Token);
        Assert.False(await redis.LetsInAsync(User, plan.Draft.Reveal()));
        Assert.True(await redis.LetsInAsync(User, "first"));

        Assert.Contains(
            "nothing was removed",
            await provider.RetireAsync(context, new SecretValue(Url("first")), Token),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "a user other than",
            await provider.RetireAsync(context, new SecretValue(Url("x").Replace(User, "somebody", StringComparison.Ordinal)), Token),
            StringComparison.Ordinal
        );
        Assert.True(await redis.LetsInAsync(User, "first"));
    }

    [Fact]
    public async Task RedisPassword_WithoutUrl_IsThePasswordAlone()
    {
        var provider = Provider();
        var context = Context("first") with
        {
            Key = "REDIS_PASSWORD",
            Current = new SecretValue("first"),
            InUse = [new SecretValue("first")],
        };
        var plan = await provider.PlanAsync(context, Token);
        Assert.Equal(plan.Draft!.Reveal(), (await provider.IssueAsync(context, plan, Token)).Reveal());
        Assert.True(await redis.LetsInAsync(User, plan.Draft.Reveal()));
    }

    [Fact]
    public async Task Plan_EachMistake_IsNamedAndHoldsNoSecret()
    {
        await redis.CommandAsync("ACL", "SETUSER", "open", "on", "nopass", "+@all");
        await redis.CommandAsync("ACL", "SETUSER", "weak", "on", ">weak-password", "+ping", "+echo");
        await FailsAsync(
            "redis-admin-refused",
            Context("first") with
            {
                Admin = new SecretValue($"redis://default:wrong-canary@127.0.0.1:{redis.Port}"),
            }
        );
        await FailsAsync(
            "redis-admin-forbidden",
            Context("first") with
            {
                Admin = new SecretValue($"redis://weak:weak-password@127.0.0.1:{redis.Port}"),
            }
        );
        await FailsAsync(
            "redis-unreachable",
            Context("first") with
            {
                Admin = new SecretValue($"redis://default:canary@127.0.0.1:{FreePort.Next()}"),
            }
        );
        await FailsAsync("redis-no-admin", Context("first") with { Admin = null });
        await FailsAsync("redis-admin-form", Context("first") with { Admin = new SecretValue("canary") });
        await FailsAsync("redis-no-user", Context("first", user: "nobody"));
        await FailsAsync("redis-nopass", Context("first", user: "open"));
        await FailsAsync("redis-other-user", Context("first") with { Settings = new Dictionary<string, string> { ["user"] = "other" } });
        await FailsAsync("not-in-use", Context("first") with { Current = null });
        await FailsAsync("address-refused", Context("first"), new PreflightOptions());
    }

    private async Task FailsAsync(string code, IssueContext context, PreflightOptions? options = null)
    {
        var problem = await Assert.ThrowsAsync<IssueException>(() => Provider(options).PlanAsync(context, Token));
        Assert.Equal(code, problem.Code);
        Assert.DoesNotContain("canary", problem.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(RedisServer.Password, problem.ToString(), StringComparison.Ordinal);
        Assert.Null(problem.InnerException);
    }

    private IssueContext Context(string password, string user = User) =>
        new()
        {
            Key = "REDIS_URL",
            Settings = new Dictionary<string, string> { ["user"] = user },
            Current = new SecretValue(Url(password, user)),
            InUse = [new SecretValue(Url(password, user))],
            Admin = new SecretValue(redis.AdminUrl),
        };

    private string Url(string password, string user = User) => $"redis://{user}:{password}@127.0.0.1:{redis.Port}/0";

    private static RedisPasswords Provider(PreflightOptions? options = null) =>
        new(
            new OutboundGuard(Options.Create(options ?? new PreflightOptions { AllowedRanges = ["127.0.0.0/8"] })),
            Options.Create(new KeyIssuingOptions { TimeoutSeconds = 6 })
        );
}
