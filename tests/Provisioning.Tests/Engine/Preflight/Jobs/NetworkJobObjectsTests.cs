using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Engine.Preflight.Jobs;
using Portkey.Portal.Provisioning.Tests.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Jobs;

public sealed class NetworkJobObjectsTests
{
    private static readonly EgressNeed Redis = new("REDIS_URL", "redis", new NetworkAddress("cache.example.com", 6380));

    [Fact]
    public void Job_IsRestricted_WithoutToken_LimitedInTimeAndTries_AndHoldsAddressesAlone()
    {
        var job = NetworkJobObjects.Job(
            "look-1",
            "docker.io/portkeyai/gateway:1.15.2",
            null,
            new([new(Redis, "t", true)], []),
            ["127.0.0.0/8"],
            [],
            TimeSpan.FromSeconds(60)
        );
        var (spec, pod) = (job["spec"]!, job["spec"]!["template"]!["spec"]!);

        Assert.Equal(
            (0, 60, 300),
            ((int)spec["backoffLimit"]!, (int)spec["activeDeadlineSeconds"]!, (int)spec["ttlSecondsAfterFinished"]!)
        );
        Assert.Equal("Never", pod["restartPolicy"]!.ToString());
        Assert.False((bool)pod["automountServiceAccountToken"]!);
        Assert.Null(pod["containers"]![0]!["env"]);
        Assert.Empty(ManifestRules.AgainstRestricted(job.ToJsonString()));
        var argument = JsonNode.Parse(pod["containers"]![0]!["args"]![2]!.ToString())!;
        Assert.Equal("""[["cache.example.com",6380,"t"]]""", argument["targets"]!.ToJsonString());
    }

    [Fact]
    public void Egress_IsTheEnvironmentsOwn_WithoutRulesForPodsBesideIt()
    {
        var manifests = ManifestItems.Parse(
            """
            kind: NetworkPolicy
            metadata: {name: deny}
            spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
            ---
            kind: NetworkPolicy
            metadata: {name: inside}
            spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}
            ---
            kind: NetworkPolicy
            metadata: {name: redis-only}
            spec: {podSelector: {matchLabels: {app: redis}}, policyTypes: [Egress], egress: [{}]}
            ---
            kind: NetworkPolicy
            metadata: {name: dns}
            spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {}, podSelector: {}}], ports: [{port: 53}]}]}
            ---
            kind: NetworkPolicy
            metadata: {name: stores}
            spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.9.0.0/16]}}], ports: [{port: 6380}]}]}
            """
        );
        var policy = NetworkJobObjects.Egress("look-1", manifests);

        Assert.Equal("look-1", policy["spec"]!["podSelector"]!["matchLabels"]![NetworkJobObjects.Label]!.ToString());
        Assert.Equal(
            """[{"to":[{"namespaceSelector":{},"podSelector":{}}],"ports":[{"port":53}]},{"to":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.9.0.0/16"]}}],"ports":[{"port":6380}]}]""",
            policy["spec"]!["egress"]!.ToJsonString()
        );
        Assert.Equal("[{}]", NetworkJobObjects.Egress("look-1", [])["spec"]!["egress"]!.ToJsonString());
        Assert.Equal("[]", NetworkJobObjects.Egress("look-1", [manifests[0]])["spec"]!["egress"]!.ToJsonString());
    }

    [Theory]
    [InlineData("rediss://x", "redis", 6380, "t")]
    [InlineData("redis://x", "redis", 6379, "")]
    [InlineData("https://x", "control-plane", 8443, "t")]
    [InlineData("http://x", "proxy", 443, "")]
    [InlineData("", "log-store", 443, "t")]
    [InlineData("mongodb+srv://x", "mongo", 27017, "st")]
    public void Targets_Scheme_SaysWhetherTlsIsTried(string text, string reason, int port, string flags)
    {
        var targets = NetworkTargets.Of(new([new("KEY", reason, new("store.example.com", port))], []), k => k == "KEY" ? text : "", []);

        Assert.Equal((flags, true), (Assert.Single(targets.Tried).Flags, targets.Tried[0].IsVital));
    }

    [Fact]
    public void Targets_WhatAJobCannotTry_IsNamed()
    {
        EgressNeed[] needs =
        [
            new("A", "setting", new("redis", 6379)),
            new("B", "setting", new("127.0.0.1", 80)),
            Redis with
            {
                LastPort = 8599,
            },
            new("C", "identity", new("169.254.169.254", 80), Place: EgressPlace.NodeLink),
        ];
        var targets = NetworkTargets.Of(new(needs, [EgressGap.Unreadable("MONGO_DB_CONNECTION_URL")]), _ => "", []);

        Assert.Equal(("n", false), (Assert.Single(targets.Tried).Flags, targets.Tried[0].IsVital));
        Assert.Equal(["MONGO_DB_CONNECTION_URL", "A", "B", "REDIS_URL"], targets.Left.Select(l => l.Split(' ')[0]));
        Assert.Single(NetworkTargets.Of(new([needs[1]], []), _ => "", [IPNetwork.Parse("127.0.0.0/8")]).Tried);
    }

    [Fact]
    public async Task Check_NotAllowed_SaysThatOnlyThePortalLooked_AndWhoMayAllowIt()
    {
        var result = await Subjects.RunAsync(
            "cluster-network",
            Subjects.Of(new Dictionary<string, string> { ["CONTROL_PLANE_BASEPATH"] = "https://plane.example.com" })
        );

        Subjects.Is(CheckStatus.Skipped, "Checked from the portal only; an administrator can allow short Jobs", result);
    }

    [Fact]
    public async Task Check_ImageThatTheRequestNamesItself_DoesNotRunBeforeAnApproval()
    {
        var subject = new PreflightSubject(
            new EnvironmentSpec { Edition = Edition.Enterprise, ImageRepository = "registry.example.com/mine/gateway" },
            ""
        )
        {
            Cluster = null!,
            Namespace = "payments-dev",
            EnvironmentId = Guid.NewGuid(),
            ReleaseName = "portkey-gateway",
            Zones = 1,
            Pins = new Dictionary<string, SecretPin>(),
            PreflightJobs = true,
            Secrets = new Dictionary<string, SecretValue>(),
        };

        Subjects.Is(
            CheckStatus.Skipped,
            "before an approval, nothing of registry.example.com/mine/gateway",
            await Subjects.RunAsync("cluster-network", subject)
        );
    }
}
