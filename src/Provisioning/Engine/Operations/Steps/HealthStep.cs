using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Health;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>Healthy means that the gateway itself answered; then the synthetic streams end and are counted.</summary>
internal sealed class HealthStep(IHealthInspector inspector, IGatewayProbe probe, StreamWatches streams, TimeProvider time) : IOperationStep
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // For when the cluster has no route to the ready pods yet: after an outage its controllers take time to recover.
    private static readonly TimeSpan ClusterPatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    public static StepInfo Info { get; } = new("health", "Ask the gateway", typeof(HealthStep)) { IsFirstAfterSoak = true };

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var observation = await inspector.ObserveAsync(context.Cluster, context.Namespace, context.ReleaseName, cancellationToken);
        var service =
            observation.GatewayService
            ?? throw new OperationFailedException(
                "no-service",
                "The chart made no Service for the gateway, so nothing can reach it. Check the chart and its values."
            );
        var path = GatewayProbe.PathOf(context.Environment.Edition);
        var answer = await AskAsync(context, service, path, cancellationToken);
        if (!answer.Ok)
        {
            throw answer.Ran
                ? new OperationFailedException(
                    "gateway-does-not-answer",
                    $"The pods are ready, but the gateway did not answer well at {path}: {answer.Detail} Look at the pods' log."
                )
                : new ClusterUnreachableException($"The gateway could not be asked: {answer.Detail}");
        }

        context.Log.Write($"The gateway answered {answer.StatusCode} at {path} in {answer.LatencyMs} ms.");
        await streams.EndAsync(context, cancellationToken);
        context.Observation = observation;
        return StepResult.Done;
    }

    private async Task<ProbeResult> AskAsync(
        OperationContext context,
        ServiceObservation service,
        string path,
        CancellationToken cancellationToken
    )
    {
        var port = service.Ports is [var first, ..] ? first.Port : 8787;
        var started = time.GetTimestamp();
        while (true)
        {
            var answer = await probe.ProbeAsync(context.Cluster, context.Namespace, service.Name, port, path, cancellationToken);
            if (answer.Ok || time.GetElapsedTime(started) > (answer is { Ran: true, StatusCode: null } ? ClusterPatience : Patience))
            {
                return answer;
            }

            await Task.Delay(Between, time, cancellationToken);
        }
    }
}
