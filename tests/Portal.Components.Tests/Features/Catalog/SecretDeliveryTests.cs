using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Web.Features.Catalog;

namespace Portkey.Portal.Components.Tests.Features.Catalog;

public sealed class SecretDeliveryTests : PageTest
{
    private static readonly string Id = Guid.NewGuid().ToString();

    public SecretDeliveryTests() => Services.AddSingleton(new SecretDeliveryService(null!, null!, null!, null!));

    [Fact]
    public void Form_EachWay_AsksForWhatItTakes()
    {
        var form = FormOf(new("portal"));
        Assert.Equal(["sync-mode"], Inputs(form));
        form.Find("[data-testid=sync-mode]").Change("externalSecrets");
        Assert.Equal(["sync-mode", "sync-store-kind", "sync-store-name", "sync-refresh"], Inputs(form));
        form.Find("[data-testid=sync-mode]").Change("csi");
        Assert.Equal(["sync-mode", "sync-vault", "sync-tenant", "sync-client"], Inputs(form));
        Assert.All(form.FindAll("input, select"), i => Assert.NotNull(form.Find($"label[for={i.Id}]")));
    }

    [Fact]
    public void Form_OfACluster_ShowsWhatIsSet_AndKeepsWhatIsTypedUntilThatChanges()
    {
        var form = FormOf(new("csi", Vault: "https://portkey.vault.azure.net/", TenantId: Id, ClientId: Id));
        Assert.Equal("https://portkey.vault.azure.net/", form.Find("[data-testid=sync-vault]").GetAttribute("value"));
        form.Find("[data-testid=sync-client]").Change("typed");
        form.Render(p => p.Add(c => c.View, Cluster(new("csi", Vault: "https://portkey.vault.azure.net/", TenantId: Id, ClientId: Id))));
        Assert.Equal("typed", form.Find("[data-testid=sync-client]").GetAttribute("value"));
        form.Render(p => p.Add(c => c.View, Cluster(new("externalSecrets", "SecretStore", "portkey", "30m"))));
        Assert.Equal(
            ("SecretStore", "portkey", "30m"),
            (
                form.Find("[data-testid=sync-store-kind]").GetAttribute("value"),
                form.Find("[data-testid=sync-store-name]").GetAttribute("value"),
                form.Find("[data-testid=sync-refresh]").GetAttribute("value")
            )
        );
    }

    [Fact]
    public void Facts_HostileText_StaysText()
    {
        var facts = Render<SecretDeliveryFacts>(p =>
            p.Add(c => c.Delivery, new SecretDeliveryView("externalSecrets", "SecretStore", Hostile, "0"))
        );
        Assert.Empty(facts.FindAll("img"));
        Assert.Contains("once", facts.Markup, StringComparison.Ordinal);
    }

    private IRenderedComponent<SecretDeliveryForm> FormOf(SecretDeliveryView view) =>
        Render<SecretDeliveryForm>(p =>
            p.Add(c => c.View, Cluster(view)).Add(c => c.Caller, new Caller("admin-1", "", "c")).Add(c => c.OnSaved, () => { })
        );

    private static ClusterView Cluster(SecretDeliveryView view) =>
        new(Guid.Empty, "sandbox", "Sandbox", "v1.35.0", 1, null, "", true, view);

    private static IEnumerable<string> Inputs(IRenderedComponent<SecretDeliveryForm> form) =>
        form.FindAll("input, select").Select(i => i.GetAttribute("data-testid")!);
}
