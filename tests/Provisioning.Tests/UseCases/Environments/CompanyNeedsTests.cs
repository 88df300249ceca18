using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Environments;

/// <summary>What companies need of their gateways: own images, roles, certificates, annotations. And what must not come in with
/// it.</summary>
public sealed class CompanyNeedsTests
{
    private const string Digest = "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private static readonly string Certificate = Authority("CN=Example Root");

    public static TheoryData<string, EnvironmentSpec> Wrong { get; } =
        new()
        {
            { "spec.network.port", Net(new() { Port = 0 }) },
            { "spec.network.port", Net(new() { Port = 65536 }) },
            { "spec.network.ingressAnnotations", Net(new() { IngressAnnotations = Inputs.Map(("example.com/a", "b")) }) },
            {
                "spec.network.ingressAnnotations.nginx.ingress.kubernetes.io/configuration-snippet",
                Ingress("nginx.ingress.kubernetes.io/configuration-snippet", "return 200;")
            },
            {
                "spec.network.ingressAnnotations.nginx.ingress.kubernetes.io/server-snippet",
                Ingress("nginx.ingress.kubernetes.io/server-snippet", "x")
            },
            { "spec.network.ingressAnnotations.kubernetes.io/ingress.class", Ingress("kubernetes.io/ingress.class", "other") },
            { "spec.network.ingressAnnotations.meta.helm.sh/release-name", Ingress("meta.helm.sh/release-name", "other") },
            { "spec.network.ingressAnnotations.helm.sh/resource-policy", Ingress("helm.sh/resource-policy", "keep") },
            {
                "spec.network.ingressAnnotations.kubectl.kubernetes.io/last-applied-configuration",
                Ingress("kubectl.kubernetes.io/last-applied-configuration", "{}")
            },
            {
                "spec.autoscaling.targetMemory",
                Inputs.Oss() with
                {
                    Autoscaling = new()
                    {
                        Min = 1,
                        Max = 2,
                        TargetMemory = 5,
                    },
                }
            },
            { "spec.graceSeconds", Inputs.Oss() with { GraceSeconds = 0 } },
            { "spec.graceSeconds", Inputs.Oss() with { GraceSeconds = 3601 } },
            { "spec.imageTag", Inputs.Oss() with { ImageTag = "2.13.0@sha256:abc" } },
            { "spec.imageTag", Inputs.Oss() with { ImageTag = "2.13.0@md5:" + new string('a', 64) } },
            { "spec.imageTag", Inputs.Oss() with { ImageTag = "2.13.0\n" } },
            { "spec.imageRepository", Inputs.Oss() with { ImageRepository = "https://registry.example.com/gateway" } },
            { "spec.imageRepository", Inputs.Oss() with { ImageRepository = "registry.example.com/gateway:2.13.0" } },
            { "spec.imageRepository", Inputs.Oss() with { ImageRepository = "registry.example.com/gateway\"\n  x: y" } },
            { "spec.imageRepository", Inputs.Oss() with { ImageRepository = "" } },
            { "spec.dataServiceImage.tag", Inputs.Oss() with { DataServiceImage = new() { Tag = "latest" } } },
            { "spec.serviceAccount.name", Inputs.Oss() with { ServiceAccount = new() { Name = "default" } } },
            { "spec.serviceAccount.name", Inputs.Oss() with { ServiceAccount = new() { Name = "Not_Fine" } } },
            { "spec.serviceAccount.annotations.azure.workload.identity/client-id", Account("azure.workload.identity/client-id", "x") },
            { "spec.serviceAccount.annotations.eks.amazonaws.com/role-arn", Account("eks.amazonaws.com/role-arn", "gateway") },
            { "spec.serviceAccount.annotations.iam.gke.io/gcp-service-account", Account("iam.gke.io/gcp-service-account", "gateway") },
            { "spec.caBundle", Inputs.Oss() with { CaBundle = new() } },
            {
                "spec.caBundle",
                Inputs.Oss() with
                {
                    CaBundle = new() { ConfigMap = "company-ca", Pem = Certificate },
                }
            },
            { "spec.caBundle.configMap", Inputs.Oss() with { CaBundle = new() { ConfigMap = "../kube-system/x" } } },
            {
                "spec.caBundle.key",
                Inputs.Oss() with
                {
                    CaBundle = new() { ConfigMap = "company-ca", Key = "../../etc/passwd" },
                }
            },
            {
                "spec.caBundle.key",
                Inputs.Oss() with
                {
                    CaBundle = new() { ConfigMap = "company-ca", Key = ".." },
                }
            },
            {
                "spec.caBundle.key",
                Inputs.Oss() with
                {
                    CaBundle = new() { Pem = Certificate, Key = "x" },
                }
            },
            { "spec.caBundle.pem", Pem("nothing") },
            { "spec.caBundle.pem", Pem(Certificate + Certificate[..200]) },
            { "spec.caBundle.pem", Pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----") },
            { "spec.caBundle.pem", Pem(Certificate.Replace("CERTIFICATE", "CERTIFICATE REQUEST", StringComparison.Ordinal)) },
        };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Judge_WhatCannotBe_IsRefusedByField(string field, EnvironmentSpec spec) =>
        Assert.Equal([field], Judge(spec).Problems.Select(p => p.Field));

    [Theory]
    [InlineData("nginx.ingress.kubernetes.io/auth-url")]
    [InlineData("nginx.ingress.kubernetes.io/mirror-target")]
    [InlineData("nginx.ingress.kubernetes.io/permanent-redirect")]
    [InlineData("traefik.ingress.kubernetes.io/router.middlewares")]
    public void Judge_AnnotationThatSendsRequestsElsewhere_IsWarnedAboutByName(string key)
    {
        var (problems, findings) = Judge(Ingress(key, "https://elsewhere.example.com"));

        Assert.Empty(problems);
        Assert.Contains(
            findings,
            f =>
                f.Severity == Severity.Warning
                && f.Field == $"spec.network.ingressAnnotations.{key}"
                && f.Message.Contains("https://elsewhere.example.com", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("service.beta.kubernetes.io/azure-load-balancer-internal")]
    [InlineData("service.beta.kubernetes.io/Azure-Load-Balancer-Internal")]
    [InlineData("service.beta.kubernetes.io/azure-allowed-ip-ranges")]
    [InlineData("service.beta.kubernetes.io/azure-allowed-service-tags")]
    [InlineData("service.beta.kubernetes.io/azure-additional-public-ips")]
    [InlineData("service.beta.kubernetes.io/azure-pls-create")]
    [InlineData("service.beta.kubernetes.io/azure-load-balancer-health-probe-request-path")]
    [InlineData("service.beta.kubernetes.io/aws-load-balancer-internal")]
    [InlineData("service.beta.kubernetes.io/aws-load-balancer-scheme")]
    [InlineData("service.beta.kubernetes.io/load-balancer-source-ranges")]
    [InlineData("networking.gke.io/load-balancer-type")]
    public void Judge_AnnotationThatWouldDecideWhoGetsIn_IsRefusedByName(string key)
    {
        var (problems, _) = Judge(
            Net(
                new()
                {
                    Exposure = Exposure.LoadBalancer,
                    InternalLoadBalancer = true,
                    AllowedRanges = ["10.0.0.0/8"],
                    ServiceAnnotations = Inputs.Map((key, "false")),
                }
            )
        );

        Assert.Equal($"spec.network.serviceAnnotations.{key}", Assert.Single(problems).Field);
    }

    [Theory]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----")]
    [InlineData("-----BEGIN ENCRYPTED PRIVATE KEY-----")]
    [InlineData("-----begin openssh private key-----")]
    public void Judge_PemWithAPrivateKey_IsRefusedWithoutAnyOfIt(string begin)
    {
        var (problems, findings) = Judge(
            Pem($"{Certificate}{begin}\nMIIEverysecret\n{begin.Replace("BEGIN", "END", StringComparison.Ordinal)}\n")
        );

        var problem = Assert.Single(problems);
        Assert.Equal("spec.caBundle.pem", problem.Field);
        Assert.Contains("private key", problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("MIIEverysecret", problem.Message + string.Concat(findings.Select(f => f.Message)), StringComparison.Ordinal);
    }

    [Fact]
    public void Certificates_WithTextAround_AreNothingButTheCertificates()
    {
        var text = TrustRules.Certificates(
            $"Bag Attributes\r\n  friendlyName: x\r\n{Certificate.ReplaceLineEndings("\r\n")}# end\n{Certificate}"
        );

        Assert.Equal(Certificate + Certificate, text);
    }

    [Fact]
    public void Judge_AllOfIt_IsAllowedAndShownToApprovers()
    {
        var spec = Inputs.Oss() with
        {
            ImageTag = $"1.15.2{Digest}",
            ImageRepository = "registry.example.com:5000/portkeyai/gateway",
            GraceSeconds = 600,
            Autoscaling = new()
            {
                Min = 1,
                Max = 2,
                TargetMemory = 80,
            },
            ServiceAccount = new()
            {
                Name = "gateway-sa",
                Annotations = Inputs.Map(
                    ("eks.amazonaws.com/role-arn", "arn:aws:iam::123456789012:role/gateway"),
                    ("iam.gke.io/gcp-service-account", "g@p.iam.gserviceaccount.com")
                ),
            },
            CaBundle = new() { Pem = $"# the company's\n{Certificate}" },
            Network = new()
            {
                Exposure = Exposure.LoadBalancer,
                Port = 80,
                AllowedRanges = ["10.0.0.0/8"],
                ServiceAnnotations = Inputs.Map(("service.beta.kubernetes.io/azure-pip-name", "gateway-ip")),
            },
        };
        var (problems, findings) = Judge(spec);

        Assert.Empty(problems);
        Assert.Contains(
            findings,
            f =>
                f.Field == "spec.imageRepository"
                && f.Message.Contains("registry.example.com:5000/portkeyai/gateway", StringComparison.Ordinal)
        );
        Assert.Contains(findings, f => f.Message.Contains("arn:aws:iam::123456789012:role/gateway", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Message.Contains("g@p.iam.gserviceaccount.com", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Message.Contains("Example Root", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.Message.Contains("azure-pip-name=gateway-ip", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("latest@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void Judge_TagByDigest_Stays(string tag) => Assert.Empty(Judge(Inputs.Oss() with { ImageTag = tag }).Problems);

    [Theory]
    [InlineData("docker.io/portkeyai/gateway", true)]
    [InlineData("portkeyai/gateway", true)]
    [InlineData("registry.example.com/mirror/gateway", true)]
    [InlineData("registry.example.com/mirror2/gateway", false)]
    [InlineData("registry.example.com.evil.example/mirror/gateway", false)]
    [InlineData("evil/gateway", false)]
    public void Judge_WhereAdministratorsListRepositories_OthersAreRefused(string repository, bool allowed)
    {
        var candidate = Candidate(Inputs.Oss() with { ImageRepository = repository }) with
        {
            Policy = new() { ImageRepositories = ["docker.io/portkeyai/*", "registry.example.com/mirror/*"] },
        };

        Assert.Equal(allowed ? [] : ["spec.imageRepository"], SpecValidator.Judge(candidate).Problems.Select(p => p.Field));
    }

    private static EnvironmentSpec Net(NetworkSpec network) => Inputs.Oss() with { Network = network };

    private static EnvironmentSpec Ingress(string key, string value) =>
        Net(
            new()
            {
                Exposure = Exposure.Ingress,
                Host = "g.example.com",
                TlsSecret = "tls",
                IngressAnnotations = Inputs.Map((key, value)),
            }
        );

    private static EnvironmentSpec Account(string key, string value) =>
        Inputs.Oss() with
        {
            ServiceAccount = new() { Annotations = Inputs.Map((key, value)) },
        };

    private static EnvironmentSpec Pem(string pem) => Inputs.Oss() with { CaBundle = new() { Pem = pem } };

    private static SpecCandidate Candidate(EnvironmentSpec spec) =>
        new(spec, Inputs.Profile("dev"), Inputs.None, new HashSet<string>(StringComparer.Ordinal)) { Now = DateTimeOffset.UtcNow };

    private static (
        IReadOnlyList<Portkey.Portal.Provisioning.Common.FieldProblem> Problems,
        IReadOnlyList<Portkey.Portal.Provisioning.Common.FindingView> Findings
    ) Judge(EnvironmentSpec spec) => SpecValidator.Judge(Candidate(spec));

    private static string Authority(string subject)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256)
        {
            CertificateExtensions = { new X509BasicConstraintsExtension(true, false, 0, true) },
        };
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        return certificate.ExportCertificatePem() + "\n";
    }
}
