using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Sync;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Sync;

public sealed class SecretSyncRulesTests
{
    [Fact]
    public void Check_WhatEachWayTakes_IsKeptAsWritten()
    {
        Assert.Equal(new SecretSyncSettings(), Fine(new("portal")));
        Assert.Equal(Syncs.External with { StoreName = "portkey.eu" }, Fine(new("externalSecrets", "ClusterSecretStore", " portkey.eu ")));
        Assert.Equal("0", Fine(new("externalSecrets", "SecretStore", "portkey", "0")).RefreshInterval);
        Assert.Equal(Syncs.Csi, Fine(new("csi", Vault: "PortKey", TenantId: Syncs.Id, ClientId: Syncs.Id)));
        Assert.Equal("https://payments.vault.azure.net/", Fine(new("csi", Vault: "https://payments.vault.azure.net", TenantId: Syncs.Id, ClientId: Syncs.Id)).Vault);
    }

    [Fact]
    public void Check_ManyThingsWrong_AreNamedByFieldAtOnce()
    {
        Assert.Equal(["mode"], Wrong(new("vault")));
        Assert.Equal(["vault"], Wrong(new("portal", Vault: "portkey")));
        Assert.Equal(["clientId", "refreshInterval", "storeKind", "storeName"], Wrong(new("externalSecrets", "Store", "Not A Name", "often", ClientId: Syncs.Id)));
        Assert.Equal(["storeKind", "storeName"], Wrong(new("externalSecrets")));
        Assert.Equal(["clientId", "tenantId", "vault"], Wrong(new("csi", Vault: "https://portkey.vault.azure.net.example.org", TenantId: "contoso", ClientId: "")));
        Assert.Equal(["vault"], Wrong(new("csi", Vault: "somebody-elses", TenantId: Syncs.Id, ClientId: Syncs.Id)));
    }

    [Theory]
    [InlineData("http://portkey.vault.azure.net")]
    [InlineData("https://portkey.vault.azure.net:8443")]
    [InlineData("https://portkey.vault.azure.net/secrets")]
    [InlineData("https://user@portkey.vault.azure.net")]
    [InlineData("https://a.portkey.vault.azure.net")]
    [InlineData("a--b")]
    [InlineData("{{ .Values }}")]
    public void Check_NoKeyVault_IsRefused(string vault) => Assert.Equal(["vault"], Wrong(new("csi", Vault: vault, TenantId: Syncs.Id, ClientId: Syncs.Id)));

    [Theory]
    [InlineData("externalSecrets")]
    [InlineData("csi")]
    public void Check_LocalVault_ServesNoOtherWay(string mode)
    {
        var problems = SecretSyncRules.Check(new(mode), Syncs.Local).Problems;
        Assert.Contains("local vault", problems.Single(p => p.Field == "mode").Message, StringComparison.Ordinal);
        Assert.Empty(SecretSyncRules.Check(new("portal"), Syncs.Local).Problems);
    }

    [Fact]
    public void Settings_OfACluster_ComeBackAsStored()
    {
        var settings = Syncs.Csi with { Before = [SecretSync.ExternalSecrets] };
        var read = SecretSyncSettings.Of(new Cluster { Name = "a", DisplayName = "a", KubeconfigSource = "", SecretSync = settings.Mode, SecretSyncJson = PortalJson.Write(settings) });
        Assert.Equal(settings with { Before = null }, read with { Before = null });
        Assert.Equal((true, true, false), (read.HasSeen(SecretSync.SecretsStoreCsi), read.HasSeen(SecretSync.ExternalSecrets), read.HasSeen(SecretSync.Portal)));
        Assert.Equal(SecretSyncSettings.Portal, SecretSyncSettings.Of(new Cluster { Name = "a", DisplayName = "a", KubeconfigSource = "" }));
    }

    private static SecretSyncSettings Fine(SecretSyncView wish)
    {
        var (settings, problems) = SecretSyncRules.Check(wish, Syncs.Azure);
        Assert.Empty(problems);
        return settings;
    }

    private static IEnumerable<string> Wrong(SecretSyncView wish) => SecretSyncRules.Check(wish, Syncs.Azure).Problems.Select(p => p.Field).Order(StringComparer.Ordinal);
}
