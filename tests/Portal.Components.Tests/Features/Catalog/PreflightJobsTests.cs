using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight.Jobs;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Web.Features.Catalog;

namespace Portkey.Portal.Components.Tests.Features.Catalog;

public sealed class PreflightJobsTests : PageTest
{
    public PreflightJobsTests() => Services.AddSingleton(new PreflightJobsService(null!, null!, null!));

    [Theory]
    [InlineData(false, true, "Not allowed", "Allow Jobs of preflight")]
    [InlineData(true, true, "Allowed", "Forbid Jobs of preflight")]
    [InlineData(true, false, "Allowed", null)]
    public void Form_SaysWhatHolds_AndOffersTheOtherToAdministratorsAlone(bool allowed, bool may, string says, string? offers)
    {
        var form = Render<PreflightJobsForm>(p =>
            p.Add(
                    f => f.View,
                    new ClusterView(Guid.Empty, "sandbox", "Sandbox", "v1.35.0", 1, null, "", true, new("portal"))
                    {
                        PreflightJobs = allowed,
                    }
                )
                .Add(f => f.Caller, new Caller("admin-1", "", "c"))
                .Add(f => f.MayChange, may)
                .Add(f => f.OnSaved, () => { })
        );

        Assert.StartsWith(says, form.Find("[data-testid=jobs-state]").TextContent, StringComparison.Ordinal);
        Assert.Equal(offers, form.FindAll("button").SingleOrDefault()?.TextContent);
    }
}
