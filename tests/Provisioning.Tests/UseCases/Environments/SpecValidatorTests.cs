using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Environments;

/// <summary>What a spec may say; each refusal names its field and what to do.</summary>
public sealed class SpecValidatorTests
{
    [Fact]
    public void Judge_LeastSpecOfEachEdition_HasNoProblem()
    {
        Assert.Empty(Judge(Inputs.Oss()));
        Assert.Empty(Judge(Inputs.Enterprise(), Inputs.EnterpriseSecrets));
    }

    [Theory]
    [InlineData("SERVER_MODE", "gateway", "disables the gateway")]
    [InlineData("LOG_STORE", "floppy", "not one of")]
    [InlineData("portkey_client_auth", "x", "Did you mean PORTKEY_CLIENT_AUTH?")]
    [InlineData("PORTKEY_CLIENT_AUTH", "pk-live-1", "under spec.secrets")]
    [InlineData("PORT", "9000", "not one of")]
    [InlineData("SERVICE_NAME", "Not A Label", "lower-case")]
    [InlineData("REQUEST_TIMEOUT", "0", "greater than 0")]
    [InlineData("OTEL_ENDPOINT", "javascript:alert(1)", "https://")]
    [InlineData("ORGANISATIONS_TO_SYNC", "two\nlines", "line breaks")]
    [InlineData("ORGANISATIONS_TO_SYNC", "nul\0", "control characters")]
    public void Judge_WrongSetting_IsRefusedByNameWithTheCure(string key, string value, string message)
    {
        var problem = Assert.Single(
            Judge(Inputs.Enterprise((key, value)), Inputs.EnterpriseSecrets),
            p => p.Field == "spec.settings." + key
        );

        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("pk-live-1", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_ValueOfAMegabyte_IsRefusedWithoutRepeatingIt()
    {
        var problem = Assert.Single(Judge(Inputs.Oss(("TRUSTED_CUSTOM_HOSTS", new string('x', 1024 * 1024)))));

        Assert.Equal("spec.settings.TRUSTED_CUSTOM_HOSTS", problem.Field);
        Assert.InRange(problem.Message.Length, 1, 200);
    }

    [Theory]
    [InlineData("REDIS_URL", "http://cache", "redis://")]
    [InlineData("PORTKEY_CLIENT_AUTH", "", "empty")]
    [InlineData("PORTKEY_CLIENT_AUTH", "a\0b", "NUL")]
    [InlineData("SERVICE_NAME", "hunter2", "under spec.settings")]
    [InlineData("NO SUCH SECRET", "hunter2", "letters, digits and underscores")]
    public void Judge_WrongSecret_IsRefusedWithoutItsValue(string key, string value, string message)
    {
        var secrets = new Dictionary<string, string>(Inputs.EnterpriseSecrets, StringComparer.Ordinal) { [key] = value };

        var problem = Assert.Single(Judge(Inputs.Enterprise(), secrets), p => p.Field == "spec.secrets." + key);

        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_SecretOverTheVaultsLimit_IsRefused()
    {
        var secrets = new Dictionary<string, string>(Inputs.EnterpriseSecrets, StringComparer.Ordinal)
        {
            ["PORTKEY_CLIENT_AUTH"] = new('s', SpecValidator.MaxSecretLength + 1),
        };

        Assert.Contains(Judge(Inputs.Enterprise(), secrets), p => p.Field == "spec.secrets.PORTKEY_CLIENT_AUTH");
    }

    [Fact]
    public void Judge_MissingRequiredSecret_IsNamedUnlessItIsStoredAlready()
    {
        var redis = Inputs.Map(("REDIS_URL", "redis://cache:6379"));

        Assert.Equal("spec.secrets.PORTKEY_CLIENT_AUTH", Assert.Single(Judge(Inputs.Enterprise(), redis)).Field);
        Assert.Empty(Judge(Inputs.Enterprise(), redis, stored: ["PORTKEY_CLIENT_AUTH"]));
    }

    [Theory]
    [InlineData("rediss://cache.example.com:6380", "false", false)]
    [InlineData("rediss://cache.example.com:6380", null, false)]
    [InlineData("rediss://cache.example.com:6380", "true", true)]
    [InlineData("redis://cache.example.com:6379", "true", false)]
    [InlineData("redis://cache.example.com:6379", "false", true)]
    public void Judge_RedisAddressAndTls_MustAgree(string url, string? tls, bool fits)
    {
        var spec = tls is null ? Inputs.Enterprise() : Inputs.Enterprise(("REDIS_TLS_ENABLED", tls));
        var problems = Judge(spec, Inputs.Map(("PORTKEY_CLIENT_AUTH", "x"), ("REDIS_URL", url)));

        Assert.Equal(fits ? [] : ["spec.settings.REDIS_TLS_ENABLED"], problems.Select(p => p.Field));
    }

    [Theory]
    [InlineData("azure", "spec.settings.AZURE_STORAGE_ACCOUNT", "spec.settings.AZURE_STORAGE_CONTAINER", "spec.secrets.AZURE_STORAGE_KEY")]
    [InlineData("mongo", "spec.settings.MONGO_DATABASE", "spec.settings.MONGO_COLLECTION_NAME", "spec.secrets.MONGO_DB_CONNECTION_URL")]
    [InlineData(
        "s3_assume",
        "spec.settings.LOG_STORE_REGION",
        "spec.settings.LOG_STORE_GENERATIONS_BUCKET",
        "spec.settings.LOG_STORE_AWS_ROLE_ARN"
    )]
    public void Judge_LogStoreWithoutItsSettings_NamesWhatItNeeds(string store, params string[] fields) =>
        Assert.Equal(
            fields.Order(StringComparer.Ordinal),
            Judge(Inputs.Enterprise(("LOG_STORE", store)), Inputs.EnterpriseSecrets).Select(p => p.Field).Order(StringComparer.Ordinal)
        );

    [Fact]
    public void Judge_BuiltInRedis_IsForDevelopmentOnly()
    {
        var spec = Inputs.Enterprise(("CACHE_STORE", "redis"));

        Assert.Empty(Judge(spec, Inputs.EnterpriseSecrets));
        Assert.Equal("spec.settings.CACHE_STORE", Assert.Single(Judge(spec, Inputs.EnterpriseSecrets, profile: "standard")).Field);
    }

    [Fact]
    public void Judge_EnterpriseSettingOnTheOpenSourceGateway_WarnsThatItHasNoEffect()
    {
        var (problems, findings) = SpecValidator.Judge(Candidate(Inputs.Oss(("LOG_STORE", "mongo")), Inputs.None, "dev", []));

        Assert.Empty(problems);
        Assert.Contains(findings, f => f.Severity == Severity.Warning && f.Field == "spec.settings.LOG_STORE");
    }

    private static IReadOnlyList<Portkey.Portal.Provisioning.Common.FieldProblem> Judge(
        EnvironmentSpec spec,
        IReadOnlyDictionary<string, string>? secrets = null,
        string profile = "dev",
        params string[] stored
    ) => SpecValidator.Judge(Candidate(spec, secrets ?? Inputs.None, profile, stored)).Problems;

    private static SpecCandidate Candidate(
        EnvironmentSpec spec,
        IReadOnlyDictionary<string, string> secrets,
        string profile,
        string[] stored
    ) => new(spec, Inputs.Profile(profile), secrets, stored.ToHashSet(StringComparer.Ordinal));
}
