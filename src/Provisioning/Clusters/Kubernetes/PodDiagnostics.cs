using k8s.Models;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>What a person would look at first when a pod fails.</summary>
/// <param name="Pod">Pod.</param>
/// <param name="Events">Its last ten events, newest last; repeats once, with a count.</param>
/// <param name="LogTail">Last twenty lines of its log, or of the previous container's if that one crashed.</param>
public sealed record PodDiagnosis(string Pod, IReadOnlyList<PodEvent> Events, IReadOnlyList<string> LogTail);

/// <summary>Fetches events and log tails, redacted. Never throws for what it cannot get: a line says so instead.</summary>
public sealed class PodDiagnostics
{
    private const int MostEvents = 10;
    private const int MostLines = 20;
    private const int LongestLine = 500;

    /// <summary>Looks at one pod.</summary>
    public async Task<PodDiagnosis> InspectAsync(
        ClusterConnection connection,
        string ns,
        string pod,
        CancellationToken cancellationToken
    ) => new(pod, await EventsAsync(connection, ns, pod, cancellationToken), await LogAsync(connection, ns, pod, cancellationToken));

    /// <summary>Its events alone.</summary>
    public static async Task<IReadOnlyList<PodEvent>> EventsAsync(
        ClusterConnection connection,
        string ns,
        string pod,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var selector = "fieldSelector=" + Uri.EscapeDataString($"involvedObject.kind=Pod,involvedObject.name={pod}");
            var (events, _) = await ObjectList.ReadAsync<Corev1Event>(
                connection,
                $"/api/v1/namespaces/{ns}/events",
                selector,
                cancellationToken
            );
            return PodEvent.Gather(
                events.Select(e => new PodEvent(e.Type ?? "", e.Reason ?? "", Clean(e.Message ?? ""), e.Count ?? 1, At(e))),
                MostEvents
            );
        }
        catch (ClusterException problem)
        {
            return [new PodEvent(PodEvent.Warning, "Unread", $"The pod's events cannot be read: {problem.Message}", 1, null)];
        }
    }

    private static async Task<IReadOnlyList<string>> LogAsync(
        ClusterConnection connection,
        string ns,
        string pod,
        CancellationToken cancellationToken
    )
    {
        try
        {
            // The log of a container that crashed and has not come back yet is that of its predecessor.
            var lines = await TailAsync(connection, ns, pod, previous: false, cancellationToken);
            return lines.Count > 0 ? lines : await TailAsync(connection, ns, pod, previous: true, cancellationToken);
        }
        catch (ClusterException problem)
        {
            return [$"The pod's log cannot be read: {problem.Message}"];
        }
    }

    private static async Task<IReadOnlyList<string>> TailAsync(
        ClusterConnection connection,
        string ns,
        string pod,
        bool previous,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var path = $"/api/v1/namespaces/{ns}/pods/{pod}/log?tailLines={MostLines}&limitBytes=65536{(previous ? "&previous=true" : "")}";
            using var response = await connection.OpenAsync(
                HttpMethod.Get,
                path,
                body: null,
                "application/json",
                HttpCompletionOption.ResponseContentRead,
                cancellationToken
            );
            if (!response.IsSuccessStatusCode)
            {
                // 400: the container has not started, so it has said nothing.
                return [];
            }

            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(MostLines).Select(Clean)];
        }
        catch (Exception problem) when (ClusterErrors.Map(connection.Name, problem, cancellationToken) is { } mapped)
        {
            throw mapped;
        }
    }

    private static string Clean(string line)
    {
        var text = Redactor.Default.Redact(line.TrimEnd('\r'));
        return text.Length > LongestLine ? text[..LongestLine] + " …" : text;
    }

    private static DateTime? At(Corev1Event e) => e.LastTimestamp ?? e.EventTime ?? e.FirstTimestamp ?? e.Metadata.CreationTimestamp;
}
