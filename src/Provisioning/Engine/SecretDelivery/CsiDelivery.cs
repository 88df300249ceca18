using System.Diagnostics;
using System.Text.Json.Nodes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>Has the Secrets Store CSI driver create a Secret, with a pod that mounts its class, and waits for both.</summary>
internal sealed class CsiDelivery(TimeSpan patience)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(500);

    public async Task WriteAsync(DeliveryJob job, CancellationToken cancellationToken)
    {
        var set = job.Set;
        await DeliveryObjects.RequireAsync(
            job.Connection,
            CsiObjects.ApiVersion,
            "SecretProviderClass",
            "the Secrets Store CSI driver with Azure's provider",
            cancellationToken
        );
        foreach (
            var (path, wanted) in new[]
            {
                ($"{Namespaces.Path(job.Namespace)}/serviceaccounts/{CsiObjects.Account}", CsiObjects.ServiceAccount(set, job.Settings)),
                ($"{Classes(job.Namespace)}/{set.Name}", CsiObjects.Class(set, job.Settings)),
                ($"{Deployments(job.Namespace)}/{CsiObjects.DeploymentOf(set.Name)}", CsiObjects.Deployment(set)),
            }
        )
        {
            await job.Fence(cancellationToken);
            await job.Connection.ApplyAsync(path, wanted, cancellationToken);
        }

        await WaitAsync(job, cancellationToken);
    }

    /// <summary>
    /// Takes over a Secret from the driver, where the cluster is to get these same versions by another delivery: it would go with the
    /// pod that mounted it. Running pods have read it already.
    /// </summary>
    public async Task TakeOverAsync(DeliveryJob job, CancellationToken cancellationToken)
    {
        var name = job.Set.Name;
        if (job.Set.Environment.Count == 0 || await job.KeysAsync(name, cancellationToken) is not { IsOwned: true })
        {
            return;
        }

        await job.Fence(cancellationToken);
        await job.Connection.DeleteAsync($"{Deployments(job.Namespace)}/{CsiObjects.DeploymentOf(name)}", cancellationToken);
        var clock = Stopwatch.StartNew();
        while ((await PodsAsync(job, cancellationToken)).Count > 0)
        {
            if (clock.Elapsed > patience)
            {
                throw new ClusterException(
                    "secret-delivery-pod",
                    $"The pod that mounted {name} for the CSI driver does not end; its Secret can be replaced only then.",
                    isTransient: true
                );
            }

            await Task.Delay(Between, cancellationToken);
        }

        await job.Fence(cancellationToken);
        await job.Connection.DeleteAsync($"{Namespaces.Path(job.Namespace)}/secrets/{name}", cancellationToken);
        job.Log($"Secret {name} was the CSI driver's; it is created again.", Severity.Info);
    }

    public static async Task<IReadOnlyList<string>> PruneAsync(
        ClusterConnection connection,
        string ns,
        IReadOnlyCollection<string> keep,
        CancellationToken cancellationToken
    )
    {
        // The pod first: while it runs, the driver makes the Secret again.
        var kept = keep.Select(CsiObjects.DeploymentOf).ToHashSet(StringComparer.Ordinal);
        var removed = new List<string>(
            await DeliveryObjects.PruneAsync(
                connection,
                Deployments(ns),
                "Deployment",
                kept.Contains,
                cancellationToken,
                "labelSelector=" + Uri.EscapeDataString($"{ClusterLabels.ManagedBy}={ClusterLabels.Manager},{CsiObjects.SecretLabel}")
            )
        );
        if (await Discovery.ServesAsync(connection, CsiObjects.ApiVersion, "SecretProviderClass", cancellationToken))
        {
            removed.AddRange(
                await DeliveryObjects.PruneAsync(connection, Classes(ns), "SecretProviderClass", n => keep.Contains(n), cancellationToken)
            );
        }

        if (
            keep.Count == 0
            && await connection.DeleteAsync($"{Namespaces.Path(ns)}/serviceaccounts/{CsiObjects.Account}", cancellationToken)
        )
        {
            removed.Add($"ServiceAccount {CsiObjects.Account}");
        }

        return removed;
    }

    private async Task WaitAsync(DeliveryJob job, CancellationToken cancellationToken)
    {
        var name = job.Set.Name;
        var clock = Stopwatch.StartNew();
        var said = "";
        while (true)
        {
            var pods = await PodsAsync(job, cancellationToken);
            if (pods.Any(IsReady) && await job.KeysAsync(name, cancellationToken) is not null)
            {
                return;
            }

            var state =
                pods.Count == 0 ? "no pod yet"
                : pods.Any(IsReady) ? "its pod runs, no Secret yet"
                : $"its pod is {pods[0]["status"]?["phase"]}";
            if (state != said)
            {
                said = state;
                job.Log($"Waiting for the CSI driver to make Secret {name}: {state}.", Severity.Info);
            }

            if (clock.Elapsed > patience)
            {
                throw await FailureAsync(job, name, state, pods, cancellationToken);
            }

            await Task.Delay(Between, cancellationToken);
        }
    }

    private async Task<ClusterException> FailureAsync(
        DeliveryJob job,
        string name,
        string state,
        IReadOnlyList<JsonObject> pods,
        CancellationToken cancellationToken
    )
    {
        var last = "";
        foreach (
            var (kind, of) in pods.Select(p => ("Pod", p["metadata"]!["name"]!.GetValue<string>()))
                .Append(("Deployment", CsiObjects.DeploymentOf(name)))
        )
        {
            foreach (var line in await DeliveryObjects.EventsAsync(job.Connection, job.Namespace, kind, of, cancellationToken))
            {
                job.Log($"event: {line}", Severity.Error);
                last = line.StartsWith("Warning", StringComparison.Ordinal) && last.Length == 0 ? $" {line.TrimEnd('.')}." : last;
            }
        }

        return new ClusterRejectedException(
            "secret-delivery-failed",
            $"The CSI driver did not make Secret {name} within {patience.TotalSeconds:0} s ({state}).{last} Check that the driver runs on '{job.Connection.Name}' with secret synchronisation on, that identity {job.Settings.ClientId} trusts system:serviceaccount:{job.Namespace}:{CsiObjects.Account} and may read {job.Settings.Vault}, then retry."
        );
    }

    private static async Task<IReadOnlyList<JsonObject>> PodsAsync(DeliveryJob job, CancellationToken cancellationToken)
    {
        var list = await job.Connection.GetAsync(
            $"{Namespaces.Path(job.Namespace)}/pods?labelSelector={Uri.EscapeDataString($"{CsiObjects.SecretLabel}={job.Set.Name}")}",
            cancellationToken
        );
        return [.. (list?["items"] as JsonArray ?? []).OfType<JsonObject>()];
    }

    private static bool IsReady(JsonObject pod) =>
        pod["metadata"]?["deletionTimestamp"] is null
        && (pod["status"]?["conditions"] as JsonArray ?? []).Any(c =>
            c?["type"]?.GetValue<string>() == "Ready" && c["status"]?.GetValue<string>() == "True"
        );

    private static string Classes(string ns) => $"/apis/{CsiObjects.ApiVersion}/namespaces/{ns}/secretproviderclasses";

    private static string Deployments(string ns) => $"/apis/apps/v1/namespaces/{ns}/deployments";
}
