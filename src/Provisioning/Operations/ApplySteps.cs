using System.Diagnostics;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Health;
using Portkey.Portal.Provisioning.Helm;
using Portkey.Portal.Provisioning.Kubernetes;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Provisioning.Sync;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>The steps that make an approved revision real. Each may be run again from its start at any time.</summary>
internal sealed class ApplySteps(ClusterWriter writer, ClusterSecrets secrets, HelmRunner helm, ChartStore charts, GatewayProbe probe, HealthInspector inspector, ISecretVault vault, IOptions<ProvisioningOptions> options)
{
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(15);

    // Where it is the cluster that has no way to the ready pods yet: after an outage its controllers take their time to come back.
    private static readonly TimeSpan ClusterPatience = TimeSpan.FromSeconds(60);

    public async Task NamespaceAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        var labels = context.Labels;
        foreach (var mode in new[] { "enforce", "warn", "audit" })
        {
            labels[$"pod-security.kubernetes.io/{mode}"] = "restricted";
        }

        await writer.EnsureNamespaceAsync(context.Cluster, context.Namespace, labels, cancellationToken);
        context.Log.Write($"Namespace {context.Namespace} on {context.Cluster.Name} is ready.");
    }

    public async Task SecretsAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (context.Pins.Count == 0)
        {
            context.Log.Write("This revision uses no secrets.");
            return;
        }

        var values = new Dictionary<string, SecretValue>(StringComparer.Ordinal);
        foreach (var (key, pin) in context.Pins)
        {
            values[key] = await vault.GetAsync(pin.VaultName, pin.VaultVersion, cancellationToken);
        }

        context.Log.Redactor = Redactor.With(values.Values);
        var set = new SecretSet(context.Namespace, context.ReleaseName, context.Pins, context.PullSecret, values, context.Labels);
        await secrets.WriteAsync(context.Cluster, context.Sync, set, context.Log.Write, context.Fence.EnsureAsync, cancellationToken);
        await ClusterSecrets.CheckAsync(context.Cluster, context.Sync, set, context.Revision!.ManifestYaml, cancellationToken);
    }

    public async Task GuardrailsAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        var manifest = Manifests.GuardrailsOf(context.Revision!.ManifestYaml);
        await GuardAsync(context, manifest, cancellationToken);
    }

    public async Task HelmAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var version = context.Revision!.ChartVersion!;
        var chart = await charts.ResolveAsync(version.Source, version.Location, version.Version, version.Digest, cancellationToken);
        if (context.Resumed)
        {
            await RecoverAsync(context, cancellationToken);
        }

        var call = new HelmCallOptions { Clock = context.HelmClock, Redactor = context.Log.Redactor, Timeout = TimeSpan.FromSeconds(options.Value.RolloutTimeoutSeconds) };
        context.Log.Write($"helm upgrade --install {context.ReleaseName} {chart.Name}-{chart.Version} ({chart.Digest[..19]}…)");
        try
        {
            await context.Fence.EnsureAsync(cancellationToken);
            await helm.UpgradeInstallAsync(context.Cluster, chart.Path, context.ReleaseName, context.Namespace, context.Revision.ValuesYaml, call, context.Log.WriteAsync, cancellationToken);
        }
        catch (HelmException e) when (e.Failure == HelmFailure.OperationInProgress)
        {
            // Nobody else works on this release while we hold the fence: the lock is one that a killed Helm left behind.
            await RecoverAsync(context, cancellationToken);
            await context.Fence.EnsureAsync(cancellationToken);
            await helm.UpgradeInstallAsync(context.Cluster, chart.Path, context.ReleaseName, context.Namespace, context.Revision.ValuesYaml, call, context.Log.WriteAsync, cancellationToken);
        }
    }

    public async Task<EnvironmentObservation> HealthAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var observation = await inspector.ObserveAsync(context.Cluster, context.Namespace, context.ReleaseName, cancellationToken);
        var service = observation.GatewayService ?? throw new OperationFailedException("no-service", "The chart made no Service for the gateway, so nothing can reach it. Check the chart and its values.");
        var path = GatewayProbe.PathOf(context.Environment.Edition);
        var clock = Stopwatch.StartNew();
        ProbeResult answer;
        while (true)
        {
            answer = await probe.ProbeAsync(context.Cluster, context.Namespace, service.Name, service.Ports is [var port, ..] ? port.Port : 8787, path, cancellationToken);
            if (answer.Ok || clock.Elapsed > (answer is { Ran: true, StatusCode: null } ? ClusterPatience : ProbePatience))
            {
                break;
            }

            await Task.Delay(100, cancellationToken);
        }

        if (!answer.Ok)
        {
            throw answer.Ran
                ? new OperationFailedException("gateway-does-not-answer", $"The pods are ready, but the gateway did not answer well at {path}: {answer.Detail} Look at the pods' log.")
                : new ClusterUnreachableException($"The gateway could not be asked: {answer.Detail}");
        }

        context.Log.Write($"The gateway answered {answer.StatusCode} at {path} in {answer.LatencyMs} ms.");
        return observation;
    }

    /// <summary>Back to the last good revision, as far as Helm knows one; called when an operation fails for good or is cancelled.</summary>
    public async Task RestoreAsync(OperationContext context, int? lastGoodHelmRevision, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        if (lastGoodHelmRevision is not { } good)
        {
            await RecoverAsync(context, cancellationToken);
            context.Log.Write("There is no earlier good revision to go back to; what was applied stays for a look at it.", Severity.Warning);
            return;
        }

        context.Log.Write($"Going back to the last good revision (Helm revision {good}).", Severity.Warning);
        await RecoverAsync(context, cancellationToken);
        await helm.RollbackAsync(context.Cluster, context.ReleaseName, context.Namespace, good, cancellationToken, context.HelmClock);
        if (context.Previous is { } previous)
        {
            await GuardAsync(context, Manifests.GuardrailsOf(previous.ManifestYaml), cancellationToken);
        }

        context.Log.Write("The last good revision serves.");
    }

    private async Task GuardAsync(OperationContext context, string manifest, CancellationToken cancellationToken)
    {
        await writer.ApplyManifestsAsync(context.Cluster, context.Namespace, manifest, cancellationToken);
        context.Log.Write($"Applied {string.Join(", ", ManifestDiff.Objects(manifest).Select(o => $"{o.Kind} {o.Name}"))}.");
        if (context.Revision is { Number: 1 })
        {
            return; // nothing came before it that could have left something
        }

        var gone = await writer.PruneGuardrailsAsync(context.Cluster, context.Namespace, context.ReleaseName, manifest, cancellationToken);
        if (gone.Count > 0)
        {
            context.Log.Write($"Removed {string.Join(", ", gone)}, which this revision does not have.");
        }
    }

    private async Task RecoverAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await context.Fence.EnsureAsync(cancellationToken);
        await helm.RecoverPendingAsync(context.Cluster, context.ReleaseName, context.Namespace, context.Log.WriteAsync, cancellationToken, context.HelmClock);
    }
}
