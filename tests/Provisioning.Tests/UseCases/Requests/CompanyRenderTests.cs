using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.Charts;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

/// <summary>What companies need, through a real helm and both layouts of the chart, up to the objects that come of it.</summary>
public sealed class CompanyRenderTests : IDisposable
{
    private const string Digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private readonly TemporaryFolder folder = new();
    private readonly HelmRunner helm;
    private readonly ChartStore charts;
    private readonly Renderer renderer;

    public CompanyRenderTests()
    {
        var options = Options.Create(
            new ProvisioningOptions
            {
                DataDirectory = folder.Path,
                HelmPath = Tools.Helm,
                ChartsDirectory = Repository.Charts,
            }
        );
        helm = new HelmRunner(options);
        charts = new ChartStore(helm);
        renderer = new Renderer(helm, charts, options);
    }

    [Theory]
    [InlineData("1.7.7")]
    [InlineData("1.0.8")]
    public async Task Render_AllOfIt_ReachesTheObjects(string layout)
    {
        var pem = Certificate();
        var spec = Inputs.Enterprise(("MY_FLAG", "on"), ("HTTPS_PROXY", "http://proxy.example.com:3128")) with
        {
            ImageRepository = "registry.example.com/portkeyai/gateway_enterprise",
            ImageTag = $"2.13.0@{Digest}",
            ServiceAccount = new()
            {
                Name = "gateway-sa",
                Annotations = Inputs.Map(("eks.amazonaws.com/role-arn", "arn:aws:iam::123456789012:role/gateway")),
            },
            CaBundle = new() { Pem = pem },
            Autoscaling = new()
            {
                Min = 1,
                Max = 3,
                TargetMemory = 75,
            },
            Network = new()
            {
                Exposure = Exposure.LoadBalancer,
                InternalLoadBalancer = true,
                Port = 80,
                AllowedRanges = ["10.0.0.0/8"],
                ServiceAnnotations = Inputs.Map(("service.beta.kubernetes.io/azure-pip-name", "gateway-ip")),
            },
        };
        var (manifests, values) = await RenderAsync(spec, layout, "PORTKEY_CLIENT_AUTH", "REDIS_URL", "MY_SECRET");

        var pod = manifests.One("Deployment", "portkey-gateway").At("spec", "template", "spec");
        var container = pod.Items("containers")[0];
        Assert.Equal($"registry.example.com/portkeyai/gateway_enterprise:2.13.0@{Digest}", container.Text("image"));
        Assert.Equal("gateway-sa", pod.Text("serviceAccountName"));
        Assert.Equal(
            "arn:aws:iam::123456789012:role/gateway",
            manifests.One("ServiceAccount", "gateway-sa").Text("metadata", "annotations", "eks.amazonaws.com/role-arn")
        );
        Assert.Equal("on", Plain(manifests, container, "MY_FLAG"));
        Assert.Equal("http://proxy.example.com:3128", Plain(manifests, container, "HTTPS_PROXY"));
        Assert.Equal("/etc/portkey-ca/ca.crt", Plain(manifests, container, "NODE_EXTRA_CA_CERTS"));
        Assert.Equal("/etc/portkey-ca/ca.crt", Plain(manifests, container, "TLS_CA"));
        Assert.True(
            container.Env("MY_SECRET").Text("valueFrom", "secretKeyRef", "key") == "MY_SECRET"
                || container.Items("envFrom").Any(f => f.Text("secretRef", "name") is { Length: > 0 })
        );

        var volume = Assert.Single(pod.Items("volumes"), v => v.Text("name") == "portkey-ca");
        var bundle = manifests.One("ConfigMap", volume.Text("configMap", "name"));
        Assert.Equal(TrustRules.Certificates(pem), bundle.Text("data", "ca.crt"));
        Assert.Equal("true", bundle.Text("immutable"));
        Assert.Equal("true", Assert.Single(container.Items("volumeMounts"), m => m.Text("name") == "portkey-ca").Text("readOnly"));

        Assert.DoesNotContain("CERTIFICATE", values, StringComparison.Ordinal); // what is big is in its ConfigMap alone
        var service = manifests.One("Service", "portkey-gateway");
        Assert.Equal("80", service.At("spec").Items("ports")[0].Text("port"));
        Assert.Equal("gateway-ip", service.Text("metadata", "annotations", "service.beta.kubernetes.io/azure-pip-name"));
        foreach (
            var (key, value) in new[]
            {
                ("service.beta.kubernetes.io/azure-load-balancer-internal", "true"),
                ("service.beta.kubernetes.io/aws-load-balancer-internal", "true"),
                ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
                ("networking.gke.io/load-balancer-type", "Internal"),
                ("service.beta.kubernetes.io/azure-allowed-ip-ranges", "10.0.0.0/8"),
            }
        )
        {
            Assert.Equal(value, service.Text("metadata", "annotations", key));
        }

        if (layout == "1.0.8")
        {
            return; // its fixture scales by CPU alone
        }

        Assert.Contains(
            manifests.One("HorizontalPodAutoscaler", "portkey-gateway").At("spec").Items("metrics"),
            m => m.Text("resource", "name") == "memory" && m.Text("resource", "target", "averageUtilization") == "75"
        );
    }

