using System.Diagnostics;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>Waits for the pods: for a few seconds in place, and then without a worker.</summary>
internal sealed class WaitStep(RolloutWatcher rollout, ReleaseLabels labels, WaitClock clock, TimeProvider time, IOptions<ProvisioningOptions> options)
{
    private TimeSpan Whole => TimeSpan.FromSeconds(options.Value.RolloutTimeoutSeconds);

    /// <exception cref="GiveBackException">They are not ready yet.</exception>
    public async Task RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var left = await clock.LeftAsync(context, Whole, cancellationToken);
        var look = new RolloutLook(left, Whole) { Patience = clock.Patience(context, left), State = context.Memory ?? new RolloutState() };
        var started = Stopwatch.GetTimestamp();
        RolloutResult result;
        try
        {
            result = await rollout.LookAsync(context.Cluster, context.Namespace, context.ReleaseName, context.Log.WriteAsync, look, cancellationToken);
        }
        finally
        {
            context.Waited += Stopwatch.GetElapsedTime(started);
        }

        if (result.Undecided)
        {
            await GiveBackAsync(context, look, result.Message, cancellationToken);
        }

        if (context.WalksOn)
        {
            context.Log.Write("Taken up again: the wait for pods is over.");
            CountAll(context);
        }

        if (!result.Succeeded)
        {
            foreach (var line in result.Events.Select(e => $"event: {e}").Concat(result.LogTail.Select(l => $"pod log: {l}")))
            {
                context.Log.Write(line, Severity.Error);
            }

            throw new OperationFailedException(result.Code, result.Message);
        }
    }

    /// <summary>Whether what this operation applied is still Helm's newest; if not, all of it is gone through again.</summary>
    public async Task<bool> IsStillAppliedAsync(OperationContext context, CancellationToken cancellationToken) =>
        await NewestAsync(context, cancellationToken) is var (revision, status) && revision == context.Operation.HelmRevision && (revision == 0 || status == "deployed");

    private async Task GiveBackAsync(OperationContext context, RolloutLook look, string waitingFor, CancellationToken cancellationToken)
    {
        var (revision, _) = await NewestAsync(context, cancellationToken);
        var (cluster, ns, release, memory) = (context.Cluster, context.Namespace, context.ReleaseName, look.State);
        var until = look with { Patience = null, Left = look.Left - look.Patience!.Value };
        throw new GiveBackException($"pods: {waitingFor}", (log, stop) => rollout.LookAsync(cluster, ns, release, log, until, stop)) { Memory = memory, HelmRevision = revision };
    }

    private async Task<(int Revision, string Status)> NewestAsync(OperationContext context, CancellationToken cancellationToken) =>
        (await labels.ListAsync(context.Cluster, context.Namespace, context.ReleaseName, cancellationToken)).MaxBy(r => r.Revision) is { } newest ? (newest.Revision, newest.Status) : (0, "");

    // What passed without a worker was waiting, too.
    private void CountAll(OperationContext context)
    {
        if (context.Operation.Steps.FirstOrDefault(s => s.Name == "wait")?.StartedAt is { } since)
        {
            var unseen = time.GetUtcNow().UtcDateTime - since - TimeSpan.FromMilliseconds(context.Operation.WaitMilliseconds);
            context.Waited = unseen > context.Waited ? unseen : context.Waited;
        }
    }
}
