using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Imports;

/// <summary>Files of the kinds that people have, each with what it must become. They are our own words for mistakes and forms that were
/// seen in public.</summary>
public sealed class ImportCaseTests
{
    private const string Base =
        "SERVICE_NAME: gw\n    ANALYTICS_STORE: control_plane\n    ORGANISATIONS_TO_SYNC: 1b0c6f5e-1111-4222-8333-444455556666\n";

    [Fact]
    public void Redis_TlsOnWithAPlainScheme_KeepsTlsAndSaysSo()
    {
        var read = ValuesImporter.Read(
            Data("CACHE_STORE: azure-redis\n    REDIS_URL: redis://cache.example.net:10000\n    REDIS_TLS_ENABLED: \"true\"\n")
        );

        Assert.Equal("true", read.Spec.Settings["REDIS_TLS_ENABLED"]);
        Assert.Equal("rediss://cache.example.net:10000", read.Secrets["REDIS_URL"].Reveal());
        Assert.Equal(("redis://", "rediss://"), Correction(read, "environment.data.REDIS_URL"));
    }

    [Fact]
    public void BlockScalar_WithKeyValueLines_StaysText()
    {
        var read = ValuesImporter.Read(
            Data(
                "OTEL_PUSH_ENABLED: \"true\"\n    OTEL_EXPORTER_OTLP_HEADERS: |-\n      DD_API_KEY=abcdef\n    OTEL_RESOURCE_ATTRIBUTES: >-\n      TEAM=payments\n"
            )
        );

        Assert.Equal("DD_API_KEY=abcdef", read.Secrets["OTEL_EXPORTER_OTLP_HEADERS"].Reveal());
        Assert.Equal("TEAM=payments", read.Spec.Settings["OTEL_RESOURCE_ATTRIBUTES"]);
    }

    [Theory]
    [InlineData("PORTKEY_CLIENT_AUTH: |-\n      QUJD==\n", "QUJD==")]
    [InlineData("PORTKEY_CLIENT_AUTH:\n      QUJD==\n", "QUJD==")]
    [InlineData("PORTKEY_CLIENT_AUTH: abc\n      KEY_A=b\n", "abc KEY_A=b")]
    [InlineData("PORTKEY_CLIENT_AUTH: \"abc\n\n      KEY_A=b\"\n", "abc\nKEY_A=b")]
    [InlineData("PORTKEY_CLIENT_AUTH: 'it''s #1'\n", "it's #1")]
    public void Scalar_OfManyLines_IsWhatYamlSays(string entry, string value) =>
        Assert.Equal(value, ValuesImporter.Read(Data(entry)).Secrets["PORTKEY_CLIENT_AUTH"].Reveal());

    [Theory]
    [InlineData("PORTKEY_CLIENT_AUTH=\"abc\"   # from the vendor", "abc")]
    [InlineData("PORTKEY_CLIENT_AUTH='a#b' # c", "a#b")]
    [InlineData("export PORTKEY_CLIENT_AUTH=abc # c", "abc")]
    [InlineData("PORTKEY_CLIENT_AUTH = \"a\\\\nb\"", "a\\\nb")]
    [InlineData("PORTKEY_CLIENT_AUTH=a'b\"c: d", "a'b\"c: d")]
    public void EqualsLines_InsideYaml_AreReadAsDotenvDefinesThem(string line, string value) =>
        Assert.Equal(value, ValuesImporter.Read($"environment:\n  data:\n    {Base}    {line}\n").Secrets["PORTKEY_CLIENT_AUTH"].Reveal());

