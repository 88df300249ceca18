using System.Diagnostics;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Health;
using Portkey.Portal.Provisioning.Helm;
using Portkey.Portal.Provisioning.Kubernetes;
using Portkey.Portal.Provisioning.Secrets;
using Portkey.Portal.Provisioning.Sync;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>The steps that make an approved revision real. Each may be run again from its start at any time.</summary>
internal sealed class ApplySteps(ClusterWriter writer, ClusterSecrets secrets, HelmRunner helm, ApprovalCheck approval, ReleaseLabels releases, GatewayProbe probe, HealthInspector inspector, ISecretVault vault, IOptions<ProvisioningOptions> options)
{
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(15);

    // Where it is the cluster that has no way to the ready pods yet: after an outage its controllers take their time to come back.
    private static readonly TimeSpan ClusterPatience = TimeSpan.FromSeconds(60);

    public async Task NamespaceAsync(OperationContext context, CancellationToken cancellationToken)
    {
        await RequireInsideAsync(context, cancellationToken);
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
        var chart = context.Chart!;
        var approved = ApprovedChart.Of(chart, Manifests.GatewayOf(context.Revision!.ManifestYaml));
        if (context.Resumed)
        {
            await RecoverAsync(context, cancellationToken);
        }

        context.Log.Write($"helm upgrade --install {context.ReleaseName} {chart.Name}-{chart.Version} ({chart.Digest[..19]}…), as approved");
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

        // Helm's own word for what it applied, against what was approved.
        var newest = (await releases.ListAsync(context.Cluster, context.Namespace, context.ReleaseName, cancellationToken)).Max(r => r.Revision);
        var differences = ManifestComparison.Differences(approved.Manifest, await ReleaseRecord.ManifestAsync(context.Cluster, context.ReleaseName, context.Namespace, newest, cancellationToken));
        if (differences.Count > 0)
        {
            throw new OperationFailedException("release-differs", $"Helm recorded other objects than were approved: {string.Join(", ", differences.Take(10))}. Have an administrator look at them in the cluster.");
        }
    }

    private async Task UpgradeAsync(OperationContext context, ApprovedChart approved, CancellationToken cancellationToken)
    {
        var call = new HelmCallOptions { Clock = context.HelmClock, Redactor = context.Log.Redactor, Timeout = TimeSpan.FromSeconds(options.Value.RolloutTimeoutSeconds) };
        await context.Fence.EnsureAsync(cancellationToken);
        await helm.UpgradeInstallAsync(context.Cluster, approved, context.ReleaseName, context.Namespace, context.Revision!.ValuesYaml, call, context.Log.WriteAsync, cancellationToken);
    }

    // Before the first write: what a rule refuses stays refused, however often it is tried.
    private static async Task RequireInsideAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var manifest = context.Revision!.ManifestYaml;
        List<string> wrong = [.. ManifestRules.OutsideNamespace(Manifests.GatewayOf(manifest), context.Namespace)];
        wrong.AddRange(await NamespacedKinds.WrongAsync(context.Cluster, context.Namespace, ManifestItems.Parse(manifest), cancellationToken));
        if (wrong.Count > 0)
        {
            throw new OperationFailedException("outside-namespace", $"Nothing was applied: {string.Join(" ", wrong.Distinct(StringComparer.Ordinal).Take(10))} Use a chart whose objects all belong to the environment's namespace.");
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

        await RequireGoodAsync(context, good, cancellationToken);
        context.Log.Write($"Going back to the last good revision (Helm revision {good}).", Severity.Warning);
        await RecoverAsync(context, cancellationToken);
        await helm.RollbackAsync(context.Cluster, context.ReleaseName, context.Namespace, good, cancellationToken, context.HelmClock);
        if (context.Previous is { } previous)
        {
            await GuardAsync(context, Manifests.GuardrailsOf(previous.ManifestYaml), cancellationToken);
        }

        context.Log.Write("The last good revision serves.");
    }

    // What is gone back to reaches the cluster as what is applied does.
    private async Task RequireGoodAsync(OperationContext context, int good, CancellationToken cancellationToken)
    {
        if (context.Previous is not { } previous || !await approval.FitsAsync(context, previous, cancellationToken))
        {
            throw new ClusterRejectedException("not-as-approved", "What is stored of the last good revision is not what was approved for it, so it is not gone back to.");
        }

        if (ManifestComparison.Differences(Manifests.GatewayOf(previous.ManifestYaml), await ReleaseRecord.ManifestAsync(context.Cluster, context.ReleaseName, context.Namespace, good, cancellationToken)) is { Count: > 0 } differences)
        {
            throw new ClusterRejectedException("release-differs", $"Helm's revision {good} holds other objects than were approved ({string.Join(", ", differences.Take(10))}), so it is not gone back to.");
        }
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