    [Fact]
    public async Task Render_DigestAlone_IsAReferenceByDigest()
    {
        var (manifests, _) = await RenderAsync(
            Inputs.Enterprise() with
            {
                ImageTag = "@" + Digest,
            },
            "1.7.7",
            "PORTKEY_CLIENT_AUTH",
            "REDIS_URL"
        );

        Assert.EndsWith(
            $"@{Digest}",
            manifests.One("Deployment", "portkey-gateway").At("spec", "template", "spec").Items("containers")[0].Text("image"),
            StringComparison.Ordinal
        );
        Assert.Matches(
            @"^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$",
            manifests.One("Deployment", "portkey-gateway").Text("metadata", "labels", "app.kubernetes.io/version")
        );
    }

    [Fact]
    public async Task Render_ConfigMapOfTheTeam_IsMountedByItsKey()
    {
        var (manifests, _) = await RenderAsync(
            Inputs.Enterprise() with
            {
                CaBundle = new() { ConfigMap = "company-ca", Key = "root.pem" },
            },
            "1.7.7",
            "PORTKEY_CLIENT_AUTH",
            "REDIS_URL"
        );

        var volume = Assert.Single(
            manifests.One("Deployment", "portkey-gateway").At("spec", "template", "spec").Items("volumes"),
            v => v.Text("name") == "portkey-ca"
        );
        Assert.Equal("company-ca", volume.Text("configMap", "name"));
        Assert.Equal(
            ("root.pem", "ca.crt"),
            (volume.At("configMap").Items("items")[0].Text("key"), volume.At("configMap").Items("items")[0].Text("path"))
        );
    }

    [Fact]
    public async Task Render_DataServiceImageAndIngressAnnotations_ReachThem()
    {
        var spec = Inputs.Enterprise() with
        {
            DataService = true,
            DataServiceImage = new() { Repository = "registry.example.com/portkeyai/data-service", Tag = "1.8.0" },
            Network = new()
            {
                Exposure = Exposure.Ingress,
                Host = "g.example.com",
                TlsSecret = "tls",
                IngressAnnotations = Inputs.Map(("alb.ingress.kubernetes.io/inbound-cidrs", "10.0.0.0/8")),
            },
        };
        var (manifests, _) = await RenderAsync(spec, "1.7.7", "PORTKEY_CLIENT_AUTH", "REDIS_URL");

        Assert.Contains(
            manifests.Objects.Where(o => o.Text("kind") == "Deployment"),
            d =>
                d.At("spec", "template", "spec").Items("containers")[0].Text("image") == "registry.example.com/portkeyai/data-service:1.8.0"
        );
        Assert.Equal(
            "10.0.0.0/8",
            Assert
                .Single(manifests.Objects, o => o.Text("kind") == "Ingress")
                .Text("metadata", "annotations", "alb.ingress.kubernetes.io/inbound-cidrs")
        );
    }

    public void Dispose()
    {
        helm.Dispose();
        folder.Dispose();
    }

    private static string Plain(RenderedManifests manifests, JsonNode container, string key)
    {
        var beside = container.Items("envFrom").Select(f => f.Text("configMapRef", "name")).FirstOrDefault(n => n is not null);
        return container.Env(key).Text("value") ?? manifests.One("ConfigMap", beside).Text("data", key) ?? "";
    }

    private async Task<(RenderedManifests Manifests, string Values)> RenderAsync(
        EnvironmentSpec spec,
        string layout,
        params string[] secrets
    )
    {
        var location =
            layout == "1.7.7"
                ? Path.Combine(Repository.Charts, "gateway")
                : Path.Combine(Repository.Root, "tests", "Shared", "Charts", "gateway-1.0.8");
        var found = await charts.ResolveAsync(ChartSource.Directory, location, null, null, TestContext.Current.CancellationToken);
        var facts = charts.FactsOf(found);
        var chart = ChartRows.Of(Edition.Enterprise, ChartSource.Directory, location, found, facts, "system", DateTime.UnixEpoch);
        var candidate = new SpecCandidate(
            spec,
            Inputs.Profile("dev"),
            secrets.ToDictionary(k => k, k => k == "REDIS_URL" ? "redis://cache.example.com:6379" : "value", StringComparer.Ordinal),
            new HashSet<string>(StringComparer.Ordinal)
        )
        {
            Chart = new SpecChart("gateway", facts),
        };
        Assert.Empty(SpecValidator.Judge(candidate).Problems);
        var rendered = await renderer.RenderAsync(
            Inputs.Render(spec, "dev", chart, Inputs.Pins(secrets)),
            TestContext.Current.CancellationToken
        );
        return (RenderedManifests.Parse(rendered.Manifest), rendered.Values);
    }

    private static string Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=Example Root", key, HashAlgorithmName.SHA256)
        {
            CertificateExtensions = { new X509BasicConstraintsExtension(true, false, 0, true) },
        }.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddYears(1));
        return certificate.ExportCertificatePem() + "\n";
    }
}
