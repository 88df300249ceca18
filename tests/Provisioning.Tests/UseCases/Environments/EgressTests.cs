using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Environments;

/// <summary>What the gateway may call follows from what its spec needs to call.</summary>
public sealed class EgressTests
{
    private const string Metadata = "169.254.169.254";

    [Theory]
    [InlineData("rediss://cache.westeurope.redis.azure.net:10000", "cache.westeurope.redis.azure.net:10000")]
    [InlineData("redis://:p%40ss@Cache.Example.com", "cache.example.com:6379")]
    [InlineData("mongodb://u:p@a.example.com:27017,b.example.com:27018/logs?ssl=true", "a.example.com:27017,b.example.com:27018")]
    [InlineData("mongodb+srv://u:p@cluster.example.com/", "cluster.example.com:27017")]
    [InlineData("rediss://[fd00::1]:6380", "[fd00::1]:6380")]
    [InlineData("redis://0x7f.1:6379", "127.0.0.1:6379")]
    [InlineData("redis://2852039166/", "169.254.169.254:6379")]
    [InlineData("https://otel.example.com/v1", "otel.example.com:443")]
    public void AddressOf_Url_IsItsHostsAndPortsAlone(string url, string address) => Assert.Equal(address, EgressNeeds.AddressOf(url));

    [Theory]
    [InlineData("redis://:pa/ss@word@cache.example.com:6379")] // either part could be the password's
    [InlineData("redis://:secret/part@cache.example.com:6379")]
    [InlineData("redis://:se#cret@cache.example.com:6379")]
    [InlineData("redis://user:pass word@:6379")]
    [InlineData("just-a-password")]
    [InlineData("sk-live-123://x")]
    [InlineData("")]
    public void AddressOf_WhatCouldHoldPartOfAPassword_IsNothing(string value) => Assert.Null(EgressNeeds.AddressOf(value));

    [Fact]
    public void Of_StoresOfTheSpecUnderOpenEgress_HaveTheirPortsAndTheManagedIdentityItsAddress()
    {
        var spec = Inputs.Enterprise(
            ("CACHE_STORE", "azure-redis"),
            ("AZURE_REDIS_AUTH_MODE", "managed"),
            ("REDIS_TLS_ENABLED", "true"),
            ("LOG_STORE", "azure"),
            ("AZURE_STORAGE_ACCOUNT", "gatewaylogs"),
            ("AZURE_STORAGE_CONTAINER", "llm-logs"),
            ("AZURE_AUTH_MODE", "managed"),
            ("ANALYTICS_STORE", "clickhouse"),
            ("ANALYTICS_STORE_ENDPOINT", "https://clickhouse.example.com:8443"),
            ("OTEL_PUSH_ENABLED", "true"),
            ("OTEL_ENDPOINT", "http://otel.example.com:4318"),
            ("VECTOR_STORE", "milvus"),
            ("VECTOR_STORE_ADDRESS", "milvus.example.com")
        );

        var plan = Plan(spec, ("REDIS_URL", "rediss://cache.westeurope.redis.azure.net:10000"));

        Assert.Equal(
            [
                "clickhouse-8443 0.0.0.0/0 8443",
                "https 0.0.0.0/0 443",
                $"identity-80 {Metadata}/32 80",
                "otel-4318 0.0.0.0/0 4318",
                "redis-10000 0.0.0.0/0 10000",
                "vector-store-19530 0.0.0.0/0 19530",
            ],
            plan.Select(o => $"{o.Name} {o.Cidr} {o.Port}").Order(StringComparer.Ordinal)
        );
        Assert.All(plan.Where(o => o.Cidr == "0.0.0.0/0"), o => Assert.Contains("169.254.0.0/16", o.Except));
    }

    [Fact]
    public void Of_RedisNodesAndWorkersThatAreNamedByHost_HaveTheirPorts_AndDiscoveredOnesAreSaidToBeUnknown()
    {
        var spec = Inputs.Enterprise(
            ("CACHE_STORE", "custom"),
            ("REDIS_CLUSTER_ENDPOINTS", "10.0.1.1:7000, node.example.com"),
            ("REDIS_WORKERS_HOST", "workers.example.com"),
            ("REDIS_WORKERS_PORT", "6390"),
            ("REDIS_CLUSTER_DISCOVERY_URL", "https://discovery.example.com:8444/nodes")
        );

        var outlook = EgressNeeds.Of(spec, new Dictionary<string, string>(), ServiceAddresses.Public);

        Assert.Superset(
            new HashSet<string> { "10.0.1.1:7000", "node.example.com:6379", "workers.example.com:6390", "discovery.example.com:8444" },
            outlook.Known.Select(n => $"{n.Address}").ToHashSet()
        );
        Assert.Equal(["REDIS_CLUSTER_DISCOVERY_URL"], outlook.Unknown.Select(u => u.Setting));
    }

