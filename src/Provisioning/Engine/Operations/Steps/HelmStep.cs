using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>Has Helm apply exactly the approved text.</summary>
internal sealed class HelmStep(IHelm helm, StreamWatches streams, IOptions<ProvisioningOptions> options) : IOperationStep
{
    public static StepInfo Info { get; } = new("helm", "Run Helm", typeof(HelmStep)) { AfterCrash = AfterCrash.RunAgainOrGoBack };

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await streams.BeginAsync(context, cancellationToken);
        context.MayHaveToGoBack = true;
        var chart = context.Chart!;
        var approved = ApprovedChart.Of(chart, Manifests.GatewayOf(context.Revision!.Content.ManifestYaml));
        if (context.Resumed)
        {
            await RecoverAsync(context, cancellationToken);
        }

        context.Log.Write(
            $"helm upgrade --install {context.ReleaseName} {chart.Name}-{chart.Version} ({chart.Digest[..19]}…), as approved"
        );
        try
        {
            await UpgradeAsync(context, approved, cancellationToken);
        }
        catch (HelmException e) when (e.Failure == HelmFailure.OperationInProgress)
        {
            // Nobody else works on this release while we hold the fence: the lock is one that a killed Helm left behind.
            await RecoverAsync(context, cancellationToken);
            await UpgradeAsync(context, approved, cancellationToken);
        }

        return StepResult.Done;
    }

    private async Task UpgradeAsync(OperationContext context, ApprovedChart approved, CancellationToken cancellationToken)
    {
        var call = new HelmCallOptions
        {
            Clock = context.HelmClock,
            Redactor = context.Log.Redactor,
            Timeout = TimeSpan.FromSeconds(options.Value.RolloutTimeoutSeconds),
        };
        await context.Fence.EnsureAsync(cancellationToken);
        await helm.UpgradeInstallAsync(
            context.Cluster,
            approved,
            context.ReleaseName,
            context.Namespace,
            context.Revision!.Content.ValuesYaml,
            call,
            context.Log.WriteAsync,
            cancellationToken
        );
    }

    private async Task RecoverAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        await helm.RecoverPendingAsync(
            context.Cluster,
            context.ReleaseName,
            context.Namespace,
            context.Log.WriteAsync,
            cancellationToken,
            context.HelmClock
        );
    }
}
