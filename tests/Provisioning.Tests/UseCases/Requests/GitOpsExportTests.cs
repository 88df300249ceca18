using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

/// <summary>Requests as text for Flux and Argo CD.</summary>
public sealed class GitOpsExportTests
{
    [Theory]
    [InlineData(ChartSource.Oci, "oci://registry.example.com/charts/gateway", "oci://registry.example.com/charts")]
    [InlineData(ChartSource.Repository, "https://charts.example.com/stable#gateway", "https://charts.example.com/stable")]
    [InlineData(ChartSource.Directory, "/charts/gateway", "https://git.example.com/platform/charts.git")]
    public void Text_Flux_IsYamlWithTheSameValuesAndReferencesToTheVault(ChartSource source, string location, string url)
    {
        var request = Request(source, location);
        var objects = ManifestYaml
            .Parse(GitOpsExport.Text(request, "portkey-gateway", ExportFormat.Flux, SecretsBy.ExternalSecrets))
            .ToDictionary(o => $"{o["kind"]} {o["metadata"]!["name"]}", StringComparer.Ordinal);

        Assert.Equal(
            url,
            objects.Single(o => o.Key is "HelmRepository portkey-gateway" or "GitRepository portkey-gateway").Value["spec"]![
                "url"
            ]!.ToString()
        );
        var release = objects["HelmRelease portkey-gateway"]["spec"]!;
        Assert.Equal(ManifestYaml.Parse(request.Content.ValuesYaml)[0].ToJsonString(), release["values"]!.ToJsonString());
        var name = release["values"]!["environment"]!["existingSecret"]!.ToString();
        var secret = objects[$"ExternalSecret {name}"]["spec"]!;
        Assert.Equal(
            release["values"]!["environment"]!["secretKeys"]!.AsArray().Select(k => k!.ToString()),
            secret["data"]!.AsArray().Select(d => d!["secretKey"]!.ToString())
        );
        Assert.Contains(
            "REGISTRY_PASSWORD",
            objects[$"ExternalSecret {release["values"]!["imagePullSecrets"]![0]!["name"]}"].ToJsonString(),
            StringComparison.Ordinal
        );
        Assert.Contains(objects.Keys, k => k.StartsWith("NetworkPolicy ", StringComparison.Ordinal));
    }

    [Fact]
    public void Text_ArgoCd_IsYamlWithTheSameValues()
    {
        var request = Request(ChartSource.Oci, "oci://registry.example.com/charts/gateway");
        var application = ManifestYaml
            .Parse(GitOpsExport.Text(request, "portkey-gateway", ExportFormat.ArgoCd, SecretsBy.CsiDriver))
            .Single(o => o["kind"]!.ToString() == "Application");

        Assert.Equal(
            ManifestYaml.Parse(request.Content.ValuesYaml)[0].ToJsonString(),
            application["spec"]!["source"]!["helm"]!["valuesObject"]!.ToJsonString()
        );
        Assert.Equal(request.Namespace, application["spec"]!["destination"]!["namespace"]!.ToString());
    }

    [Fact]
    public void Text_CsiDriver_NamesEachSecretAndItsVersion()
    {
        var text = GitOpsExport.Text(
            Request(ChartSource.Directory, "/charts/gateway"),
            "portkey-gateway",
            ExportFormat.Flux,
            SecretsBy.CsiDriver
        );
        var provider = ManifestYaml.Parse(text).Single(o => o["kind"]!.ToString() == "SecretProviderClass")["spec"]!;

        Assert.Contains("objectVersion: \"version-1\"", provider["parameters"]!["objects"]!.ToString(), StringComparison.Ordinal);
        Assert.Contains("REDIS_URL", provider["secretObjects"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private static ChangeRequest Request(ChartSource source, string location)
    {
        var spec = Inputs.Enterprise(("REGISTRY_USERNAME", "portkey-customer"));
        var pins = Inputs.Pins("PORTKEY_CLIENT_AUTH", "REDIS_URL", "REGISTRY_PASSWORD");
        var chart = new ChartVersion
        {
            Edition = Edition.Enterprise,
            Source = source,
            Location = location,
            Name = "gateway",
            Version = "1.7.7",
            AppVersion = "2.13.0",
            Digest = "sha256:0",
            ImageTag = "2.13.0",
            RegisteredAt = DateTime.UnixEpoch,
            RegisteredBy = "system",
        };
        var input = Inputs.Render(spec, "standard", chart, pins);
        return new ChangeRequest
        {
            Kind = RequestKind.Create,
            TeamId = Guid.Empty,
            EnvironmentId = Inputs.Environment,
            EnvironmentName = "payments-checkout",
            ClusterId = Guid.Empty,
            Namespace = input.Namespace,
            BaseRevision = 0,
            Content = new EnvironmentContent
            {
                Profile = "standard",
                SpecJson = PortalJson.Write(spec),
                ChartVersionId = chart.Id,
                ChartVersion = chart,
                ValuesYaml = ValuesRenderer.Gateway(input),
                ManifestYaml = Manifests.Join(
                    "---\napiVersion: v1\nkind: Service\nmetadata: {name: portkey-gateway}",
                    "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: default-deny}\nspec: {podSelector: {}}"
                ),
                Digest = "sha256:1",
            },
            Secrets =
            [
                .. pins.Select(p => new RequestSecret
                {
                    Key = p.Key,
                    SecretReferenceId = Guid.Empty,
                    VaultName = p.Value.VaultName,
                    Number = p.Value.Number,
                    VaultVersion = p.Value.VaultVersion,
                    Address = p.Value.Address ?? "",
                }),
            ],
            FindingsJson = "[]",
            PolicyJson = "{}",
            Reason = "",
            RequestedBy = "lead-payments",
            RequestedAt = DateTime.UnixEpoch,
        };
    }
}
