using CsCheck;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.UseCases.Catalog;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Imports;

/// <summary>Values files as people have them.</summary>
public sealed class ValuesImporterTests
{
    /// <summary>In the manner of Portkey's deployment guide, with everything that is wrong there.</summary>
    internal const string Guide = """
        replicaCount: 2
        images:
          gatewayImage:
            repository: "docker.io/portkeyai/gateway_enterprise"
            pullPolicy: IfNotPresent
            tag: "1.9.0"
        imageCredentials:
          name: portkeyenterpriseregistrycredentials
          create: true
          registry: kubernetes.io/dockerconfigjson
          username: portkey-customer
          password: registry-password-1
        environment:
          create: true
          secret: true
          data:
            SERVICE_NAME="portkey-gateway"
            PORTKEY_CLIENT_AUTH="client-auth-1"
            PORTKEY_ORGANISATION_ID="1b0c6f5e-1111-4222-8333-444455556666"
            ORGANISATIONS_TO_SYNC="1b0c6f5e-1111-4222-8333-444455556666"
            LOG_STORE="s3"
            AZURE_STORAGE_ACCOUNT_NAME="paymentslogs"
            AZURE_STORAGE_ACCOUNT_KEY="storage-key-1"
            AZURE_CONTAINER_NAME="gateway-logs"
            ANALYTICS_STORE="control_plane"
            CACHE_STORE=""
            REDIS_URL="rediss://:redis-password-1@cache.example.com:6380"
            REDIS_TLS_ENABLED="false"
            PINECONE_API_KEY="pinecone-key-1"
            PINECONE_INDEX_HOST="gateway-cache"
            PINECONE_NAMESPACE="production"
            SEMCACHE_OPENAI_EMBEDDINGS_API_KEY="embedding-key-1"
            SEMCACHE_OPENAI_EMBEDDINGS_MODEL="text-embedding-3-small"
            SERVER_MODE: gateway
        service:
          type: NodePort
          port: 8787
        resources: {}
        autoscaling:
          enabled: false
        securityContext:
          runAsUser: 0
        """;

    [Fact]
    public void Read_TheGuidesOwnBlock_UnderstandsItAndSaysWhatItCorrected()
    {
        var read = ValuesImporter.Read(Guide);

        Assert.Equal(Edition.Enterprise, read.Spec.Edition);
        Assert.Equal(2, read.Spec.Replicas);
        Assert.Equal("1.9.0", read.Spec.ImageTag);
        Assert.Equal(
            ModeSpecs
                .Map(
                    ("SERVICE_NAME", "portkey-gateway"),
                    ("ORGANISATIONS_TO_SYNC", "1b0c6f5e-1111-4222-8333-444455556666"),
                    ("LOG_STORE", "azure"),
                    ("AZURE_STORAGE_ACCOUNT", "paymentslogs"),
                    ("AZURE_STORAGE_CONTAINER", "gateway-logs"),
                    ("CACHE_STORE", "custom"),
                    ("REDIS_TLS_ENABLED", "true"),
                    ("VECTOR_STORE", "pinecone"),
                    ("VECTOR_STORE_ADDRESS", "gateway-cache"),
                    ("SEMANTIC_CACHE_EMBEDDING_PROVIDER", "openai"),
                    ("SEMANTIC_CACHE_EMBEDDING_MODEL", "text-embedding-3-small"),
                    ("REGISTRY_USERNAME", "portkey-customer")
                )
                .OrderBy(s => s.Key, StringComparer.Ordinal),
            read.Spec.Settings.OrderBy(s => s.Key, StringComparer.Ordinal)
        );
        Assert.Equal(
            [
                "AZURE_STORAGE_KEY",
                "PORTKEY_CLIENT_AUTH",
                "REDIS_URL",
                "REGISTRY_PASSWORD",
                "SEMANTIC_CACHE_EMBEDDING_API_KEY",
                "VECTOR_STORE_API_KEY",
            ],
            read.Secrets.Keys.Order(StringComparer.Ordinal)
        );
        foreach (
            var field in new[]
            {
                "environment.data.LOG_STORE",
                "environment.data.CACHE_STORE",
                "environment.data.REDIS_TLS_ENABLED",
                "VECTOR_STORE",
                "SEMANTIC_CACHE_EMBEDDING_PROVIDER",
                "environment.data.SERVER_MODE",
                "imageCredentials",
                "imageCredentials.registry",
                "service.type",
                "environment.data.AZURE_CONTAINER_NAME",
            }
        )
        {
            Assert.Contains(read.Corrections, c => c.Field == field && c.Why.Length > 0);
        }

        Assert.Contains(
            read.Corrections,
            c =>
                c.Field.StartsWith("lines ", StringComparison.Ordinal)
                && c.Why.Contains("SERVICE_NAME, PORTKEY_CLIENT_AUTH, ", StringComparison.Ordinal)
        );
        Assert.Contains(read.Dropped, d => d.Field == "environment.data.PINECONE_NAMESPACE");
        Assert.Contains(read.Dropped, d => d.Field == "securityContext.runAsUser");

        // Nothing that is shown holds the value of a secret, and what came out is a spec that may be asked for.
        var shown = PortalJson.Write(
            new
            {
                read.Spec,
                read.Corrections,
                read.Dropped,
            }
        );
        Assert.All(read.Secrets.Values, s => Assert.DoesNotContain(s.Reveal(), shown, StringComparison.Ordinal));
        Assert.Empty(
            ModeSpecs.Judge(
                read.Spec with
                {
                    Settings = read.Spec.Settings.ToDictionary(),
                },
                read.Secrets.ToDictionary(s => s.Key, s => s.Value.Reveal())
            )
        );
    }

