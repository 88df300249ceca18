using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Checks;

/// <summary>Preflight reads the policies that will be applied, and says which address of the spec they keep the gateway from.</summary>
public sealed class EgressCheckTests
{
    private const string Deny =
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: deny}\nspec: {podSelector: {}, policyTypes: [Ingress, Egress]}\n";

    [Theory]
    [InlineData("rediss://10.1.2.3:6380", "{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}", CheckStatus.Passed, "Open")]
    [InlineData(
        "rediss://10.1.2.3:10000",
        "{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}]}",
        CheckStatus.Failed,
        "REDIS_URL (10.1.2.3:10000) is closed"
    )]
    [InlineData(
        "rediss://10.1.2.3:8510",
        "{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 8500, endPort: 8599}]}",
        CheckStatus.Passed,
        "Open"
    )]
    [InlineData("rediss://10.1.2.3:6380", "{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}", CheckStatus.Failed, "is closed")]
    [InlineData("rediss://192.168.1.1:6380", "{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}", CheckStatus.Failed, "is closed")]
    [InlineData("redis://169.254.169.254:80", "{to: [{ipBlock: {cidr: 0.0.0.0/0}}]}", CheckStatus.Failed, "node's own link")]
    [InlineData("rediss://nowhere.invalid:6380", "{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}", CheckStatus.Warning, "nowhere.invalid:6380")]
    [InlineData(
        "rediss://nowhere.invalid:6380",
        "{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}]}",
        CheckStatus.Failed,
        "no network policy opens port 6380"
    )]
    [InlineData("rediss://nowhere.invalid:6380", "{to: [{ipBlock: {cidr: 0.0.0.0/0}}], ports: [{port: 6380}]}", CheckStatus.Passed, "Open")]
    [InlineData(
        "redis://127.0.0.1:6379",
        "{to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: 443}]}",
        CheckStatus.Passed,
        "within the pod itself"
    )]
    public async Task Run_PoliciesAsApplied_AreJudgedByTheSecretsOwnAddress(string redis, string rule, CheckStatus status, string says)
    {
        var manifest =
            $"{Deny}---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{name: open}}\nspec: {{podSelector: {{}}, policyTypes: [Egress], egress: [{rule}]}}\n";

        Subjects.Is(status, says, await Subjects.RunAsync("egress", Subject(manifest, redis)));
    }

    [Fact]
    public async Task Run_PolicyForOtherPodsOnly_OpensNothing() =>
        Subjects.Is(
            CheckStatus.Failed,
            "REDIS_URL",
            await Subjects.RunAsync(
                "egress",
                Subject(
                    $"{Deny}---\nkind: NetworkPolicy\nmetadata: {{name: other}}\nspec: {{podSelector: {{matchLabels: {{app: redis}}}}, policyTypes: [Egress], egress: [{{}}]}}\n",
                    "redis://10.1.2.3:6379"
                )
            )
        );

    private static PreflightSubject Subject(string manifest, string redis) =>
        new(
            Inputs.Enterprise(
                (
                    "CONTROL_PLANE_BASEPATH",
                    redis.Replace("rediss", "https", StringComparison.Ordinal).Replace("redis:", "http:", StringComparison.Ordinal)
                )
            ),
            manifest
        )
        {
            Cluster = null!,
            Namespace = "payments-dev",
            EnvironmentId = Guid.NewGuid(),
            ReleaseName = "portkey-gateway",
            Zones = 1,
            Pins = Inputs.Pins("REDIS_URL"),
            Secrets = new Dictionary<string, SecretValue> { ["REDIS_URL"] = new(redis) },
        };
}
