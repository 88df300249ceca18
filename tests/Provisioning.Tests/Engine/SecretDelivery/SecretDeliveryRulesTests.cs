using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.SecretDelivery;

public sealed class SecretDeliveryRulesTests
{
    [Fact]
    public void Check_WhatEachWayTakes_IsKeptAsWritten()
    {
        Assert.Equal(new SecretDeliverySettings(), Fine(new("portal")));
        Assert.Equal(
            Deliveries.External with
            {
                StoreName = "portkey.eu",
            },
            Fine(new("externalSecrets", "ClusterSecretStore", " portkey.eu "))
        );
        Assert.Equal("0", Fine(new("externalSecrets", "SecretStore", "portkey", "0")).RefreshInterval);
        Assert.Equal(Deliveries.Csi, Fine(new("csi", Vault: "PortKey", TenantId: Deliveries.Id, ClientId: Deliveries.Id)));
        Assert.Equal(
            "https://payments.vault.azure.net/",
            Fine(new("csi", Vault: "https://payments.vault.azure.net", TenantId: Deliveries.Id, ClientId: Deliveries.Id)).Vault
        );
    }

    [Fact]
    public void Check_ManyThingsWrong_AreNamedByFieldAtOnce()
    {
        Assert.Equal(["mode"], Wrong(new("vault")));
        Assert.Equal(["vault"], Wrong(new("portal", Vault: "portkey")));
        Assert.Equal(
            ["clientId", "refreshInterval", "storeKind", "storeName"],
            Wrong(new("externalSecrets", "Store", "Not A Name", "often", ClientId: Deliveries.Id))
        );
        Assert.Equal(["storeKind", "storeName"], Wrong(new("externalSecrets")));
        Assert.Equal(
            ["clientId", "tenantId", "vault"],
            Wrong(new("csi", Vault: "https://portkey.vault.azure.net.example.org", TenantId: "contoso", ClientId: ""))
        );
        Assert.Equal(["vault"], Wrong(new("csi", Vault: "somebody-elses", TenantId: Deliveries.Id, ClientId: Deliveries.Id)));
    }

    [Theory]
    [InlineData("http://portkey.vault.azure.net")]
    [InlineData("https://portkey.vault.azure.net:8443")]
    [InlineData("https://portkey.vault.azure.net/secrets")]
    [InlineData("https://user@portkey.vault.azure.net")]
    [InlineData("https://a.portkey.vault.azure.net")]
    [InlineData("a--b")]
    [InlineData("{{ .Values }}")]
    public void Check_NoKeyVault_IsRefused(string vault) =>
        Assert.Equal(["vault"], Wrong(new("csi", Vault: vault, TenantId: Deliveries.Id, ClientId: Deliveries.Id)));

    [Theory]
    [InlineData("externalSecrets")]
    [InlineData("csi")]
    public void Check_LocalVault_ServesNoOtherWay(string mode)
    {
        var problems = SecretDeliveryRules.Check(new(mode), Deliveries.Local).Problems;
        Assert.Contains("local vault", problems.Single(p => p.Field == "mode").Message, StringComparison.Ordinal);
        Assert.Empty(SecretDeliveryRules.Check(new("portal"), Deliveries.Local).Problems);
    }

    [Fact]
    public void Settings_OfACluster_ComeBackAsStored()
    {
        var settings = Deliveries.Csi with { Before = [SecretDeliveryMode.ExternalSecrets] };
        var cluster = new Cluster
        {
            Name = "a",
            DisplayName = "a",
            KubeconfigSource = "",
        };
        settings.WriteTo(cluster);
        var read = SecretDeliverySettings.Of(cluster);
        Assert.Equal(settings with { Before = null }, read with { Before = null });
        Assert.Equal(
            (true, true, false),
            (
                read.HasSeen(SecretDeliveryMode.SecretsStoreCsi),
                read.HasSeen(SecretDeliveryMode.ExternalSecrets),
                read.HasSeen(SecretDeliveryMode.Portal)
            )
        );
        Assert.Equal(
            SecretDeliverySettings.Portal,
            SecretDeliverySettings.Of(
                new Cluster
                {
                    Name = "a",
                    DisplayName = "a",
                    KubeconfigSource = "",
                }
            )
        );
    }

    private static SecretDeliverySettings Fine(SecretDeliveryView asked)
    {
        var (settings, problems) = SecretDeliveryRules.Check(asked, Deliveries.Azure);
        Assert.Empty(problems);
        return settings;
    }

    private static IEnumerable<string> Wrong(SecretDeliveryView asked) =>
        SecretDeliveryRules.Check(asked, Deliveries.Azure).Problems.Select(p => p.Field).Order(StringComparer.Ordinal);
}
