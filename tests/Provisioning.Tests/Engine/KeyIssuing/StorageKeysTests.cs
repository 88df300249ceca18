using Azure.Core.Pipeline;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.Azure;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.KeyIssuing;

/// <summary>The two keys of a storage account, before a server that speaks Azure's management API by its own name.</summary>
public sealed class StorageKeysTests : IAsyncLifetime
{
    private const string Account = "paymentslogs";
    private KeyVaultServer azure = null!;
    private HttpClient signIn = null!;
    private StorageAccountKeys management = null!;
    private StorageKeys provider = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        azure = await KeyVaultServer.StartAsync();
        azure.Accounts.Add(Account);
        signIn = new HttpClient(azure.Handler());
        var credential = KeyVaultCredential.Create(
            new VaultOptions { TenantId = KeyVaultSignIn.Tenant, ClientId = KeyVaultSignIn.Client },
            isDevelopment: true,
            new HttpClientTransport(signIn),
            azure.TokenFile
        );
        management = new StorageAccountKeys(
            new Uri("https://management.azure.com"),
            TimeSpan.FromSeconds(5),
            credential,
            TimeProvider.System,
            azure.Handler()
        );
        provider = new StorageKeys(management);
    }

    public async ValueTask DisposeAsync()
    {
        management.Dispose();
        signIn.Dispose();
        await azure.DisposeAsync();
    }

    [Fact]
    public async Task Alternation_ThreeTimes_MakesTheFreeKeyAnewAndThenTheOldOne()
    {
        var current = new SecretValue(azure.Accounts.Key(Account, "key1"));
        foreach (var (free, used) in new[] { ("key2", "key1"), ("key1", "key2"), ("key2", "key1") })
        {
            var context = Context(current);
            var plan = await provider.PlanAsync(context, Token);
            Assert.Equal(free, plan.Mark);
            var made = await provider.IssueAsync(context, plan, Token);
            Assert.Equal(azure.Accounts.Key(Account, free), made.Reveal());
            Assert.Equal(azure.Accounts.Key(Account, used), current.Reveal()); // valid until the new one is proven

            Assert.Contains("regenerated", await provider.RetireAsync(Context(made), current, Token), StringComparison.Ordinal);
            Assert.NotEqual(azure.Accounts.Key(Account, used), current.Reveal());
            Assert.Equal(azure.Accounts.Key(Account, free), made.Reveal());
            // after a crash, once more
            Assert.Contains("no longer a key of", await provider.RetireAsync(Context(made), current, Token), StringComparison.Ordinal);
            current = made;
        }

        Assert.Equal(["key2", "key1", "key1", "key2", "key2", "key1"], azure.Accounts.Regenerated.Select(r => r.Split('/')[1]));
    }

    [Fact]
    public async Task Keys_ThatMayBeInUse_AreNeverMadeAnew()
    {
        var (one, two) = (new SecretValue(azure.Accounts.Key(Account, "key1")), new SecretValue(azure.Accounts.Key(Account, "key2")));
        await FailsAsync("azure-no-free-key", () => provider.PlanAsync(Context(one) with { InUse = [one, two] }, Token));
        await FailsAsync("azure-no-free-key", () => provider.PlanAsync(Context(one) with { OfOthers = [two] }, Token));
        await FailsAsync("azure-key-shared", () => provider.RetireAsync(Context(one) with { OfOthers = [two] }, two, Token));
        await FailsAsync("azure-other-key", () => provider.PlanAsync(Context(new SecretValue("canary-key")), Token));
        await FailsAsync("not-in-use", () => provider.PlanAsync(Context(one) with { Current = null }, Token));
        Assert.Contains("still in use", await provider.RetireAsync(Context(one), one, Token), StringComparison.Ordinal);
        await provider.TakeBackAsync(Context(one), "key2", Token);
        Assert.Empty(azure.Accounts.Regenerated);
    }

    [Theory]
    [InlineData(403, "AuthorizationFailed", "azure-forbidden", false)]
    [InlineData(404, "ResourceNotFound", "azure-no-account", false)]
    [InlineData(409, "ScopeLocked", "azure-locked", false)]
    [InlineData(409, "StorageAccountOperationInProgress", "azure-busy", true)]
    [InlineData(429, "TooManyRequests", "azure-throttled", true)]
    [InlineData(500, "InternalServerError", "azure-failed", true)]
    [InlineData(302, "", "azure-redirect", false)]
    [InlineData(400, "Weird canary", "azure-refused", false)]
    [InlineData(0, "", "azure-unreachable", true)]
    public async Task Call_ThatFails_IsNamed_AndWhatPassesIsTriedAgain(int status, string error, string code, bool transient)
    {
        var context = Context(new SecretValue(azure.Accounts.Key(Account, "key1")));
        azure.Accounts.Fail(status, error, calls: 3);
        var problem = await FailsAsync(code, () => management.ListAsync(AccountOf(context), Token));
        Assert.Equal(transient, problem.IsTransient);
        if (transient && status != 0)
        {
            azure.Accounts.Fail(status, error, calls: 2, retryAfter: status == 429 ? 1 : null);
            Assert.Equal(2, (await management.ListAsync(AccountOf(context), Token)).Count);
        }
    }

    [Fact]
    public async Task Regenerate_AnswerThatGetsLost_IsFoundDoneTheNextTime()
    {
        var (one, two) = (new SecretValue(azure.Accounts.Key(Account, "key1")), new SecretValue(azure.Accounts.Key(Account, "key2")));
        azure.Accounts.Fail(-1);
        await FailsAsync("azure-unreachable", () => provider.RetireAsync(Context(two), one, Token));
        Assert.NotEqual(azure.Accounts.Key(Account, "key1"), one.Reveal());
        Assert.Contains("no longer a key of", await provider.RetireAsync(Context(two), one, Token), StringComparison.Ordinal);
        Assert.DoesNotContain($"{Account}/key2", azure.Accounts.Regenerated);
    }

    [Fact]
    public async Task SignIn_Refused_IsNamed()
    {
        azure.SignIn.RefusesFederation = true;
        await FailsAsync("azure-sign-in", () => management.ListAsync(AccountOf(Context(new SecretValue("x"))), Token));
    }

    [Fact]
    public async Task Account_Unknown_IsNamed() =>
        await FailsAsync(
            "azure-no-account",
            () => management.ListAsync(AccountOf(Context(new SecretValue("x")) with { Settings = Settings("another") }), Token)
        );

    private static async Task<IssueException> FailsAsync(string code, Func<Task> act)
    {
        var problem = await Assert.ThrowsAsync<IssueException>(act);
        Assert.Equal(code, problem.Code);
        Assert.DoesNotContain("canary", problem.ToString(), StringComparison.Ordinal);
        return problem;
    }

    private static IssueContext Context(SecretValue current) =>
        new()
        {
            Key = "AZURE_STORAGE_KEY",
            Settings = Settings(Account),
            Current = current,
            InUse = [current],
        };

    private static Dictionary<string, string> Settings(string account) =>
        new()
        {
            ["subscription"] = StorageAccounts.Subscription,
            ["resourceGroup"] = StorageAccounts.ResourceGroup,
            ["account"] = account,
        };

    private static StorageAccount AccountOf(IssueContext context) =>
        new(context.Setting("subscription"), context.Setting("resourceGroup"), context.Setting("account"));
}
