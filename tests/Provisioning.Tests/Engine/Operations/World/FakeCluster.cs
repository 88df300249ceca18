using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations.World;

/// <summary>
/// A cluster that remembers namespaces, guardrails and Secrets, and whose pods are those of what Helm has deployed. Calls by their names:
/// <c>open</c>, <c>reach</c>, <c>outside</c>, <c>namespace</c>, <c>apply</c>, <c>prune-guardrails</c>, <c>delete</c>, <c>gone</c>,
/// <c>wait-gone</c>, <c>look</c>, <c>watch</c>, <c>pods</c>, <c>secrets</c>, <c>check-secrets</c>, <c>prune-secrets</c>, <c>observe</c>,
/// <c>probe</c>, <c>stream</c>.
/// </summary>
internal sealed partial class FakeCluster(FakeHelm helm)
    : IClusters,
        IClusterWriter,
        IRollouts,
        ISecretDelivery,
        IHealthInspector,
        IGatewayProbe,
        IStreamCaller,
        IDisposable
{
    private readonly ConcurrentDictionary<string, Place> places = new(StringComparer.Ordinal);
    private readonly ClusterConnection connection = ClusterConnection.Closed(
        "sandbox",
        new ClusterUnreachableException("nothing in a unit test goes to a cluster")
    );

    public Faults Faults { get; } = new();

    /// <summary>Sentences about objects that the cluster does not know as belonging to a namespace.</summary>
    public IReadOnlyList<string> Outside { get; set; } = [];

    /// <summary>How the rollout ends.</summary>
    public RolloutResult Rollout { get; set; } = RolloutResult.Success;

    /// <summary>Why pods are not ready yet; null for ready.</summary>
    public string? PodsPending { get; set; }

    /// <summary>Whether the chart made a Service for the gateway.</summary>
    public bool HasService { get; set; } = true;

    /// <summary>What the gateway answers.</summary>
    public ProbeResult Answer { get; set; } = new(Ran: true, Ok: true, 200, 3, "HTTP 200.");

    /// <summary>What it answers before that, in turn.</summary>
    public ConcurrentQueue<ProbeResult> FirstAnswers { get; } = new();

    /// <summary>Pods that were not replaced, with the Secrets that they still have.</summary>
    public List<RunningPod> OldPods { get; } = [];

    /// <summary>Whether namespaces take their time to go.</summary>
    public bool NamespacesLinger { get; set; }

    /// <summary>How each stream ends.</summary>
    public StreamEnd Stream { get; set; } = new(Finished: true, Counts: true, TimeSpan.FromMilliseconds(10), "");

    /// <summary>Connections that were asked for.</summary>
    public ClusterConnection Connection => connection;

    public Place? Namespace(string ns) => places.GetValueOrDefault(ns);

    /// <summary>A namespace that is there already, whosever it is.</summary>
    public Place Make(string ns, Guid environment) => places[ns] = new Place(environment);

    public async Task<ClusterConnection> OpenAsync(Data.Cluster cluster, CancellationToken cancellationToken)
    {
        await Faults.PassAsync("open", cancellationToken);
        return connection;
    }

    public Task EnsureReachedAsync(ClusterConnection connection, CancellationToken cancellationToken) =>
        Faults.PassAsync("reach", cancellationToken);

    public async Task<IReadOnlyList<string>> OutsideAsync(
        ClusterConnection connection,
        string ns,
        string yaml,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("outside", cancellationToken);
        return Outside;
    }

    public async Task EnsureNamespaceAsync(
        ClusterConnection connection,
        string ns,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("namespace", cancellationToken);
        var place = places.GetOrAdd(ns, _ => new Place(Guid.Parse(labels[ClusterLabels.Environment])));
        RequireOwner(ns, place, Guid.Parse(labels[ClusterLabels.Environment]));
        place.Labels = labels;
    }

    public async Task ApplyManifestsAsync(ClusterConnection connection, string ns, string yaml, CancellationToken cancellationToken)
    {
        await Faults.PassAsync("apply", cancellationToken);
        foreach (var one in ManifestDiff.Objects(yaml))
        {
            places[ns].Guardrails[$"{one.Kind} {one.Name}"] = yaml;
        }
    }

    public async Task<IReadOnlyList<string>> PruneGuardrailsAsync(
        ClusterConnection connection,
        string ns,
        string release,
        string yaml,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("prune-guardrails", cancellationToken);
        var kept = ManifestDiff.Objects(yaml).Select(o => $"{o.Kind} {o.Name}").ToHashSet(StringComparer.Ordinal);
        return [.. places[ns].Guardrails.Keys.Where(k => !kept.Contains(k) && places[ns].Guardrails.TryRemove(k, out _)).ToList()];
    }

    public async Task<string?> BeginDeleteNamespaceAsync(
        ClusterConnection connection,
        string ns,
        Guid environmentId,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("delete", cancellationToken);
        if (!places.TryGetValue(ns, out var place))
        {
            return null;
        }

        RequireOwner(ns, place, environmentId);
        if (!NamespacesLinger)
        {
            Remove(ns);
        }

        return place.Uid;
    }

    public async Task<bool> IsGoneAsync(
        ClusterConnection connection,
        string ns,
        string uid,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("gone", cancellationToken);
        return !places.ContainsKey(ns);
    }

    public async Task WaitUntilGoneAsync(
        ClusterConnection connection,
        string ns,
        string uid,
        TimeSpan timeout,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("wait-gone", cancellationToken);
        await (places.TryGetValue(ns, out var place) ? place.Gone : Task.CompletedTask).WaitAsync(cancellationToken);
    }

    /// <summary>The namespace is gone at last.</summary>
    public void Remove(string ns)
    {
        if (places.TryRemove(ns, out var place))
        {
            place.Go();
        }
    }

    public async Task<RolloutResult> LookAsync(
        ClusterConnection connection,
        string ns,
        string release,
        Func<string, Task> log,
        RolloutLook look,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync(look.Patience is null ? "watch" : "look", cancellationToken);
        if (PodsPending is { } why)
        {
            await log($"Pod {release}-1: {why}");
            return new(Succeeded: false, "", why, [], []) { Undecided = true };
        }

        return Rollout;
    }

    public async Task<IReadOnlyList<RunningPod>> RunningAsync(
        ClusterConnection connection,
        string ns,
        string release,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("pods", cancellationToken);
        var names = OurSecrets().Matches(helm.Deployed(ns) ?? "").Select(m => m.Value).ToHashSet(StringComparer.Ordinal);
        return [.. names.Count > 0 ? [new RunningPod($"{release}-1", names)] : Array.Empty<RunningPod>(), .. OldPods];
    }

    public async Task WriteAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        SecretSet set,
        Action<string, Severity> log,
        Func<CancellationToken, Task> fence,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("secrets", cancellationToken);
        foreach (var name in set.Names)
        {
            await fence(cancellationToken);
            places[set.Namespace].Secrets[name] = [.. set.Pins.Keys.Order(StringComparer.Ordinal)];
            log($"Secret {name} holds {set.EnumNames}.", Severity.Info);
        }
    }

    public Task CheckAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        SecretSet set,
        string manifest,
        CancellationToken cancellationToken
    ) => Faults.PassAsync("check-secrets", cancellationToken);

    public async Task<IReadOnlyList<string>> PruneAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        string ns,
        IReadOnlyCollection<string> keepNames,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("prune-secrets", cancellationToken);
        return
        [
            .. places[ns]
                .Secrets.Keys.Where(k => !keepNames.Contains(k) && places[ns].Secrets.TryRemove(k, out _))
                .Select(k => $"Secret {k}")
                .ToList(),
        ];
    }

    public async Task<EnvironmentObservation> ObserveAsync(
        ClusterConnection connection,
        string ns,
        string release,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("observe", cancellationToken);
        var service = new ServiceObservation(
            release,
            "gateway",
            "ClusterIP",
            "10.0.0.7",
            [new ServicePortObservation("http", 8787, 0)],
            []
        );
        return new(
            DateTime.UtcNow,
            ns,
            places.ContainsKey(ns),
            Terminating: false,
            [],
            [],
            HasService && helm.Deployed(ns) is not null ? [service] : [],
            [],
            []
        );
    }

    public async Task<ProbeResult> ProbeAsync(
        ClusterConnection connection,
        string ns,
        string service,
        int port,
        string path,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("probe", cancellationToken);
        return FirstAnswers.TryDequeue(out var first) ? first : Answer;
    }

    public async Task<StreamEnd> CallAsync(
        ClusterConnection cluster,
        string ns,
        ServiceObservation service,
        string provider,
        Action began,
        CancellationToken cancellationToken
    )
    {
        await Faults.PassAsync("stream", CancellationToken.None);
        if (Stream is not { Finished: false, Counts: true, Why: "refused" })
        {
            began();
        }

        return Stream;
    }

    public void Dispose() => connection.Dispose();

    private static void RequireOwner(string ns, Place place, Guid environment)
    {
        if (place.Environment != environment)
        {
            throw new ClusterRejectedException("namespace-taken", $"Namespace '{ns}' belongs to somebody else.");
        }
    }

    [GeneratedRegex("portkey-gateway-(env|pull)-[0-9a-f]{12}")]
    private static partial Regex OurSecrets();

    /// <summary>One namespace.</summary>
    internal sealed class Place(Guid environment)
    {
        private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Guid Environment { get; } = environment;

        public string Uid { get; } = Guid.NewGuid().ToString();

        public IReadOnlyDictionary<string, string> Labels { get; set; } = new Dictionary<string, string>();

        /// <summary>Guardrails by kind and name.</summary>
        public ConcurrentDictionary<string, string> Guardrails { get; } = new(StringComparer.Ordinal);

        /// <summary>Keys of each Secret.</summary>
        public ConcurrentDictionary<string, string[]> Secrets { get; } = new(StringComparer.Ordinal);

        public Task Gone => gone.Task;

        public void Go() => gone.TrySetResult();
    }
}
