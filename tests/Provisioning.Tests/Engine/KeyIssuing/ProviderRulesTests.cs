using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.KeyIssuing;

/// <summary>What each provider takes.</summary>
public sealed class ProviderRulesTests
{
    private const string Id = "6f1d9d5e-31f7-4c11-9c3e-00000000000a";

    [Theory]
    [InlineData("REDIS_URL", "redis-acl")]
    [InlineData("REDIS_PASSWORD", "random,redis-acl")]
    [InlineData("AZURE_STORAGE_KEY", "random,azure-storage")]
    [InlineData("PORTKEY_CLIENT_AUTH", "random")]
    [InlineData("MONGO_DB_CONNECTION_URL", "")]
    [InlineData("REDIS_ADMIN_URL", "")]
    [InlineData("NO_SUCH_KEY", "")]
    public void For_Key_AreThoseThatMakeItsForm(string key, string providers) =>
        Assert.Equal(providers, string.Join(',', ProviderRules.For(key)));

    [Theory]
    [InlineData("REDIS_URL", "redis-acl", "user=gateway", "")]
    [InlineData("REDIS_URL", "redis-acl", $"user=gateway;admin={Id}", "")]
    [InlineData("REDIS_URL", "redis-acl", "", "settings.user")]
    [InlineData("REDIS_URL", "redis-acl", "user=two words;admin=mine;password=p", "settings.admin,settings.password,settings.user")]
    [InlineData("AZURE_STORAGE_KEY", "azure-storage", $"subscription={Id};resourceGroup=rg-gateways;account=paymentslogs", "")]
    [InlineData(
        "AZURE_STORAGE_KEY",
        "azure-storage",
        "subscription=x;resourceGroup=../x;account=UPPER",
        "settings.account,settings.resourceGroup,settings.subscription"
    )]
    [InlineData("AZURE_STORAGE_KEY", "azure-storage", "", "settings.account,settings.resourceGroup,settings.subscription")]
    [InlineData("PORTKEY_CLIENT_AUTH", "random", "", "")]
    [InlineData("PORTKEY_CLIENT_AUTH", "random", "length=64;alphabet=hex", "")]
    [InlineData("PORTKEY_CLIENT_AUTH", "random", "length=8;alphabet=emoji", "settings.alphabet,settings.length")]
    [InlineData("REDIS_URL", "random", "length=x", "provider,settings.length")]
    [InlineData(
        "REDIS_URL",
        "azure-storage",
        "user=a",
        "provider,settings.account,settings.resourceGroup,settings.subscription,settings.user"
    )]
    [InlineData("REDIS_URL", "no-such", "", "provider")]
    public void Check_Settings_NamesEveryFieldThatIsWrong(string key, string provider, string settings, string fields)
    {
        var given = settings.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(s => s.Split('=')).ToDictionary(s => s[0], s => s[1]);
        Assert.Equal(
            fields,
            string.Join(',', ProviderRules.Check(key, provider, given).Select(p => p.Field).Order(StringComparer.Ordinal))
        );
    }

    [Theory]
    [InlineData("redis://gateway:old@cache.example.com:6380/0?x=1", "gateway", "old", "redis://gateway:NEW@cache.example.com:6380/0?x=1")]
    [InlineData("rediss://:o%40ld@cache:6380", "default", "o@ld", "rediss://:NEW@cache:6380")]
    [InlineData("redis://us%3Aer:old@[fd00::1]:6379/", "us:er", "old", "redis://us%3Aer:NEW@[fd00::1]:6379/")]
    [InlineData("redis://cache:6379", "default", "", "redis://:NEW@cache:6379")]
    public void Urls_Password_IsReplacedAndNothingElse(string url, string user, string password, string changed)
    {
        Assert.Equal(
            (user, password, changed),
            (RedisUrls.UserOf("REDIS_URL", url), RedisUrls.PasswordOf("REDIS_URL", url), RedisUrls.With("REDIS_URL", url, "NEW"))
        );
        Assert.Equal(
            (null, url, "NEW"),
            (
                RedisUrls.UserOf("REDIS_PASSWORD", url),
                RedisUrls.PasswordOf("REDIS_PASSWORD", url),
                RedisUrls.With("REDIS_PASSWORD", url, "NEW")
            )
        );
    }

    [Fact]
    public void Random_Values_HaveTheLengthAndAlphabetAndDiffer()
    {
        var made = Enumerable.Range(0, 50).Select(_ => RandomValues.Make(32, "hex").Reveal()).ToList();
        Assert.Equal(50, made.Distinct().Count());
        Assert.All(made, m => Assert.Matches("^[0-9a-f]{32}$", m));
        Assert.Matches("^[A-Za-z0-9]{16}$", RandomValues.Make(16, "").Reveal());
    }
}