    [Fact]
    public void DotEnv_WithCommentsQuotesAndExport_IsRead()
    {
        var read = ValuesImporter.Read(
            "# from the vendor\nexport SERVICE_NAME=gw\nPORTKEY_CLIENT_AUTH=\"two\nlines\" # end\n\nLOG_STORE='azure'\r\nAZURE_STORAGE_ACCOUNT=acct#1\nMY_API_TOKEN=`t k`\n"
        );

        Assert.Equal(
            ("gw", "azure", "acct"),
            (read.Spec.Settings["SERVICE_NAME"], read.Spec.Settings["LOG_STORE"], read.Spec.Settings["AZURE_STORAGE_ACCOUNT"])
        );
        Assert.Equal(("two\nlines", "t k"), (read.Secrets["PORTKEY_CLIENT_AUTH"].Reveal(), read.Secrets["MY_API_TOKEN"].Reveal()));
        Assert.Contains(read.Corrections, c => c.Field == "AZURE_STORAGE_ACCOUNT" && c.Why.Contains("comment", StringComparison.Ordinal));
    }

    [Fact]
    public void Yaml11Words_AreReadLikeHelmOrAsMeant_AndNamed()
    {
        var read = ValuesImporter.Read(
            Data(
                "OTEL_PUSH_ENABLED: yes\n    REQUEST_TIMEOUT: 6e4\n    REDIS_TLS_ENABLED: no\n    AZURE_STORAGE_CONTAINER: 0123\n    VECTOR_STORE_ADDRESS: off\n"
            )
                + "autoscaling: {enabled: True, minReplicas: 2, maxReplicas: 05}\ndataservice: {enabled: yes}\ningress: {enabled: on, hostname: gw.example.com}\n"
        );

        Assert.Equal(("true", "60000"), (read.Spec.Settings["OTEL_PUSH_ENABLED"], read.Spec.Settings["REQUEST_TIMEOUT"]));
        Assert.Equal(
            (2, 5, true, Exposure.Ingress),
            (read.Spec.Autoscaling!.Min, read.Spec.Autoscaling.Max, read.Spec.DataService, read.Spec.Network.Exposure)
        );
        Assert.Equal(("yes", "true"), Correction(read, "environment.data.OTEL_PUSH_ENABLED"));
        Assert.Equal(("6e4", "60000"), Correction(read, "environment.data.REQUEST_TIMEOUT"));
        Assert.Equal(("no", "false"), Correction(read, "environment.data.REDIS_TLS_ENABLED"));
        Assert.Equal(("True", "true"), Correction(read, "autoscaling.enabled"));

        // A text is likely the text; what Helm would have made of it is said.
        Assert.Equal(("0123", "off"), (read.Spec.Settings["AZURE_STORAGE_CONTAINER"], read.Spec.Settings["VECTOR_STORE_ADDRESS"]));
        Assert.Contains(
            "83",
            read.Corrections.Single(c => c.Field == "environment.data.AZURE_STORAGE_CONTAINER").Why,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "false",
            read.Corrections.Single(c => c.Field == "environment.data.VECTOR_STORE_ADDRESS").Why,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void NumbersThatLookLikeVersionsAndIds_StayAsWritten()
    {
        var read = ValuesImporter.Read(
            "environment:\n  data:\n    SERVICE_NAME: gw\n    PORTKEY_CLIENT_AUTH: 0123456\n    ORGANISATIONS_TO_SYNC: 1234567890123456789\nimages:\n  gatewayImage:\n    tag: 2.10\n"
        );

        Assert.Equal(
            ("0123456", "1234567890123456789", "2.10"),
            (read.Secrets["PORTKEY_CLIENT_AUTH"].Reveal(), read.Spec.Settings["ORGANISATIONS_TO_SYNC"], read.Spec.ImageTag)
        );
        Assert.Contains("2.1 ", read.Corrections.Single(c => c.Field == "images.gatewayImage.tag").Why, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "0123456",
            PortalJson.Write(read.Corrections.Where(c => c.Field.EndsWith("CLIENT_AUTH", StringComparison.Ordinal))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void PrivateMirror_IsKept()
    {
        var read = ValuesImporter.Read(
            Data("")
                + """
                images:
                  gatewayImage: {repository: mirror.example.com/portkeyai/gateway_enterprise, pullPolicy: Always, tag: "2.13.0@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}
                  dataserviceImage: {repository: mirror.example.com/portkeyai/data-service, tag: "1.8.0"}
                imageCredentials:
                - {name: r, create: true, registry: https://mirror.example.com, username: u, password: p}
                """
        );

        Assert.Equal("mirror.example.com/portkeyai/gateway_enterprise", read.Spec.ImageRepository);
        Assert.StartsWith("2.13.0@sha256:", read.Spec.ImageTag, StringComparison.Ordinal);
        Assert.Equal(
            ("mirror.example.com/portkeyai/data-service", "1.8.0"),
            (read.Spec.DataServiceImage!.Repository, read.Spec.DataServiceImage.Tag)
        );
        Assert.Equal(
            ("https://mirror.example.com", "u", "p"),
            (read.Spec.Settings["REGISTRY_SERVER"], read.Spec.Settings["REGISTRY_USERNAME"], read.Secrets["REGISTRY_PASSWORD"].Reveal())
        );
        Assert.Contains(read.Dropped, d => d.Field == "images.gatewayImage.pullPolicy");
    }

    [Fact]
    public void ServiceAccount_NameAndAnnotations_AreKept()
    {
        var read = ValuesImporter.Read(
            "serviceAccount:\n  create: true\n  automount: true\n  name: gateway-sa\n  annotations:\n    eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/gateway\n    azure.workload.identity/client-id: 11111111-2222-4333-8444-555555555555\n"
        );

        Assert.Equal(
            ("gateway-sa", "arn:aws:iam::123456789012:role/gateway"),
            (read.Spec.ServiceAccount!.Name, read.Spec.ServiceAccount.Annotations["eks.amazonaws.com/role-arn"])
        );
        Assert.Equal("11111111-2222-4333-8444-555555555555", read.Spec.Settings["AZURE_WORKLOAD_CLIENT_ID"]);
        Assert.Contains(read.Dropped, d => d.Field == "serviceAccount.automount");
    }

    [Theory]
    [InlineData("service.beta.kubernetes.io/azure-load-balancer-internal: \"true\"", true)]
    [InlineData("service.beta.kubernetes.io/aws-load-balancer-internal: \"true\"", true)]
    [InlineData("service.beta.kubernetes.io/aws-load-balancer-internal: true", true)]
    [InlineData("service.beta.kubernetes.io/aws-load-balancer-internal: 0.0.0.0/0", true)]
    [InlineData("service.beta.kubernetes.io/aws-load-balancer-internal: \"false\"", false)]
    [InlineData("service.beta.kubernetes.io/aws-load-balancer-scheme: internal", true)]
    [InlineData("service.beta.kubernetes.io/aws-load-balancer-scheme: internet-facing", false)]
    [InlineData("networking.gke.io/load-balancer-type: Internal", true)]
    [InlineData("cloud.google.com/load-balancer-type: \"Internal\"", true)]
    public void LoadBalancer_ThatIsInternalInAnyCloud_IsInternal(string annotation, bool isInternal)
    {
        var read = ValuesImporter.Read($"service:\n  type: LoadBalancer\n  port: 443\n  annotations:\n    {annotation}\n");

        Assert.Equal(
            (Exposure.LoadBalancer, isInternal, (int?)443),
            (read.Spec.Network.Exposure, read.Spec.Network.InternalLoadBalancer, read.Spec.Network.Port)
        );
        Assert.Null(read.Spec.Network.ServiceAnnotations);
    }

    [Fact]
    public void LoadBalancer_WithAnAnnotationOfUnknownMeaning_IsAProblemAndNotPublic()
    {
        var read = ValuesImporter.Read(
            "service:\n  type: LoadBalancer\n  annotations:\n    service.beta.kubernetes.io/aws-load-balancer-scheme: inside\n    service.beta.kubernetes.io/azure-allowed-service-tags: AzureCloud\n    service.beta.kubernetes.io/azure-pip-name: gateway-ip\n"
        );
        var problems = SpecValidator
            .Judge(new SpecCandidate(read.Spec, Requests.Inputs.Profile("dev"), new Dictionary<string, string>(), new HashSet<string>()))
            .Problems;

        Assert.Contains(problems, p => p.Field.EndsWith("aws-load-balancer-scheme", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.Field.EndsWith("azure-allowed-service-tags", StringComparison.Ordinal));
        Assert.Equal("gateway-ip", read.Spec.Network.ServiceAnnotations!["service.beta.kubernetes.io/azure-pip-name"]);
    }

    [Theory]
    [InlineData("annotations: {service.beta.kubernetes.io/azure-allowed-ip-ranges: \"10.0.0.0/8, 192.0.2.0/24\"}")]
    [InlineData("annotations: {service.beta.kubernetes.io/load-balancer-source-ranges: \"10.0.0.0/8,192.0.2.0/24\"}")]
    [InlineData("annotations: {alb.ingress.kubernetes.io/inbound-cidrs: \"10.0.0.0/8,192.0.2.0/24\"}")]
    [InlineData("loadBalancerSourceRanges: [10.0.0.0/8, 192.0.2.0/24]")]
    public void LoadBalancer_ThatLetsSomeRangesIn_KeepsThem(string how) =>
        Assert.Equal(
            ["10.0.0.0/8", "192.0.2.0/24"],
            ValuesImporter.Read($"service:\n  type: LoadBalancer\n  {how}\n").Spec.Network.AllowedRanges
        );

    [Fact]
    public void Ingress_OfAnyWriting_KeepsHostClassAnnotationsAndCertificate()
    {
        var read = ValuesImporter
            .Read(
                """
                ingress:
                  enabled: true
                  className: alb
                  annotations: {alb.ingress.kubernetes.io/inbound-cidrs: 10.0.0.0/8, alb.ingress.kubernetes.io/scheme: internal}
                  hosts:
                  - host: gw.example.org
                    paths: [{path: /, pathType: Prefix}]
                  tls: [{secretName: gw-tls, hosts: [gw.example.org]}]
                """
            )
            .Spec.Network;

        Assert.Equal((Exposure.Ingress, "gw.example.org", "alb", "gw-tls"), (read.Exposure, read.Host, read.IngressClass, read.TlsSecret));
        Assert.Equal(
            ("10.0.0.0/8", "internal"),
            (
                read.IngressAnnotations!["alb.ingress.kubernetes.io/inbound-cidrs"],
                read.IngressAnnotations["alb.ingress.kubernetes.io/scheme"]
            )
        );
    }

    [Theory]
    [InlineData("${var.auth}")]
    [InlineData("ref+vault://secret/gw#/auth")]
    [InlineData("ENC[AES256_GCM,data:abc,type:str]")]
    [InlineData("'@Microsoft.KeyVault(SecretUri=https://v.example.net/secrets/a)'")]
    [InlineData("vault:secret/data/gw#auth")]
    [InlineData("/mnt/secrets/client-auth")]
    [InlineData("'{{ .Values.auth }}'")]
    [InlineData("'<path:secret/data/gw#auth>'")]
    public void Reference_OfAnotherTool_IsNoSecretAndNamed(string value)
    {
        var read = ValuesImporter.Read(Data($"PORTKEY_CLIENT_AUTH: {value}\n"));

        Assert.Empty(read.Secrets);
        Assert.Contains(
            read.Dropped,
            d => d.Field == "environment.data.PORTKEY_CLIENT_AUTH" && d.Why.Contains("reference", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Secrets_WithAnyCharacter_AreKeptByteForByte()
    {
        var read = ValuesImporter.Read(
            Data("PORTKEY_CLIENT_AUTH: 'a$b${c}{{ .Values.x }},d\\\"e''f`g#h: i&*!|>%@'\n    REDIS_PASSWORD: '=pö你🙂  end'\n")
                + "imageCredentials:\n- {name: r, create: true, username: u, password: 'tr,ail=x\\n'}\n"
        );

        Assert.Equal(
            ("a$b${c}{{ .Values.x }},d\\\"e'f`g#h: i&*!|>%@", "=pö你🙂  end", "tr,ail=x\\n"),
            (
                read.Secrets["PORTKEY_CLIENT_AUTH"].Reveal(),
                read.Secrets["REDIS_PASSWORD"].Reveal(),
                read.Secrets["REGISTRY_PASSWORD"].Reveal()
            )
        );
    }

    [Theory]
    [InlineData("redis://user:p@ss:w0rd@host:6379/0", true)]
    [InlineData("redis://user:p/ss@host:6379/0", true)]
    [InlineData("redis://user:p#ss@host:6379/0", true)]
    [InlineData("redis://user:p%40ss@host:6379/0", false)]
    [InlineData("redis://host:6379/0", false)]
    [InlineData("redis://:pw@host", false)]
    public void Password_RawInAnAddress_IsAProblemByName(string url, bool isProblem)
    {
        var read = ValuesImporter.Read(Data($"REDIS_URL: '{url}'\n"));

        Assert.Equal(
            isProblem,
            read.Problems.Any(p => p.Field == "spec.secrets.REDIS_URL" && p.Message.Contains("%40", StringComparison.Ordinal))
        );
        Assert.All(
            read.Problems,
            p =>
                Assert.DoesNotContain(
                    "ss",
                    p.Message.Replace("password", "", StringComparison.Ordinal).Replace("address", "", StringComparison.Ordinal),
                    StringComparison.Ordinal
                )
        );
    }

    [Theory]
    [InlineData("\uFEFFreplicaCount: 2\r\nenvironment:\r\n  data:\r\n    SERVICE_NAME: \"gw\"\r\n")]
    [InlineData("replicaCount: 2\nenvironment:\n\tdata:\n\t\tSERVICE_NAME: gw\n")]
    [InlineData("USER-SUPPLIED VALUES:\nreplicaCount: 2\nenvironment:\n  data:\n    SERVICE_NAME: gw\n")]
    [InlineData("{\"replicaCount\": 2, \"environment\": {\"data\": {\"SERVICE_NAME\": \"gw\"}}}")]
    [InlineData("x-common: &c\n  SERVICE_NAME: gw\nreplicaCount: 2\nenvironment:\n  data:\n    <<: *c\n")]
    [InlineData(
        "x: &a {SERVICE_NAME: other}\ny: &b {SERVICE_NAME: another}\nreplicaCount: 2\nenvironment: {data: {<<: [*b, *a], SERVICE_NAME: gw}}\n"
    )]
    [InlineData("---\nkind: ConfigMap\napiVersion: v1\n---\nreplicaCount: 2\nenvironment: {data: {SERVICE_NAME: gw}}\n")]
    [InlineData("replicaCount: 2\nenvironment:\n  data:\n  - name: SERVICE_NAME\n    value: gw\n")]
    [InlineData("replicaCount: 2\nextraEnv:\n- {name: SERVICE_NAME, value: gw}\n")]
    [InlineData(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    chart: gateway\n    helm:\n      values: |\n        replicaCount: 1\n        environment:\n          data:\n            SERVICE_NAME: gw\n      parameters:\n      - {name: replicaCount, value: \"2\"}\n"
    )]
    [InlineData(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  sources:\n  - ref: values\n  - helm:\n      valuesObject: {replicaCount: 2, environment: {data: {SERVICE_NAME: gw}}}\n"
    )]
    [InlineData(
        "apiVersion: v1\nkind: Namespace\n---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values: {replicaCount: 2, environment: {data: {SERVICE_NAME: gw}}}\n"
    )]
    [InlineData(
        "resource \"helm_release\" \"gw\" {\n  chart = \"gateway\"\n  set {\n    name = \"replicaCount\"\n    value = 2\n  }\n  values = [<<-EOT\n    environment:\n      data:\n        SERVICE_NAME: gw\n    EOT\n  ]\n}\n"
    )]
    [InlineData(
        "resource \"helm_release\" \"gw\" {\n  values = [yamlencode({ replicaCount = 2, environment = { data = { SERVICE_NAME = \"other\" } } })]\n  set = [{ name = \"environment.data.SERVICE_NAME\", value = \"gw\" }]\n}\n"
    )]
    public void Shapes_OfAnyKind_GiveTheSameSpec(string text)
    {
        var read = ValuesImporter.Read(text);

        Assert.Equal((2, "gw"), (read.Spec.Replicas, read.Spec.Settings["SERVICE_NAME"]));
    }

    [Fact]
    public void Terraform_WithWhatIsNoValue_NamesIt()
    {
        var read = ValuesImporter.Read(
            """
            terraform { required_version = ">= 1.5" }
            resource "helm_release" "gateway" {
              name       = "portkey-gateway" # here
              chart      = "gateway"
              version    = "1.7.5"
              set_sensitive {
                name  = "environment.data.PORTKEY_CLIENT_AUTH"
                value = var.client_auth
              }
              set_sensitive {
                name  = "imageCredentials[0].password"
                value = "pull\\,word"
              }
              set {
                name  = "podAnnotations.prometheus\\.io/scrape"
                value = "true"
                type  = "string"
              }
              values = [file("base.yaml"), <<EOT
            replicaCount: 3
            environment:
              data:
                SERVICE_NAME: gw
                LOG_STORE_REGION: ${var.region}
                LOG_STORE: s3_assume
            EOT
              ]
            }
            """
        );

        Assert.Equal(
            (3, "s3_assume", "true"),
            (read.Spec.Replicas, read.Spec.Settings["LOG_STORE"], read.Spec.Annotations!["prometheus.io/scrape"])
        );
        Assert.Equal("pull,word", read.Secrets["REGISTRY_PASSWORD"].Reveal());
        foreach (
            var path in new[]
            {
                "resource.helm_release.gateway[0].version",
                "resource.helm_release.gateway[0].values[0]",
                "resource.helm_release.gateway[0].set_sensitive[0].value",
                "resource.helm_release.gateway[0].values[1].environment.data.LOG_STORE_REGION",
                "terraform[0].required_version",
            }
        )
        {
            Assert.Contains(read.Dropped, d => d.Field == path);
        }
    }

    [Fact]
    public void NewerLineOfCharts_WithAnExternalRedis_IsRead()
    {
        var read = ValuesImporter.Read(
            "environment: {data: {SERVICE_NAME: gw}}\nredis:\n  external: {enabled: true, connectionUrl: rediss://cache.example.com:6380, tlsEnabled: \"true\", mode: standalone, store: redis, existingSecretName: \"\"}\n"
        );

        Assert.Equal(
            ("custom", "true", "rediss://cache.example.com:6380"),
            (read.Spec.Settings["CACHE_STORE"], read.Spec.Settings["REDIS_TLS_ENABLED"], read.Secrets["REDIS_URL"].Reveal())
        );
    }

    [Fact]
    public void WholeWorkload_KeepsWhatItSays()
    {
        var read = ValuesImporter.Read(ImportFiles.Workload);
        var spec = read.Spec;

        Assert.Equal(
            (Edition.Enterprise, "2.14.0", 8, 60, 75),
            (spec.Edition, spec.ImageTag, spec.Autoscaling!.Max, spec.Autoscaling.TargetCpu, spec.Autoscaling.TargetMemory)
        );
        Assert.Equal(
            ("gw-sa", "gw.example.org", "nginx", "300"),
            (spec.ServiceAccount!.Name, spec.Network.Host, spec.Network.IngressClass, spec.Network.IngressAnnotations!.Single().Value)
        );
        Assert.Equal(("corp-ca", null, "gw-env"), (spec.CaBundle!.ConfigMap, spec.CaBundle.Key, spec.EnvFrom!.Secrets.Single()));
        Assert.Equal(
            ("http://proxy.corp:3128", "true", "on"),
            (spec.Settings["HTTPS_PROXY"], spec.Settings["ENABLE_PROMETHEUS"], spec.Settings["MY_OWN_FLAG"])
        );
        Assert.Contains(read.Dropped, d => d.Field == "image.tag");
    }

    private static string Data(string entries) => $"environment:\n  data:\n    {Base}{(entries.Length == 0 ? "" : "    " + entries)}";

    private static (string Was, string Now) Correction(Imported read, string field)
    {
        var one = Assert.Single(read.Corrections, c => c.Field == field);
        return (one.Was, one.Now);
    }
}
