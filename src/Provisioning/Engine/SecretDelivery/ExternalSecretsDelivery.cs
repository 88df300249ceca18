using System.Diagnostics;
using System.Text.Json.Nodes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>Has External Secrets make a Secret, and waits for it.</summary>
internal sealed class ExternalSecretsDelivery(TimeSpan patience)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(500);

    // The operator reports completion a moment after the Secret; later than this, the Secret was removed.
    private static readonly TimeSpan Gone = TimeSpan.FromSeconds(5);

    public async Task WriteAsync(DeliveryJob job, JsonObject wanted, CancellationToken cancellationToken)
    {
        var name = wanted["metadata"]!["name"]!.GetValue<string>();
        var path = PathOf(job.Namespace, name);
        await DeliveryObjects.RequireAsync(
            job.Connection,
            ExternalSecretObjects.ApiVersion,
            "ExternalSecret",
            "External Secrets",
            cancellationToken
        );

        // Left by the cluster's earlier delivery: it has these very versions, whatever keeps it from now on.
        var inherited =
            await job.KeysAsync(name, cancellationToken) is not null && await job.Connection.GetAsync(path, cancellationToken) is null;
        await ApplyAsync(job, path, wanted, cancellationToken);
        var clock = Stopwatch.StartNew();
        var said = "";
        TimeSpan? doneAt = null;
        var askedAnew = false;
        while (true)
        {
            var (isReady, reason) = ReadyOf(await job.Connection.GetAsync(path, cancellationToken));
            var isThere = await job.KeysAsync(name, cancellationToken) is not null;
            if (isReady == true && isThere)
            {
                return;
            }

            if (isReady == true && !askedAnew && clock.Elapsed - (doneAt ??= clock.Elapsed) > Gone)
            {
                job.Log($"ExternalSecret {name} says that it is done, but there is no such Secret; it is asked again.", Severity.Warning);
                await job.Fence(cancellationToken);
                await job.Connection.DeleteAsync(path, cancellationToken);
                await ApplyAsync(job, path, wanted, cancellationToken);
                askedAnew = true;
            }

            if (isReady == false && isThere && inherited)
            {
                job.Log(
                    $"Secret {name} already exists with these versions, and External Secrets does not take it over: {reason} It is replaced with the next rotation.",
                    Severity.Warning
                );
                return;
            }

            if (reason != said)
            {
                said = reason;
                job.Log(
                    reason.Length == 0 ? $"Waiting for External Secrets to make Secret {name}." : $"ExternalSecret {name}: {reason}",
                    isReady == false ? Severity.Warning : Severity.Info
                );
            }

            if (clock.Elapsed > patience)
            {
                throw await FailureAsync(job, name, isReady, reason, cancellationToken);
            }

            await Task.Delay(Between, cancellationToken);
        }
    }

    public static async Task<IReadOnlyList<string>> PruneAsync(
        ClusterConnection connection,
        string ns,
        IReadOnlyCollection<string> keep,
        CancellationToken cancellationToken
    ) =>
        !await Discovery.ServesAsync(connection, ExternalSecretObjects.ApiVersion, "ExternalSecret", cancellationToken)
            ? [] // what it had went with it
            : await DeliveryObjects.PruneAsync(
                connection,
                $"/apis/{ExternalSecretObjects.ApiVersion}/namespaces/{ns}/externalsecrets",
                "ExternalSecret",
                n => keep.Contains(n),
                cancellationToken
            );

    /// <summary>Its condition Ready: null for none yet; and what it says about that.</summary>
    public static (bool? IsReady, string Reason) ReadyOf(JsonObject? found)
    {
        var ready = (found?["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(c => c?["type"]?.GetValue<string>() == "Ready");
        return ready is null
            ? (null, "")
            : (ready["status"]?.GetValue<string>() == "True", $"{ready["reason"]}: {ready["message"]}".Trim(' ', ':').TrimEnd('.') + ".");
    }

    private static string PathOf(string ns, string name) =>
        $"/apis/{ExternalSecretObjects.ApiVersion}/namespaces/{ns}/externalsecrets/{name}";

    private static async Task ApplyAsync(DeliveryJob job, string path, JsonObject wanted, CancellationToken cancellationToken)
    {
        await job.Fence(cancellationToken);
        await job.Connection.ApplyAsync(path, wanted, cancellationToken);
    }

    private async Task<ClusterException> FailureAsync(
        DeliveryJob job,
        string name,
        bool? isReady,
        string reason,
        CancellationToken cancellationToken
    )
    {
        var store = $"{job.Settings.StoreKind} {job.Settings.StoreName}";
        var events = await DeliveryObjects.EventsAsync(job.Connection, job.Namespace, "ExternalSecret", name, cancellationToken);
        foreach (var line in events)
        {
            job.Log($"event: {line}", Severity.Error);
        }

        return isReady is null
            ? new ClusterRejectedException(
                "secret-delivery-silent",
                $"External Secrets did not look at ExternalSecret {name} within {patience.TotalSeconds:0} s. Check that its operator runs on '{job.Connection.Name}' and watches namespace {job.Namespace}, then retry."
            )
            : new ClusterRejectedException(
                "secret-delivery-failed",
                $"External Secrets did not make Secret {name} within {patience.TotalSeconds:0} s. {reason} Look at {store} and at whether its identity may read these secrets, then retry."
            );
    }
}
