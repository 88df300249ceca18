using Bunit;
using Microsoft.AspNetCore.Components;
using Portkey.Portal.Components.Tests.Components.Shared;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Components.Shared;
using Portkey.Portal.Web.Features.NewRequest;
using Portkey.Portal.Web.Features.Requests;

namespace Portkey.Portal.Components.Tests.Features.Requests;

/// <summary>Image and chart are two versions: what is pinned, what is newer, and what the vendor says.</summary>
public sealed class ImageTests : PageTest
{
    private static ChartView Chart =>
        new(
            Guid.NewGuid(),
            Edition.Enterprise,
            ChartSource.Repository,
            "https://charts.example.com",
            "gateway",
            "1.6.4",
            "2.6.1",
            "sha256:00",
            "2.6.1",
            true,
            [],
            "",
            default,
            "admin-1"
        )
        {
            PinnedImage = ImageVersions.Of(Edition.Enterprise, "2.6.1"),
            NewerImages = ImageVersions.NewerThan(Edition.Enterprise, "2.6.1"),
        };

    [Fact]
    public void Size_OfAChart_OffersNewerImagesAndSaysWhatThePinnedOneLacks()
    {
        var step = Step(new WizardState { Edition = Edition.Enterprise });

        Assert.Equal(
            ["2.8.0", "2.10.0", "2.13.0", "2.14.0", "2.15.0"],
            step.FindAll("#known-images option").Select(o => o.GetAttribute("value"))
        );
        Assert.Equal("known-images", step.Find("[data-testid=field-tag]").GetAttribute("list"));
        Assert.Contains("cost attribution", step.Find("[data-testid=image-notes]").TextContent, StringComparison.Ordinal);
        Assert.Contains("data service 1.7.0", step.Find("[data-testid=newer-images]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Size_OfATagOfTheSpec_SaysWhatThatOneNeeds()
    {
        var notes = Step(new WizardState { Edition = Edition.Enterprise, ImageTag = "2.8.0" })
            .Find("[data-testid=image-notes]")
            .TextContent;

        Assert.Contains("data service 1.7.0", notes, StringComparison.Ordinal);
        Assert.DoesNotContain("cost attribution", notes, StringComparison.Ordinal);
    }

    [Fact]
    public void ImageNotes_OfHostileText_IsText()
    {
        var shown = Render<ImageNotes>(p =>
            p.Add(n => n.Pinned, new(Hostile, Hostile, [Hostile])).Add(n => n.Newer, [new(Hostile, Hostile, [])])
        );

        Assert.Empty(shown.FindAll("img"));
        Assert.Contains(Hostile, shown.Find("[data-testid=newer-images]").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Request_ForItsApprover_ShowsEachImageWithItsDigestAndWhetherItIsPinned()
    {
        var digest = $"sha256:{new string('a', 64)}";
        var request = TestRequests.Of(RequestKind.Create) with
        {
            Images = [new(Hostile, digest, true), new("docker.io/redis:7.2", digest, false), new("docker.io/x:1", "", false)],
        };

        var images = Render<RequestFacts>(f => f.Add(c => c.Request, request)).FindAll("[data-testid=request-image]");

        Assert.Equal(3, images.Count);
        Assert.All([Hostile, digest, "pinned"], part => Assert.Contains(part, images[0].TextContent, StringComparison.Ordinal));
        Assert.Contains("may be moved later", images[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("digest not known", images[2].TextContent, StringComparison.Ordinal);
    }

    private IRenderedComponent<SizeStep> Step(WizardState state)
    {
        ComponentFactories.AddStub<TrafficHelper>(); // it asks the catalogue
        return Render<SizeStep>(p =>
            p.Add(s => s.State, state)
                .Add(s => s.Chart, Chart)
                .Add(s => s.Profiles, [])
                .Add(s => s.Problem, _ => null)
                .Add(s => s.OnChange, EventCallback.Empty)
        );
    }
}
