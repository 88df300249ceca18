using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>Removes the namespace and waits until it is gone: for a few seconds in place, and then without a worker. What is gone
/// already is done.</summary>
internal sealed class RemoveNamespaceStep(IClusterWriter writer, WaitClock clock) : IOperationStep
{
    public static StepInfo Info { get; } = new("remove-namespace", "Remove the namespace", typeof(RemoveNamespaceStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        if (
            await writer.BeginDeleteNamespaceAsync(context.Cluster, context.Namespace, context.Environment.Id, cancellationToken) is { } uid
        )
        {
            var left = await clock.LeftAsync(context, ClusterWriter.DeleteLimit + GraceOf(context), cancellationToken);
            if (await WaitAsync(context, uid, left, clock.Patience(context, left), cancellationToken) is { } givenBack)
            {
                return givenBack;
            }
        }

        context.Log.Write($"{(context.WalksOn ? "Resumed: namespace" : "Namespace")} {context.Namespace} is gone.");
        return StepResult.Done;
    }

    // Null once it is gone.
    private async Task<StepResult?> WaitAsync(
        OperationContext context,
        string uid,
        TimeSpan left,
        TimeSpan? patience,
        CancellationToken cancellationToken
    )
    {
        if (patience is not { } first)
        {
            await writer.WaitUntilGoneAsync(context.Cluster, context.Namespace, uid, left, cancellationToken);
            return null;
        }

        if (await writer.IsGoneAsync(context.Cluster, context.Namespace, uid, first, cancellationToken))
        {
            return null;
        }

        var (cluster, ns) = (context.Cluster, context.Namespace);
        return new GiveBack($"namespace {ns} to go", (_, stop) => writer.WaitUntilGoneAsync(cluster, ns, uid, left - first, stop))
        {
            Step = Info.Name,
        };
    }

    // Its pods let streams end, so a removal takes that much longer: by the grace that was rendered, whatever profile and spec say
    // today.
    // A changed row must not prevent the removal.
    private static TimeSpan GraceOf(OperationContext context)
    {
        var objects = ManifestItems.TryParse(context.Previous?.Content.ManifestYaml ?? "");
        return TimeSpan.FromSeconds(
            objects is null
                ? SpecValidator.MaxGraceSeconds
                : Math.Clamp(objects.Select(Seconds).DefaultIfEmpty().Max(), 300, SpecValidator.MaxGraceSeconds)
        );
    }

    private static int Seconds(JsonObject manifest) =>
        int.TryParse(
            (
                (((manifest["spec"] as JsonObject)?["template"] as JsonObject)?["spec"] as JsonObject)?["terminationGracePeriodSeconds"]
                as JsonValue
            )?.ToString(),
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var seconds
        )
            ? seconds
            : 0;
}
