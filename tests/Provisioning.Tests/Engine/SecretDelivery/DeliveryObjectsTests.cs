using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.SecretDelivery;

/// <summary>What the operators of a cluster are told.</summary>
public sealed class DeliveryObjectsTests
{
    [Fact]
    public void ExternalSecret_NamesEachVersion_AndTheSecretThatTheChartReads()
    {
        var set = Deliveries.Set("REDIS_URL", "PORTKEY_CLIENT_AUTH", "REGISTRY_PASSWORD");
        var spec = ExternalSecretObjects.OfEnvironment(set, Deliveries.External)["spec"]!;

        Assert.Equal(SecretPins.ClusterSecretName("gw", set.Pins), spec["target"]!["name"]!.ToString());
        Assert.True((bool)spec["target"]!["immutable"]!);
        Assert.Equal("Orphan", spec["target"]!["creationPolicy"]!.ToString());
        Assert.Equal("e", spec["target"]!["template"]!["metadata"]!["labels"]!["portal.portkey.ai/environment"]!.ToString());
        Assert.Equal(
            ("ClusterSecretStore", "portkey", "1h"),
            (spec["secretStoreRef"]!["kind"]!.ToString(), spec["secretStoreRef"]!["name"]!.ToString(), spec["refreshInterval"]!.ToString())
        );
        Assert.Equal(
            """[{"secretKey":"PORTKEY_CLIENT_AUTH","remoteRef":{"key":"env-1-portkey-client-auth","version":"019e1"}},{"secretKey":"REDIS_URL","remoteRef":{"key":"env-1-redis-url","version":"09e1"}}]""",
            spec["data"]!.ToJsonString()
        );
    }

    [Fact]
    public void ExternalSecret_OfPull_IsDockersConfiguration_AndHostileNamesBeginNoTemplate()
    {
        var set = Deliveries.Set("REGISTRY_PASSWORD");
        var target = ExternalSecretObjects.OfPull(set, Deliveries.External, set.Pull!)["spec"]!["target"]!;

        Assert.Equal("kubernetes.io/dockerconfigjson", target["template"]!["type"]!.ToString());
        var text = target["template"]!["data"]![".dockerconfigjson"]!.ToString();
        Assert.Equal(2, text.Split("{{").Length - 1);
        var filled = text.Replace("{{ .REGISTRY_PASSWORD | toJson }}", "\"p\"", StringComparison.Ordinal)
            .Replace("{{ print \"us\\u007b\\u007ber:\" .REGISTRY_PASSWORD | b64enc }}", "b", StringComparison.Ordinal);
        Assert.Equal(
            """{"username":"us{{er","password":"p","auth":"b"}""",
            JsonNode.Parse(filled)!["auths"]!["registry.example.com"]!.ToJsonString(
                new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            )
        );
    }

    [Fact]
    public void SecretProviderClass_NamesEachVersion_AndTheSecretThatTheChartReads()
    {
        var set = Deliveries.Set("REDIS_URL", "REGISTRY_PASSWORD");
        var spec = CsiObjects.Class(set, Deliveries.Csi with { Vault = "https://portkey.vault.azure.cn/" })["spec"]!;

        Assert.Equal(
            ("azure", "portkey", "AzureChinaCloud", Deliveries.Id, Deliveries.Id),
            (
                spec["provider"]!.ToString(),
                spec["parameters"]!["keyvaultName"]!.ToString(),
                spec["parameters"]!["cloudName"]!.ToString(),
                spec["parameters"]!["clientID"]!.ToString(),
                spec["parameters"]!["tenantId"]!.ToString()
            )
        );
        var listed = ManifestYaml.Parse(spec["parameters"]!["objects"]!.ToString())[0]["array"]!.AsArray();
        var one = ManifestYaml.Parse(Assert.Single(listed)!.ToString())[0];
        Assert.Equal(
            """{"objectName":"env-1-redis-url","objectAlias":"REDIS_URL","objectType":"secret","objectVersion":"09e1"}""",
            one.ToJsonString()
        );
        var made = Assert.Single(spec["secretObjects"]!.AsArray())!;
        Assert.Equal(
            (set.Name, "Opaque", "REDIS_URL"),
            (made["secretName"]!.ToString(), made["type"]!.ToString(), made["data"]![0]!["key"]!.ToString())
        );
        Assert.Null(CsiObjects.Class(set, Deliveries.Csi)["spec"]!["parameters"]!["cloudName"]);
    }

    [Fact]
    public void SyncDeployment_PassesPodSecurity_AndIsNoPartOfTheRelease()
    {
        var set = Deliveries.Set("REDIS_URL");
        var deployment = CsiObjects.Deployment(set);
        var pod = deployment["spec"]!["template"]!;

        Assert.DoesNotContain(ClusterLabels.Instance, deployment.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(set.Name, pod["spec"]!["volumes"]![0]!["csi"]!["volumeAttributes"]!["secretProviderClass"]!.ToString());
        Assert.Equal(
            (CsiObjects.Account, false, true),
            (
                pod["spec"]!["serviceAccountName"]!.ToString(),
                (bool)pod["spec"]!["automountServiceAccountToken"]!,
                (bool)pod["spec"]!["securityContext"]!["runAsNonRoot"]!
            )
        );
        var inner = pod["spec"]!["containers"]![0]!["securityContext"]!;
        Assert.Equal(
            (false, "ALL", "RuntimeDefault"),
            (
                (bool)inner["allowPrivilegeEscalation"]!,
                inner["capabilities"]!["drop"]![0]!.ToString(),
                pod["spec"]!["securityContext"]!["seccompProfile"]!["type"]!.ToString()
            )
        );
    }

    [Fact]
    public void Objects_OfEveryWay_HoldNoValue()
    {
        var set = Deliveries.Set("REDIS_URL", "REGISTRY_PASSWORD");
        JsonObject[] all =
        [
            ExternalSecretObjects.OfEnvironment(set, Deliveries.External),
            ExternalSecretObjects.OfPull(set, Deliveries.External, set.Pull!),
            CsiObjects.Class(set, Deliveries.Csi),
            CsiObjects.Deployment(set),
            CsiObjects.ServiceAccount(set, Deliveries.Csi),
        ];
        Assert.All(all, o => Assert.DoesNotContain("canary", o.ToJsonString(), StringComparison.Ordinal));
    }

    [Fact]
    public void Elsewhere_SecretsOfATeamsVault_AreFound()
    {
        var pins = new Dictionary<string, SecretPin>(StringComparer.Ordinal)
        {
            ["A"] = new("env-a", 1, "1"),
            ["B"] = new("payments/env-b", 1, "1"),
            ["C"] = new("search/env-c", 1, "1"),
        };
        Assert.Equal(["B", "C"], Deliveries.Azure.Elsewhere(pins, new Uri("https://PORTKEY.vault.azure.net/")));
        Assert.Equal("env-b", VaultAddresses.NameOf(pins["B"]));
    }
}