    [Fact]
    public void Read_CosmosNames_BecomeMongo()
    {
        var read = ValuesImporter.Read(
            "COSMOS_DB_CONNECTION_URL=mongodb://u:p@cosmos:10255\nCOSMOS_DATABASE=logs\nCOSMOS_COLLECTION_NAME='requests'\n"
        );

        Assert.Equal(
            ("mongo", "logs", "requests"),
            (read.Spec.Settings["LOG_STORE"], read.Spec.Settings["MONGO_DATABASE"], read.Spec.Settings["MONGO_COLLECTION_NAME"])
        );
        Assert.Equal(["MONGO_DB_CONNECTION_URL"], read.Secrets.Keys);
    }

    [Fact]
    public void Read_PlaceholdersUnknownNamesAndLists_AreLeftOutByName()
    {
        var read = ValuesImporter.Read(
            "environment:\n  data:\n    PORTKEY_CLIENT_AUTH: <client-auth>\n    NO_SUCH_SETTING: x\n    SERVICE_NAME: [a]\nsomething:\n  else: 1\n"
        );

        Assert.Equal(
            ["environment.data.PORTKEY_CLIENT_AUTH", "environment.data.SERVICE_NAME[0]", "something.else"],
            read.Dropped.Select(d => d.Field).Order(StringComparer.Ordinal)
        );
        Assert.Empty(read.Secrets);

        // A variable that the portal does not know is carried as it is.
        Assert.Equal("x", read.Spec.Settings["NO_SUCH_SETTING"]);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("- a\n- b\n", "not a mapping")]
    [InlineData("a: [1, 2\n", "line 3")]
    [InlineData("a: &x {b: *x}\n", "alias")]
    [InlineData("kind: Deployment\napiVersion: apps/v1\n", "a Deployment")]
    [InlineData("{[a]: 1}", "not plain text")]
    public void Read_WhatIsNoValuesFile_IsRefusedWithTheReason(string text, string reason)
    {
        var problem = Assert.Single(Assert.Throws<InvalidInputException>(() => ValuesImporter.Read(text)).Problems);

        Assert.Equal("text", problem.Field);
        Assert.Contains(reason, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BombsOfAnyKind_AreRefusedAtOnce()
    {
        var wide = "a:\n" + string.Concat(Enumerable.Range(0, 6000).Select(i => $"  k{i}: 1\n"));
        var deep = string.Concat(Enumerable.Range(0, 30).Select(i => new string(' ', i) + "a:\n"));
        var laughs =
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + string.Concat(
                Enumerable
                    .Range(1, 9)
                    .Select(i =>
                        $"{(char)('a' + i)}: &{(char)('a' + i)} [{string.Join(',', Enumerable.Repeat($"*{(char)('a' + i - 1)}", 9))}]\n"
                    )
            );

        Assert.All(
            [
                wide,
                deep,
                laughs,
                new string('x', 300_000),
                "a: " + new string('[', 5000),
                Terraform(new string('[', 50_000)),
                Terraform("<<EOT\nno end"),
                Terraform("\"${\"${" + string.Concat(Enumerable.Repeat("\"${", 20_000))),
                Terraform($"[{string.Join(',', Enumerable.Repeat("1", 60_000))}]"),
                "{" + string.Concat(Enumerable.Repeat("\"a\":{", 200)),
                string.Concat(Enumerable.Repeat("kind: List\napiVersion: v1\n---\n", 60)),
                "a: &a {b: *a}\n",
            ],
            text => Assert.Throws<InvalidInputException>(() => ValuesImporter.Read(text))
        );
    }

    private static string Terraform(string value) => $"resource \"helm_release\" \"a\" {{\n  values = {value}";

    [Fact]
    public void Read_AnyText_IsASpecOrARefusalAndNothingElse() =>
        Gen.String.Sample(text =>
        {
            try
            {
                return ValuesImporter.Read(text).Spec is not null;
            }
            catch (InvalidInputException)
            {
                return true;
            }
        });

    [Theory]
    [InlineData("one\u2029two")]
    [InlineData("one\u2028two")]
    [InlineData("one\u0085two")]
    [InlineData("\uFEFFone")]
    [InlineData("one\ntwo")]
    public void SpecYaml_TextWithAnEndOfALineInIt_StandsForTheSameText(string text)
    {
        var spec = Inputs.Enterprise(("LOG_STORE_FILE_PATH_FORMAT", text));

        Assert.Equal(PortalJson.Write(spec), PortalJson.Write(PortalJson.Read<EnvironmentSpec>(SpecYaml.ToJson(SpecYaml.Write(spec)))));
    }

    [Fact]
    public void SpecYaml_OfAnySpec_StandsForTheSameSpec() =>
        Gen.Select(Gen.String[Gen.Char[' ', '\uD7FF'], 1, 30], Gen.Int[1, 50], Gen.Bool)
            .Sample(
                (text, number, flag) =>
                {
                    var spec = Inputs.Enterprise(
                        ("REQUEST_TIMEOUT", "45000"),
                        ("LOG_STORE_FILE_PATH_FORMAT", text),
                        ("OTEL_PUSH_ENABLED", "true")
                    ) with
                    {
                        Replicas = number,
                        DataService = flag,
                        Labels = ModeSpecs.Map(("a", "1"), ("b", "yes")),
                        Network = new NetworkSpec
                        {
                            Exposure = Exposure.LoadBalancer,
                            InternalLoadBalancer = flag,
                            AllowedRanges = ["10.0.0.0/8"],
                        },
                    };
                    return PortalJson.Write(PortalJson.Read<EnvironmentSpec>(SpecYaml.ToJson(SpecYaml.Write(spec))))
                        == PortalJson.Write(spec);
                }
            );

    [Fact]
    public void Read_ValuesThatThePortalRendered_GivesTheSameSettingsPlaceAndSize() =>
        Assert.All(
            ModeRow.All.Select(r => (r.Group, r.Mode)).Distinct(),
            mode =>
            {
                var (spec, secrets) = ModeSpecs.For(ModeSpecs.Entering(mode.Group, mode.Mode));
                spec = spec with
                {
                    Replicas = 3,
                    Resources = new ResourcesSpec
                    {
                        CpuRequest = "1",
                        CpuLimit = "2",
                        MemoryRequest = "1Gi",
                        MemoryLimit = "2Gi",
                    },
                    Scheduling = new SchedulingSpec
                    {
                        NodeSelector = ModeSpecs.Map(("pool", "gateways")),
                        Tolerations = [new TolerationSpec { Key = "gateways", Effect = "NoSchedule" }],
                    },
                    Probes = new ProbesSpec
                    {
                        LivenessPeriodSeconds = 30,
                        ReadinessPeriodSeconds = 7,
                        TimeoutSeconds = 4,
                        FailureThreshold = 5,
                    },
                    Labels = ModeSpecs.Map(("cost-center", "4711")),
                    Annotations = ModeSpecs.Map(("example.com/owner", "payments, search")),
                    Network = new NetworkSpec
                    {
                        Exposure = Exposure.Ingress,
                        Host = "gateway.example.com",
                        IngressClass = "nginx",
                        TlsSecret = "gateway-tls",
                    },
                    ImageTag = "2.12.1",
                    GraceSeconds = 45,
                };
                var values = ValuesRenderer.Gateway(
                    Inputs.Render(spec, "dev", Inputs.Chart(Edition.Enterprise), Inputs.Pins([.. secrets.Keys]))
                );
                var again = ValuesImporter.Read(values).Spec;

                // The registry's user is in a Secret of its own, never among the values.
                Assert.Equal(
                    spec.Settings.Where(s =>
                            s.Key is not "REGISTRY_USERNAME"
                            && s.Value.Length > 0
                            && s.Value != Provisioning.UseCases.Catalog.SettingsCatalog.ByKey[s.Key].View.Default
                        )
                        .OrderBy(s => s.Key, StringComparer.Ordinal),
                    again.Settings.OrderBy(s => s.Key, StringComparer.Ordinal)
                );
                var none = new Dictionary<string, string>(StringComparer.Ordinal);
                Assert.Equal(PortalJson.Write(spec with { Settings = none }), PortalJson.Write(again with { Settings = none }));
            }
        );
}
