using System.Diagnostics;
using System.Text.Json.Nodes;
using k8s.Models;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Jobs;

/// <summary>A Job gave no answer. The message is for people.</summary>
/// <param name="code">Machine word: <c>job-image</c>, <c>job-quota</c>, <c>job-unschedulable</c>, <c>job-timeout</c>, <c>job-forbidden</c>,
/// <c>job-failed</c>, <c>job-namespace</c>.</param>
/// <param name="message">What happened.</param>
/// <param name="cure">What to do.</param>
internal sealed class NetworkJobException(string code, string message, string cure) : Exception(message)
{
    public string Code { get; } = code;

    public string Cure { get; } = cure;
}

/// <summary>Registry credentials for a Job's image; the password is never shown.</summary>
internal sealed record JobPull(string Server, string User, SecretValue Password);

/// <summary>Runs one Job to its end and removes what it created, even when nobody waits for it any more.</summary>
internal sealed class NetworkJob(ClusterConnection cluster, IReadOnlyList<string> denied, IReadOnlyList<string> allowed)
{
    private const string Jobs = $"/apis/batch/v1/namespaces/{NetworkJobObjects.Namespace}/jobs";
    private const string Policies = $"/apis/networking.k8s.io/v1/namespaces/{NetworkJobObjects.Namespace}/networkpolicies";
    private const string Core = $"/api/v1/namespaces/{NetworkJobObjects.Namespace}";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan TidyLimit = TimeSpan.FromSeconds(10);

    /// <summary>The termination message of its pod, as the pod wrote it.</summary>
    /// <exception cref="NetworkJobException">There is none.</exception>
    /// <exception cref="ClusterException">The cluster could not be asked, or refused something other than the Job.</exception>
    public async Task<string> RunAsync(
        string image,
        JobPull? pull,
        NetworkTargets targets,
        IReadOnlyList<JsonObject> manifests,
        TimeSpan limit,
        CancellationToken cancellationToken
    )
    {
        var name = $"look-{Guid.NewGuid():N}"[..21];
        await EnsureNamespaceAsync(cancellationToken);
        await cluster.ApplyAsync($"{Policies}/default-deny", NetworkJobObjects.Deny(), cancellationToken);
        await cluster.ApplyAsync($"{Core}/resourcequotas/quota", NetworkJobObjects.Quota(), cancellationToken);
        try
        {
            await cluster.ApplyAsync($"{Policies}/{name}", NetworkJobObjects.Egress(name, manifests), cancellationToken);
            if (pull is not null)
            {
                await new ClusterWriter().WritePullSecretAsync(
                    cluster,
                    NetworkJobObjects.Namespace,
                    name,
                    pull.Server,
                    pull.User,
                    pull.Password,
                    NetworkJobObjects.Of(name),
                    cancellationToken
                );
            }

            var uid = await CreateAsync(
                NetworkJobObjects.Job(name, image, pull is null ? null : name, targets, denied, allowed, limit),
                cancellationToken
            );
            return await WaitAsync(name, uid, image, limit, cancellationToken);
        }
        finally
        {
            await TidyAsync(name);
        }
    }

    /// <summary>Removes one Job's objects. <see cref="NetworkJobLeftovers"/> finds what cannot be removed now.</summary>
    private async Task TidyAsync(string name)
    {
        using var time = new CancellationTokenSource(TidyLimit);
        foreach (var path in new[] { $"{Jobs}/{name}", $"{Policies}/{name}", $"{Core}/secrets/{name}" })
        {
            try
            {
                await cluster.DeleteAsync(path, time.Token, Background());
            }
            catch (Exception problem) when (problem is ClusterException or OperationCanceledException)
            {
                // The next sweep removes it.
            }
        }
    }