    [Fact]
    public void Of_NoManagedIdentity_KeepsTheNodesAddressClosed()
    {
        var plan = Plan(
            Inputs.Enterprise(
                ("LOG_STORE", "azure"),
                ("AZURE_STORAGE_ACCOUNT", "gatewaylogs"),
                ("AZURE_STORAGE_CONTAINER", "logs"),
                ("AZURE_AUTH_MODE", "workload")
            )
        );

        Assert.DoesNotContain(plan, o => o.Covers(System.Net.IPAddress.Parse(Metadata), 80));
        Assert.DoesNotContain(plan, o => o.Covers(System.Net.IPAddress.Parse("168.63.129.16"), 443));
    }

    [Theory]
    [InlineData("redis://169.254.169.254:80")]
    [InlineData("redis://168.63.129.16:443")]
    [InlineData("redis://2852039166:80")]
    [InlineData("redis://[::ffff:169.254.169.254]:80")]
    [InlineData("redis://[fd00:ec2::254]:80")]
    public void Judge_StoreAtTheNodesAddress_IsRefusedAndNeverOpened(string url)
    {
        Assert.Contains(
            Judge(Inputs.Enterprise(), ("REDIS_URL", url)).Problems,
            p => p.Field == "spec.secrets.REDIS_URL" && p.Message.Contains("node's own link", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            Plan(Inputs.Enterprise(), ("REDIS_URL", url)),
            o => o.Covers(System.Net.IPAddress.Parse(Metadata), 80) || o.Covers(System.Net.IPAddress.Parse("fd00:ec2::254"), 80)
        );
    }

    [Theory]
    [InlineData("169.254.169.254/32:80")]
    [InlineData("169.254.0.0/16")]
    [InlineData("[fd00:ec2::254/128]:80")]
    public void Judge_NodesRangeListed_IsRefused(string range) =>
        Assert.Contains(
            Judge(Inputs.Oss() with { Network = new() { Egress = [range] } }).Problems,
            p => p.Field == "spec.network.egress[0]"
        );

    [Fact]
    public void Of_EverythingListed_LeavesTheNodesAddressesOut()
    {
        var plan = EgressPlan.Of(new NetworkSpec { Egress = ["0.0.0.0/0", "::/0"] }, new Dictionary<string, string[]>(), []);

        Assert.DoesNotContain(
            plan,
            o => o.Covers(System.Net.IPAddress.Parse(Metadata), 80) || o.Covers(System.Net.IPAddress.Parse("fe80::1"), 80)
        );
        Assert.Contains(plan, o => o.Covers(System.Net.IPAddress.Parse("203.0.113.9"), 9999));
    }

    [Fact]
    public void Judge_OneRangeWithLogStoreAndControlPlaneOutside_IsRefusedAndNamesBoth()
    {
        var spec = Inputs.Enterprise(
            ("LOG_STORE", "azure"),
            ("AZURE_STORAGE_ACCOUNT", "gatewaylogs"),
            ("AZURE_STORAGE_CONTAINER", "logs"),
            ("AZURE_AUTH_MODE", "workload")
        ) with
        {
            Network = new() { Egress = ["10.0.0.0/8"] },
        };

        var problem = Assert.Single(Judge(spec).Problems, p => p.Field == "spec.network.egress");

        Assert.Contains("api.portkey.ai:443", problem.Message, StringComparison.Ordinal);
        Assert.Contains("LOG_STORE (gatewaylogs.blob.core.windows.net:443)", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.0/8:443", "redis://10.1.2.3:6379", true)] // the range, but not the port
    [InlineData("10.0.0.0/8", "redis://10.1.2.3:6379", false)]
    [InlineData("10.0.0.0/8", "redis://192.168.1.1:6379", true)]
    [InlineData("203.0.113.0/24:443", "rediss://cache.example.com:6380", true)] // no range opens the port
    public void Judge_LimitedEgress_CoversTheStoreOrIsRefused(string range, string redis, bool refused)
    {
        var spec = Inputs.Enterprise(
            ("CONTROL_PLANE_BASEPATH", "https://10.9.9.9"),
            ("REDIS_TLS_ENABLED", redis.StartsWith("rediss", StringComparison.Ordinal) ? "true" : "false")
        ) with
        {
            Network = new() { Egress = [range, "10.9.9.9/32:443"] },
        };

        Assert.Equal(
            refused,
            Judge(spec, ("REDIS_URL", redis))
                .Problems.Any(p => p.Field == "spec.network.egress" && p.Message.Contains("REDIS_URL", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void Judge_OpenEgress_SaysWhichPortsAndForWhat()
    {
        var finding = Assert.Single(
            Judge(Inputs.Enterprise(("REDIS_TLS_ENABLED", "true")), ("REDIS_URL", "rediss://:hidden@cache.example.com:6380")).Findings,
            f => f.Field == "spec.network.egress"
        );

        Assert.Contains("443", finding.Message, StringComparison.Ordinal);
        Assert.Contains("6380 (for REDIS_URL)", finding.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_SecretOfUnknownAddress_IsAFinding()
    {
        var candidate = Candidate(Inputs.Enterprise()) with
        {
            NewSecrets = Inputs.None,
            StoredSecrets = new HashSet<string> { "PORTKEY_CLIENT_AUTH", "REDIS_URL" },
            StoredAddresses = Inputs.Map(("REDIS_URL", ""), ("PORTKEY_CLIENT_AUTH", "")),
        };

        Assert.Contains(
            SpecValidator.Judge(candidate).Findings,
            f => f.Field == "spec.secrets.REDIS_URL" && f.Message.Contains("does not know which address", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Of_PortsThatTwoNeed_AreOpenedOnceAndNamesStayApart()
    {
        var spec = Inputs.Enterprise(
            ("ANALYTICS_STORE", "clickhouse"),
            ("ANALYTICS_STORE_ENDPOINT", "http://10.0.0.7:6379"),
            ("REDIS_MODE", "cluster")
        );

        var plan = Plan(spec, ("REDIS_URL", "rediss://c.eastus.redis.azure.net:10000"));

        Assert.Contains(plan, o => o is { Port: 8500, LastPort: 8599 });
        Assert.Contains(plan, o => o is { Cidr: "10.0.0.7/32", Port: 6379 });
        Assert.Equal(plan.Count, plan.Select(o => o.Name).Distinct().Count());
        Assert.All(plan, o => Assert.True(o.Name.Length <= 23));
    }

    [Fact]
    public void Fingerprint_AddressKeptBesideASecret_IsTheSame()
    {
        var pins = Inputs.Pins("REDIS_URL");

        Assert.Equal(
            SecretPins.Fingerprint(pins),
            SecretPins.Fingerprint(pins.ToDictionary(p => p.Key, p => p.Value with { Address = "cache.example.com:6380" }))
        );
    }

    [Fact]
    public void Guardrails_DerivedPorts_StandInTheValues()
    {
        var pins = Inputs.Pins("REDIS_URL").ToDictionary(p => p.Key, p => p.Value with { Address = "cache.example.com:10000" });

        var values = ValuesRenderer.Guardrails(Inputs.Render(Inputs.Enterprise(), "dev", Inputs.Chart(Edition.Enterprise), pins));

        Assert.Contains("name: redis-10000", values, StringComparison.Ordinal);
    }

    private static IReadOnlyList<EgressOpening> Plan(EnvironmentSpec spec, params (string Key, string Value)[] secrets) =>
        EgressPlan.Of(
            spec.Network,
            new Dictionary<string, string[]>(),
            EgressNeeds.Of(spec, secrets.ToDictionary(s => s.Key, s => EgressNeeds.AddressOf(s.Value) ?? ""), ServiceAddresses.Public).Known
        );

    private static SpecCandidate Candidate(EnvironmentSpec spec, params (string Key, string Value)[] secrets)
    {
        var all = Inputs.EnterpriseSecrets.ToDictionary(StringComparer.Ordinal);
        foreach (var (key, value) in secrets)
        {
            all[key] = value;
        }

        return new(spec, Inputs.Profile("dev"), spec.Edition == Edition.Oss ? Inputs.None : all, new HashSet<string>());
    }

    private static (IReadOnlyList<FieldProblem> Problems, IReadOnlyList<FindingView> Findings) Judge(
        EnvironmentSpec spec,
        params (string Key, string Value)[] secrets
    ) => SpecValidator.Judge(Candidate(spec, secrets));
}
