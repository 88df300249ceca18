using System.Diagnostics;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>Waits for the pods: for a few seconds in place, and then without a worker.</summary>
internal sealed class WaitStep(IRollouts rollouts, IHelm helm, WaitClock clock, TimeProvider time, IOptions<ProvisioningOptions> options)
    : IOperationStep
{
    public static StepInfo Info { get; } = new("wait", "Wait for pods", typeof(WaitStep));

    StepInfo IOperationStep.Info => Info;

    private TimeSpan Whole => TimeSpan.FromSeconds(options.Value.RolloutTimeoutSeconds);

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var left = await clock.LeftAsync(context, Whole, cancellationToken);
        var look = new RolloutLook(left, Whole) { Patience = clock.Patience(context, left), State = context.Memory ?? new RolloutState() };
        var started = Stopwatch.GetTimestamp();
        RolloutResult result;
        try
        {
            result = await rollouts.LookAsync(
                context.Cluster,
                context.Namespace,
                context.ReleaseName,
                context.Log.WriteAsync,
                look,
                cancellationToken
            );
        }
        finally
        {
            context.Waited += Stopwatch.GetElapsedTime(started);
        }

        if (result.Undecided)
        {
            return await GiveBackAsync(context, look, result.Message, cancellationToken);
        }

        if (context.WalksOn)
        {
            context.Log.Write("Resumed: the wait for pods is over.");
            CountAll(context);
        }

        if (!result.Succeeded)
        {
            // What the cluster noted counts as it was noted; that it failed is said once, by the error itself.
            foreach (var seen in result.Events)
            {
                context.Log.Write($"event: {seen}", seen.IsWarning ? Severity.Warning : Severity.Info);
            }

            foreach (var line in result.LogTail)
            {
                context.Log.Write($"pod log: {line}");
            }

            throw new OperationFailedException(result.Code, result.Message);
        }

        return StepResult.Done;
    }

    /// <summary>Whether what this operation applied is still Helm's newest; if not, all steps are run again.</summary>
    public async Task<bool> StillStandsAsync(OperationContext context, CancellationToken cancellationToken) =>
        await NewestAsync(context, cancellationToken) is var (revision, status)
        && revision == context.Operation.HelmRevision
        && (revision == 0 || status == "deployed");

    private async Task<GiveBack> GiveBackAsync(
        OperationContext context,
        RolloutLook look,
        string waitingFor,
        CancellationToken cancellationToken
    )
    {
        var (revision, _) = await NewestAsync(context, cancellationToken);
        var (cluster, ns, release, memory) = (context.Cluster, context.Namespace, context.ReleaseName, look.State);
        var until = look with { Patience = null, Left = look.Left - look.Patience!.Value };
        return new GiveBack($"pods: {waitingFor}", (log, stop) => rollouts.LookAsync(cluster, ns, release, log, until, stop))
        {
            Step = Info.Name,
            Memory = memory,
            HelmRevision = revision,
        };
    }

    private async Task<(int Revision, string Status)> NewestAsync(OperationContext context, CancellationToken cancellationToken) =>
        (await helm.RevisionsAsync(context.Cluster, context.ReleaseName, context.Namespace, cancellationToken)).MaxBy(r => r.Number)
            is { } newest
            ? (newest.Number, newest.Status)
            : (0, "");

    // Time without a worker was waiting, too.
    private void CountAll(OperationContext context)
    {
        if (context.Operation.Steps.FirstOrDefault(s => s.Name == Info.Name)?.StartedAt is { } since)
        {
            var unseen = time.GetUtcNow().UtcDateTime - since - TimeSpan.FromMilliseconds(context.Operation.WaitMilliseconds);
            context.Waited = unseen > context.Waited ? unseen : context.Waited;
        }
    }
}