    /// <summary>Pods go with their Job.</summary>
    internal static JsonObject Background() =>
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["propagationPolicy"] = "Background",
        };

    /// <summary>Whether a namespace is the portal's for such Jobs.</summary>
    internal static bool IsOurs(JsonObject found) =>
        Namespaces.Label(found, NetworkJobObjects.Label) == "jobs"
        && Namespaces.Label(found, ClusterLabels.ManagedBy) == ClusterLabels.Manager;

    private async Task EnsureNamespaceAsync(CancellationToken cancellationToken)
    {
        var wanted = ManifestObjects.Namespace(NetworkJobObjects.Namespace, NetworkJobObjects.NamespaceLabels);
        var found = await cluster.GetAsync(Namespaces.Path(NetworkJobObjects.Namespace), cancellationToken);
        if (found is null)
        {
            try
            {
                found = await cluster.SendAsync(
                    HttpMethod.Post,
                    $"/api/v1/namespaces?fieldManager={ClusterLabels.Manager}",
                    wanted,
                    "application/json",
                    cancellationToken
                );
            }
            catch (ClusterException problem) when (problem.Code == "cluster-conflict")
            {
                found =
                    await cluster.GetAsync(Namespaces.Path(NetworkJobObjects.Namespace), cancellationToken)
                    ?? throw new ClusterException(
                        "namespace-terminating",
                        $"Namespace '{NetworkJobObjects.Namespace}' in cluster '{cluster.Name}' keeps appearing and disappearing.",
                        isTransient: true,
                        problem
                    );
            }
        }

        if (!IsOurs(found) || Namespaces.IsTerminating(found))
        {
            throw new NetworkJobException(
                "job-namespace",
                $"Namespace {NetworkJobObjects.Namespace} in {cluster.Name} is {(IsOurs(found) ? "being removed" : "somebody else's")}.",
                "Have it removed; the portal creates its own."
            );
        }

        if (NetworkJobObjects.NamespaceLabels.Any(l => Namespaces.Label(found, l.Key) != l.Value))
        {
            await cluster.ApplyAsync(Namespaces.Path(NetworkJobObjects.Namespace), wanted, cancellationToken);
        }
    }

    private async Task<string> CreateAsync(JsonObject job, CancellationToken cancellationToken)
    {
        try
        {
            var made = await cluster.SendAsync(
                HttpMethod.Post,
                $"{Jobs}?fieldManager={ClusterLabels.Manager}",
                job,
                "application/json",
                cancellationToken
            );
            return made["metadata"]?["uid"]?.GetValue<string>() ?? "";
        }
        catch (ClusterForbiddenException problem)
        {
            throw new NetworkJobException(
                "job-forbidden",
                problem.Message,
                "Give the portal's service account the rules of infra/charts/portal with preflightJobs on."
            );
        }
    }

    private async Task<string> WaitAsync(string name, string uid, string image, TimeSpan limit, CancellationToken cancellationToken)
    {
        var began = Stopwatch.StartNew();
        var last = "";
        while (began.Elapsed < limit)
        {
            var (pods, _) = await ObjectList.ReadAsync<V1Pod>(
                cluster,
                $"{Core}/pods",
                $"labelSelector={Uri.EscapeDataString($"{NetworkJobObjects.Label}={name}")}",
                cancellationToken
            );

            // Only what the Job itself made may answer for it.
            if (pods.FirstOrDefault(p => (p.Metadata.OwnerReferences ?? []).Any(o => o.Uid == uid)) is { } pod)
            {
                if (pod.Status?.ContainerStatuses?.FirstOrDefault()?.State?.Terminated is { } ended)
                {
                    return ended.ExitCode == 0 || !string.IsNullOrEmpty(ended.Message)
                        ? ended.Message ?? ""
                        : throw new NetworkJobException(
                            "job-failed",
                            $"The Job's pod ended with exit code {ended.ExitCode} ({ended.Reason}), without a message.",
                            $"Image {image} must have Node.js as node; an administrator may name another one under {PreflightOptions.Section}:JobImage."
                        );
                }

                last = Judge(PodStatus.Of(pod), image);
            }
            else if (await WhyNoPodAsync(name, cancellationToken) is { } refused)
            {
                throw refused;
            }

            await Task.Delay(Pause, cancellationToken);
        }

        throw last.Length > 0
            ? new NetworkJobException(
                "job-unschedulable",
                $"No node took the Job's pod within {limit.TotalSeconds:0} s: {last}.",
                "Make sure that nodes have room for 50m CPU and 64Mi memory."
            )
            : new NetworkJobException(
                "job-timeout",
                $"The Job did not end within {limit.TotalSeconds:0} s.",
                $"Check again; a large image takes time on the first pull. An administrator may raise {PreflightOptions.Section}:JobTimeoutSeconds."
            );
    }

    private static string Judge(PodStatus status, string image) =>
        status.IsImageProblem
            ? throw new NetworkJobException(
                "job-image",
                $"The cluster cannot pull the Job's image {image}: {NetworkJobAnswer.Shown(status.Message)}",
                $"Fix the image or the registry's credentials; an administrator may name another one with Node.js under {PreflightOptions.Section}:JobImage."
            )
        : status.IsBad || status.Word is "Failed" or "Evicted"
            ? throw new NetworkJobException(
                "job-failed",
                $"The Job's pod does not run ({status.Word}). {NetworkJobAnswer.Shown(status.Message)}",
                "Look at the cluster's nodes, then check again."
            )
        : status.Word == "Unschedulable" ? status.Message.TrimEnd('.')
        : "";

    // Without a pod, only the Job's events tell why.
    private async Task<NetworkJobException?> WhyNoPodAsync(string name, CancellationToken cancellationToken)
    {
        var selector = "fieldSelector=" + Uri.EscapeDataString($"involvedObject.kind=Job,involvedObject.name={name},reason=FailedCreate");
        var (events, _) = await ObjectList.ReadAsync<Corev1Event>(cluster, $"{Core}/events", selector, cancellationToken);
        return events.Count == 0 ? null
            : events[^1].Message is { } why && why.Contains("exceeded quota", StringComparison.Ordinal)
                ? new NetworkJobException(
                    "job-quota",
                    $"A quota of namespace {NetworkJobObjects.Namespace} allows no further Job: {NetworkJobAnswer.Shown(why)}",
                    "Check again when the others have ended."
                )
            : new NetworkJobException(
                "job-failed",
                $"The cluster does not let the Job create a pod: {NetworkJobAnswer.Shown(events[^1].Message)}",
                "Look at the admission rules of the cluster."
            );
    }
}
