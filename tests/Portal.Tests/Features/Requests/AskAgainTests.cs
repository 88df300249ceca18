using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Requests;

namespace Portkey.Portal.Tests.Features.Requests;

/// <summary>What waits for whom, and asking again for what was rejected.</summary>
public sealed class AskAgainTests(PortalHost host) : IClassFixture<PortalHost>
{
    private static readonly Caller Lead = new("lead-payments", "", "");
    private static readonly Caller Admin = new("admin-1", "", "");

    private T Service<T>()
        where T : notnull => host.Services.GetRequiredService<T>();

    [Fact]
    public async Task Draft_OfARejectedCreate_HoldsAllThatWasAskedForAndWhyItWasRejected()
    {
        var id = await MadeAsync("again-a");
        await Assert.ThrowsAsync<ConflictException>(() => Service<AskAgain>().DraftAsync(Lead, id, CancellationToken.None));
        await RejectedAsync(id);

        var draft = await Service<AskAgain>().DraftAsync(Lead, id, CancellationToken.None);
        var body = JsonNode.Parse((await Service<DraftService>().LoadAsync(Lead, draft, CancellationToken.None))!)!;

        Assert.Equal(
            ("create", "payments", "again-a", "dev", "oss"),
            ((string?)body["kind"], (string?)body["team"], (string?)body["name"], (string?)body["profile"], (string?)body["spec"]!["edition"])
        );
        Assert.Contains("rejected it before: “too big”", (string)body["reason"]!, StringComparison.Ordinal);
        Assert.Null(await Service<DraftService>().LoadAsync(Admin, draft, CancellationToken.None));
    }

    [Fact]
    public async Task AskAgain_ByAnotherTeam_FindsNoRequest()
    {
        var id = await MadeAsync("again-b");
        await RejectedAsync(id);

        using var search = await host.ClientAsync("lead-search");
        await search.GetAsync("/api/v1/me");
        await Assert.ThrowsAsync<NotFoundException>(() =>
            Service<AskAgain>().DraftAsync(new Caller("lead-search", "", ""), id, CancellationToken.None)
        );
    }

    [Fact]
    public async Task Waiting_ForAnAdministrator_IsCountedAndListedOldestFirstWithCostAndWarnings()
    {
        var (first, second) = (await MadeAsync("waits-a"), await MadeAsync("waits-b"));

        var rows = (await Service<WaitingRequests>().ListAsync(Admin, new PageRequest(), CancellationToken.None)).Items;
        var (at, then) = (Index(first), Index(second));

        Assert.True(at >= 0 && at < then);
        Assert.True(rows[at].MonthlyCostUsd > 0);
        Assert.Null(rows[at].CostChangeUsd);
        Assert.True(rows[at].Warnings > 0, "any address may be called, which is a warning");
        Assert.Equal(rows.Count, await Service<WaitingRequests>().CountAsync(Admin, CancellationToken.None));
        Assert.Equal(0, await Service<WaitingRequests>().CountAsync(Lead, CancellationToken.None));

        var one = await Service<WaitingRequests>().ListAsync(Admin, new PageRequest(Size: 1), CancellationToken.None);
        var next = await Service<WaitingRequests>().ListAsync(Admin, new PageRequest(one.Next, 1), CancellationToken.None);
        Assert.Equal(rows.Take(2).Select(r => r.Request.Id), [one.Items[0].Request.Id, next.Items[0].Request.Id]);

        int Index(Guid id) => rows.Select(r => r.Request.Id).ToList().IndexOf(id);
    }

    [Fact]
    public async Task Preview_OfACreate_HoldsWhatIsAskedForAndNothingBefore()
    {
        var preview = await Service<RequestService>().PreviewAsync(Admin, await MadeAsync("preview-a"), CancellationToken.None);

        Assert.Null(preview.From);
        Assert.Equal(("dev", Edition.Oss), (preview.To!.Profile, preview.To.Spec.Edition));
        Assert.NotEmpty(preview.To.Images);
    }

    private async Task<Guid> MadeAsync(string name)
    {
        using var admin = await host.ClientAsync("admin-1");
        await admin.GetAsync("/api/v1/me");
        using var lead = await host.ClientAsync("lead-payments");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create(name)))).NodeAsync();
        return Guid.Parse((string)made["id"]!);
    }

    private async Task RejectedAsync(Guid id)
    {
        var requests = Service<RequestService>();
        var digest = (await requests.GetAsync(Admin, id, CancellationToken.None)).Digest;
        await requests.RejectAsync(Admin, id, digest, "too big", CancellationToken.None);
    }
}
