using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Environments;

/// <summary>Variables that the portal does not know are handed on and shown; those that change what runs, and secrets in plain sight, are
/// not.</summary>
public sealed class UnknownVariableTests
{
    [Fact]
    public void Judge_UnknownPlainAndSecret_AreAllowedAndSaidToBeUnknown()
    {
        var (problems, findings) = Judge(Inputs.Oss(("MY_FLAG", "on"), ("REQUEST_TIMOUT", "5")), Inputs.Map(("MY_SECRET", "value")));

        Assert.Empty(problems);
        Assert.Contains(
            findings,
            f =>
                f is { Kind: "unknown-variable", Field: "spec.settings.MY_FLAG" }
                && f.Message.Contains("Not known to the portal", StringComparison.Ordinal)
        );
        Assert.Contains(findings, f => f is { Kind: "unknown-variable", Field: "spec.secrets.MY_SECRET" });
        Assert.Contains(
            findings,
            f => f.Field == "spec.settings.REQUEST_TIMOUT" && f.Message.EndsWith("Did you mean REQUEST_TIMEOUT?", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Judge_WhereAdministratorsForbidThem_BothAreRefusedByName()
    {
        var candidate = Candidate(
            Inputs.Oss(("MY_FLAG", "on"), ("PROMETHEUS_ANYTHING", "1"), ("MAX_FALLBACK_CONFIG_TARGETS", "9")),
            Inputs.Map(("MY_SECRET", "value"))
        ) with
        {
            Policy = new() { UnknownVariables = false },
        };

        Assert.Equal(["spec.settings.MY_FLAG", "spec.secrets.MY_SECRET"], SpecValidator.Judge(candidate).Problems.Select(p => p.Field));
    }

    [Theory]
    [InlineData("NODE_OPTIONS")]
    [InlineData("NODE_TLS_REJECT_UNAUTHORIZED")]
    [InlineData("NODE_EXTRA_CA_CERTS")]
    [InlineData("LD_PRELOAD")]
    [InlineData("PATH")]
    [InlineData("KUBERNETES_SERVICE_HOST")]
    [InlineData("SSLKEYLOGFILE")]
    [InlineData("REDIS_ADMIN_URL")]
    [InlineData("A=B")]
    [InlineData("A B")]
    [InlineData("1A")]
    [InlineData("A\nLD_PRELOAD")]
    [InlineData("A-B")]
    [InlineData("")]
    public void Judge_NameThatChangesWhatRuns_IsRefusedPlainAndSecret(string key)
    {
        Assert.Equal([$"spec.settings.{key}"], Judge(Inputs.Oss((key, "on")), Inputs.None).Problems.Select(p => p.Field));
        Assert.Equal([$"spec.secrets.{key}"], Judge(Inputs.Oss(), Inputs.Map((key, "on"))).Problems.Select(p => p.Field));
    }

    [Theory]
    [InlineData("MY_PASSWORD", "x")]
    [InlineData("VENDOR_API_KEY", "x")]
    [InlineData("vendor_token", "x")]
    [InlineData("MY_URL", "https://user:hunter2@example.com")]
    [InlineData("HTTPS_PROXY", "http://user:hunter2@proxy.example.com:3128")]
    [InlineData("OTEL_ENDPOINT", "https://user:hunter2@otel.example.com")]
    public void Judge_SecretInPlainSettings_IsRefusedWithoutItsValue(string key, string value)
    {
        var problem = Assert.Single(Judge(Inputs.Oss((key, value)), Inputs.None).Problems);

        Assert.Equal($"spec.settings.{key}", problem.Field);
        Assert.DoesNotContain("hunter2", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_ProxyWithPassword_MayBeASecret() =>
        Assert.Empty(
            Judge(Inputs.Oss(("NO_PROXY", "localhost")), Inputs.Map(("HTTPS_PROXY", "http://user:hunter2@proxy.example.com:3128"))).Problems
        );

    [Fact]
    public void Judge_SameVariablePlainAndSecret_IsRefused() =>
        Assert.Equal(
            ["spec.settings.MY_FLAG"],
            Judge(Inputs.Oss(("MY_FLAG", "on")), Inputs.Map(("MY_FLAG", "off"))).Problems.Select(p => p.Field)
        );

    [Fact]
    public void CheckSecret_TooManyBytes_IsRefusedThoughTheCharactersAreFew()
    {
        var secret = new string('ü', 12_801);
        var problem = Assert.Single(
            Judge(
                Inputs.Enterprise(),
                Inputs.Map(("PORTKEY_CLIENT_AUTH", secret), ("REDIS_URL", "redis://cache.example.com:6379"))
            ).Problems
        );

        Assert.Equal("spec.secrets.PORTKEY_CLIENT_AUTH", problem.Field);
        Assert.Contains("25602 bytes", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_GoogleWorkload_IsAllowed() =>
        Assert.Empty(
            Judge(
                Inputs.Enterprise(
                    ("LOG_STORE", "gcs_assume"),
                    ("GCP_AUTH_MODE", "workload"),
                    ("LOG_STORE_REGION", "europe-west4"),
                    ("LOG_STORE_GENERATIONS_BUCKET", "acme"),
                    ("CACHE_STORE", "gcp-memory-store"),
                    ("GCP_REDIS_AUTH_MODE", "workload")
                ),
                Inputs.EnterpriseSecrets
            ).Problems
        );

    [Fact]
    public void Judge_ElastiCacheByRole_NeedsNameAndUser() =>
        Assert.Equal(
            ["spec.settings.REDIS_USERNAME", "spec.settings.AWS_REDIS_CLUSTER_NAME"],
            Judge(Inputs.Enterprise(("CACHE_STORE", "aws-elastic-cache"), ("AWS_REDIS_AUTH_MODE", "iam")), Inputs.EnterpriseSecrets)
                .Problems.Select(p => p.Field)
        );

    [Fact]
    public void Judge_LogsAtTheControlPlaneAndTrustedHosts_NeedNoStore()
    {
        var (problems, findings) = Judge(
            Inputs.Enterprise(("LOG_STORE", "control_plane"), ("TRUSTED_CUSTOM_HOSTS", "localhost")),
            Inputs.EnterpriseSecrets
        );

        Assert.Empty(problems);
        Assert.Contains(
            findings,
            f => f.Field == "spec.settings.LOG_STORE" && f.Message.Contains("control plane", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(findings, f => f.Field == "spec.settings.TRUSTED_CUSTOM_HOSTS");
    }

    [Theory]
    [InlineData("REDIS_URL", "redis-url")]
    [InlineData("my_key", null)]
    [InlineData("MY_KEY", "my-key")]
    public void VaultName_OfVariablesThatDifferInCaseAlone_IsNotTheSame(string key, string? purpose)
    {
        var name = VaultNames.Of(Guid.Empty, key);

        Assert.Matches("^[0-9a-z-]{1,127}$", name);
        Assert.Equal(purpose is not null, name == $"env-{Guid.Empty:N}-{purpose}");
    }

    private static (IReadOnlyList<FieldProblem> Problems, IReadOnlyList<FindingView> Findings) Judge(
        EnvironmentSpec spec,
        IReadOnlyDictionary<string, string> secrets
    ) => SpecValidator.Judge(Candidate(spec, secrets));

    private static SpecCandidate Candidate(EnvironmentSpec spec, IReadOnlyDictionary<string, string> secrets) =>
        new(spec, Inputs.Profile("dev"), secrets, new HashSet<string>(StringComparer.Ordinal));
}
