using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>
/// Synthetic streams of operations that replace pods, from before Helm until the gateway was asked. They go on while an operation waits
/// without a worker; where another process resumes it, this one's streams end by themselves and are not counted.
/// </summary>
internal sealed class StreamWatches(
    UnitOfWork work,
    IHealthInspector inspector,
    IStreamCaller caller,
    IOptions<StreamProbeOptions> options,
    IOptions<ProvisioningOptions> provisioning
)
{
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<Guid, StreamWatch> watches = new();

    /// <summary>Begins, where it is wanted and something runs that could be called. Where that fails, the operation continues and
    /// says so.</summary>
    public async Task BeginAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (options.Value.Url.Length == 0 || context.Previous is null || watches.ContainsKey(context.Operation.Id))
        {
            return;
        }

        if (
            (await inspector.ObserveAsync(context.Cluster, context.Namespace, context.ReleaseName, cancellationToken)).GatewayService
            is not { } service
        )
        {
            await NoteAsync(context, "there is no Service of a gateway yet", cancellationToken);
            return;
        }

        var (cluster, ns, url) = (context.Cluster, context.Namespace, options.Value.Url);
        var watch = new StreamWatch(
            (began, stop) => caller.CallAsync(cluster, ns, service, url, began, stop),
            options.Value.Concurrent,
            TimeSpan.FromSeconds(provisioning.Value.RolloutTimeoutSeconds) + FirstPatience
        );
        var why =
            await Task.WhenAny(watch.Begun, Task.Delay(FirstPatience, cancellationToken)) == watch.Begun
                ? await watch.Begun
                : $"no stream began within {FirstPatience.TotalSeconds:0} seconds";
        if (why.Length > 0 || !watches.TryAdd(context.Operation.Id, watch))
        {
            await watch.DisposeAsync();
            await NoteAsync(context, why, cancellationToken);
            return;
        }

        context.Log.Write(
            $"Synthetic streams are sent through the gateway while its pods are replaced, {options.Value.Concurrent} at a time."
        );
    }

    /// <summary>Lets them end and counts.</summary>
    /// <exception cref="OperationFailedException">More were cut than may be.</exception>
    public async Task EndAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (await StopAsync(context, TimeSpan.FromSeconds(options.Value.EndSeconds), cancellationToken) is not { } tally)
        {
            return;
        }

        context.Log.Write(tally.Sentence, tally.Cut > options.Value.MostCut ? Severity.Error : Severity.Info);
        if (tally.Cut > options.Value.MostCut)
        {
            throw new OperationFailedException(
                "streams-cut",
                $"{tally.Cut} of {tally.Opened} synthetic streams were cut while pods were replaced; at most {options.Value.MostCut} may be. {tally.Note} Check that the chart lets pods wait before they end (lifecycle, terminationGracePeriodSeconds), or give a longer grace."
            );
        }
    }

    /// <summary>Counts what there is, for an attempt that ends otherwise.</summary>
    public async Task GiveUpAsync(OperationContext context) => await StopAsync(context, TimeSpan.Zero, CancellationToken.None);

    private async Task<StreamTally?> StopAsync(OperationContext context, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!watches.TryRemove(context.Operation.Id, out var watch))
        {
            return null;
        }

        await using (watch)
        {
            var tally = (StreamTally.Read(context.Operation.StreamsJson) ?? new StreamTally(0, 0, 0, 0)).And(
                await watch.EndAsync(patience)
            );
            await StoreAsync(context, tally, cancellationToken);
            return tally;
        }
    }

    private async Task NoteAsync(OperationContext context, string why, CancellationToken cancellationToken)
    {
        var note = $"No synthetic streams were sent: {why}.";
        context.Log.Write(note);
        await StoreAsync(
            context,
            (StreamTally.Read(context.Operation.StreamsJson) ?? new StreamTally(0, 0, 0, 0)) with
            {
                Note = note,
            },
            cancellationToken
        );
    }

    private async Task StoreAsync(OperationContext context, StreamTally tally, CancellationToken cancellationToken)
    {
        var (id, json) = (
            context.Operation.Id,
            PortalJson.Write(tally with { Note = StoredText.Fit(context.Log.Redactor.Redact(tally.Note), 900) })
        );
        context.Operation.StreamsJson = json;
        await work.WriteAsync(
            async db =>
            {
                await context.Fence.EnsureAsync(db, cancellationToken);
                return await db
                    .Operations.Where(o => o.Id == id)
                    .ExecuteUpdateAsync(s => s.SetProperty(o => o.StreamsJson, json), cancellationToken);
            },
            cancellationToken,
            "streams"
        );
    }
}
