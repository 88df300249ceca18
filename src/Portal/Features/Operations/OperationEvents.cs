using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features.Operations;

/// <summary>
/// Progress and log of one operation as server-sent events: <c>progress</c> and <c>log</c>, and <c>end</c> when it is over. It reads when
/// something changed in this process, and every few seconds because another process may do the work, as the pages do. Whether the caller
/// may read is asked each time.
/// </summary>
internal sealed class OperationEvents(
    OperationService operations,
    LiveUpdates live,
    SessionLook sessions,
    IHostApplicationLifetime lifetime,
    TimeProvider time
)
{
    /// <summary>Name of the policy that bounds them.</summary>
    public const string Policy = "events";

    /// <summary>Streams that one person may have open.</summary>
    public const int MostPerPerson = 8;

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    // A burst of log lines is one read.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(150);

    /// <summary>Events after a line of the log. The caller has been let in already.</summary>
    public async IAsyncEnumerable<SseItem<object>> FollowAsync(
        HttpContext http,
        Guid id,
        long after,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken,
            http.RequestAborted,
            lifetime.ApplicationStopping
        );
        var news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watch = live.Subscribe(id.ToString(), () => news.Writer.TryWrite(true));
        var (caller, shown, sent) = (http.Caller(), "", time.GetTimestamp());
        while (await LookAsync(http, caller, id, after, over.Token) is var (operation, lines))
        {
            foreach (var line in lines)
            {
                after = line.Id;
                yield return new SseItem<object>(line, "log") { EventId = line.Id.ToString() };
            }

            if (lines.Count == OperationService.MostLines)
            {
                continue; // the rest of a long log first
            }

            var now = JsonSerializer.Serialize(operation, ApiJson.Options);
            if (now != shown || time.GetElapsedTime(sent) >= Heartbeat)
            {
                (shown, sent) = (now, time.GetTimestamp());
                yield return new SseItem<object>(operation, "progress") { ReconnectionInterval = LookAgain };
            }

            if (operation.EndedAt is not null)
            {
                yield return new SseItem<object>(operation, "end");
                yield break;
            }

            await NewsAsync(news.Reader, over.Token);
        }
    }

    // Null when there is nothing more to say: the caller left, may not read any more, or the portal stops.
    private async Task<(OperationView Operation, IReadOnlyList<LogLineView> Lines)?> LookAsync(
        HttpContext http,
        Caller caller,
        Guid id,
        long after,
        CancellationToken cancellationToken
    )
    {
        try
        {
            // The operation before its log: one that is over has written all of it.
            var operation = await operations.GetAsync(caller, id, cancellationToken);
            var lines = await operations.LogAsync(caller, id, after, cancellationToken);
            return AuthSetup.IsBearer(http) || await sessions.GoesOnAsync(http.User, used: false, cancellationToken)
                ? (operation, lines)
                : null;
        }
        catch (Exception e) when (e is OperationCanceledException or NotFoundException or ForbiddenException)
        {
            return null;
        }
    }

    private async Task NewsAsync(ChannelReader<bool> news, CancellationToken cancellationToken)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(_ => wait.Cancel(), null, LookAgain, Timeout.InfiniteTimeSpan);
        try
        {
            await news.ReadAsync(wait.Token);
            await Task.Delay(Gather, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // Time to look, or to end; the next look finds out which.
        }
    }
}

/// <summary>How many streams one person may have open.</summary>
internal static class OperationEventLimits
{
    public static IServiceCollection AddOperationEvents(this IServiceCollection services)
    {
        services.AddScoped<OperationEvents>();
        services.Configure<RateLimiterOptions>(limiter =>
            limiter.AddPolicy(
                OperationEvents.Policy,
                context =>
                    RateLimitPartition.GetConcurrencyLimiter(
                        context.User.PersonId() ?? "",
                        _ => new ConcurrencyLimiterOptions { PermitLimit = OperationEvents.MostPerPerson, QueueLimit = 0 }
                    )
            )
        );
        return services;
    }
}
