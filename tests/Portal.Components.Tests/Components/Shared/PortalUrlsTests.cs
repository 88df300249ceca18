using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Components.Tests.Components.Shared;

public sealed class PortalUrlsTests
{
    [Fact]
    public void Environments_HostileSearch_IsEscaped() =>
        Assert.Equal("/environments?search=a%26b%3Dc&health=degraded", PortalUrls.Environments("a&b=c", null, HealthStatus.Degraded));

    [Fact]
    public void Credentials_Filters_AreWordsOfTheApi() =>
        Assert.Equal(
            "/credentials?search=a%26b&state=notInUse&kind=clientKey",
            PortalUrls.Credentials("a&b", null, CredentialState.NotInUse, CredentialKind.ClientKey)
        );

    [Fact]
    public void Audit_WithoutFilters_IsBare() => Assert.Equal("/audit", PortalUrls.Audit());

    [Fact]
    public void Wizard_KeepsDraftAndStep() =>
        Assert.Equal("/new?draft=00000000-0000-0000-0000-000000000000&step=size", PortalUrls.Wizard(Guid.Empty, "size"));

    [Fact]
    public void SignIn_FromHome_NeedsNoReturn() => Assert.Equal("/sign-in", PortalUrls.SignIn("/"));
}
