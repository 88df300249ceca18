using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Tests.Hosting.Api;
using Portkey.Portal.Web.Features.Operations;

namespace Portkey.Portal.Tests.Features.Operations;

/// <summary>Following an operation. No worker runs here, so its row is moved on by hand.</summary>
public sealed class OperationEventsTests(PaymentsWorld world) : IClassFixture<PaymentsWorld>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Events_OfAnOperation_ShowProgressAndLogAndEndWithIt()
    {
        using var lead = await world.Host.ClientAsync("lead-payments");
        var operation = await OperationAsync(lead, "followed");
        await using var events = await FollowAsync(lead, operation);
        Assert.Equal(("progress", "queued"), await events.NextAsync("state"));

        var first = await LogAsync(operation, "first line");
        Assert.Equal(("log", "first line"), await events.NextAsync("text"));
        Assert.Equal(first.ToString(), events.LastId);

        await EndAsync(operation);
        Assert.Equal(("progress", "cancelled"), await events.NextAsync("state"));
        Assert.Equal(("end", "cancelled"), await events.NextAsync("state"));
        Assert.False(await events.MoreAsync());
    }

    [Fact]
    public async Task Events_AfterALine_GoOnBehindIt()
    {
        using var lead = await world.Host.ClientAsync("lead-payments");
        var operation = await OperationAsync(lead, "resumed");
        var first = await LogAsync(operation, "first line");
        await LogAsync(operation, "second line");
        await EndAsync(operation);

        await using var events = await FollowAsync(lead, operation, first);
        Assert.Equal(("log", "second line"), await events.NextAsync("text"));
        Assert.Equal("progress", (await events.NextAsync("state")).Type);
        Assert.Equal("end", (await events.NextAsync("state")).Type);
    }

    [Fact]
    public async Task Events_OfAnotherTeam_AreNotFound()
    {
        using var other = await world.Host.ClientAsync("lead-search");
        await (await other.GetAsync($"/api/v1/operations/{world.Ids["op"]}/events")).ProblemAsync(404);
    }

    [Fact]
    public async Task Events_WithAnIdThatIsNone_AreRefusedByName()
    {
        using var lead = await world.Host.ClientAsync("lead-payments");
        lead.DefaultRequestHeaders.Add("Last-Event-ID", "x");
        var problem = await (await lead.GetAsync($"/api/v1/operations/{world.Ids["op"]}/events")).ProblemAsync(400, "invalid");
        Assert.NotNull(problem["errors"]!["Last-Event-ID"]);
    }

    [Fact]
    public async Task Events_MoreThanOnePersonMayFollow_Are429AndOthersStillMay()
    {
        using var auditor = await world.Host.ClientAsync("auditor");
        var open = new List<EventReader>();
        for (var i = 0; i < OperationEvents.MostPerPerson; i++)
        {
            open.Add(await FollowAsync(auditor, Guid.Parse(world.Ids["op"])));
        }

        using var refused = await auditor.GetAsync(
            $"/api/v1/operations/{world.Ids["op"]}/events",
            HttpCompletionOption.ResponseHeadersRead
        );
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        using var admin = await world.Host.ClientAsync("admin-1");
        await using var another = await FollowAsync(admin, Guid.Parse(world.Ids["op"]));
        foreach (var one in open)
        {
            await one.DisposeAsync();
        }

        await Shared.Eventually.TrueAsync(
            async () =>
            {
                using var again = await auditor.GetAsync(
                    $"/api/v1/operations/{world.Ids["op"]}/events",
                    HttpCompletionOption.ResponseHeadersRead
                );
                return again.StatusCode == HttpStatusCode.OK;
            },
            "a place is free again"
        );
    }

    private async Task<Guid> OperationAsync(HttpClient lead, string name)
    {
        using var admin = await world.Host.ClientAsync("admin-1");
        var made = await (await lead.PostAsync("/api/v1/requests", HttpText.Json(PortalHost.Create(name)))).NodeAsync();
        var approved = await (
            await admin.PostAsync(
                $"/api/v1/requests/{made["id"]}/approve",
                HttpText.Json($$"""{"digest":"{{made["digest"]}}","reason":"ok"}""")
            )
        ).NodeAsync();
        return Guid.Parse((string)approved["operationId"]!);
    }

    private async Task<long> LogAsync(Guid operation, string text)
    {
        var line = new OperationLogLine
        {
            OperationId = operation,
            At = DateTime.UtcNow,
            Step = "namespace",
            Severity = Severity.Info,
            Text = text,
        };
        await WriteAsync(
            operation,
            async db =>
            {
                db.Add(line);
                await db.SaveChangesAsync();
            }
        );
        return line.Id;
    }

    private Task EndAsync(Guid operation) =>
        WriteAsync(
            operation,
            db =>
                db.Operations.Where(o => o.Id == operation)
                    .ExecuteUpdateAsync(o =>
                        o.SetProperty(x => x.State, OperationState.Cancelled).SetProperty(x => x.EndedAt, DateTime.UtcNow)
                    )
        );

    private async Task WriteAsync(Guid operation, Func<PortalDbContext, Task> write)
    {
        await using var db = await world.Host.Services.GetRequiredService<IDbContextFactory<PortalDbContext>>().CreateDbContextAsync();
        await write(db);
        world.Host.Services.GetRequiredService<LiveUpdates>().Publish(operation);
    }

    private static async Task<EventReader> FollowAsync(HttpClient client, Guid operation, long? after = null)
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/operations/{operation}/events");
        if (after is { } id)
        {
            message.Headers.Add("Last-Event-ID", id.ToString());
        }

        var answer = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        return new EventReader(answer, await answer.Content.ReadAsStreamAsync());
    }

    private sealed class EventReader(HttpResponseMessage answer, Stream stream) : IAsyncDisposable
    {
        private readonly SseParser<string> parser = SseParser.Create(stream);
        private IAsyncEnumerator<SseItem<string>>? events;

        public string LastId => parser.LastEventId;

        public async Task<bool> MoreAsync() =>
            await (events ??= parser.EnumerateAsync().GetAsyncEnumerator()).MoveNextAsync().AsTask().WaitAsync(Soon);

        public async Task<(string Type, string Value)> NextAsync(string field)
        {
            Assert.True(await MoreAsync(), "the stream ended");
            return (events!.Current.EventType, (string)JsonNode.Parse(events.Current.Data)![field]!);
        }

        public ValueTask DisposeAsync()
        {
            answer.Dispose();
            return stream.DisposeAsync();
        }
    }
}
