using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Endpoints;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>No object outside the environment's namespace, whoever made it, takes a host name, address or port that this one is to
/// have.</summary>
internal sealed class EndpointCheck : IPreflightCheck
{
    private const string Routes = "gateway.networking.k8s.io";
    private const int Shown = 3;

    public string Id => "endpoints";

    public string Title => "Host names and addresses are free";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => Wanted(subject).Count > 0;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var wanted = Wanted(subject);
        var clashes = new List<(string Namespace, string Object, string Value)>();
        try
        {
            foreach (var (path, kind) in await PathsAsync(subject.Cluster, wanted, cancellationToken))
            {
                await foreach (var other in subject.Cluster.ListAsync(path, cancellationToken))
                {
                    if (other["metadata"]?["namespace"]?.GetValue<string>() is { } ns && ns != subject.Namespace)
                    {
                        other["kind"] = kind; // items of a list lack it
                        clashes.AddRange(
                            ManifestEndpoints
                                .Of(other)
                                .Where(e => wanted.Any(e.Overlaps))
                                .Select(e => (ns, $"{kind} {other["metadata"]?["name"]}", e.Value))
                        );
                    }
                }
            }
        }
        catch (ClusterForbiddenException problem)
        {
            // Unknown does not mean free: somebody else's callers would end up here, or ours there.
            return Verdict.Fail(
                $"Whether {EnumNames(wanted)} is free could not be determined: {problem.Message}",
                "Give the portal's service account the rules of infra/charts/portal, which let it list these in all namespaces.",
                "cluster-forbidden"
            );
        }

        if (clashes.Count == 0)
        {
            return Verdict.Pass($"Nothing else in {subject.Cluster.Name} takes {EnumNames(wanted)}.");
        }

        var told = new List<string>();
        foreach (var (ns, what, value) in clashes.Take(Shown))
        {
            told.Add(
                $"{value} by {(await IsEnvironmentAsync(subject.Cluster, ns, cancellationToken) ? "another environment" : $"{what} in namespace {ns}")}"
            );
        }

        return Verdict.Fail(
            $"Already taken in {subject.Cluster.Name}: {string.Join("; ", told)}{(clashes.Count > Shown ? $" and {clashes.Count - Shown} more" : "")}.",
            "Choose another host name or address, or have that object removed by its owner.",
            "endpoint-taken"
        );
    }

    // Another team's environment must not be named to everybody.
    private static async Task<bool> IsEnvironmentAsync(ClusterConnection cluster, string ns, CancellationToken cancellationToken) =>
        await cluster.GetAsync(Namespaces.Path(ns), cancellationToken) is { } found
        && Namespaces.Label(found, ClusterLabels.Environment) is not null;

    private static List<Endpoint> Wanted(PreflightSubject subject) => [.. subject.Objects.SelectMany(ManifestEndpoints.Of).Distinct()];

    private static string EnumNames(List<Endpoint> wanted) => string.Join(", ", wanted.Select(w => w.Value));

    // Services can take host names too, by annotation. Routes of the Gateway API are looked at where the cluster serves them.
    private static async Task<List<(string Path, string Kind)>> PathsAsync(
        ClusterConnection cluster,
        List<Endpoint> wanted,
        CancellationToken cancellationToken
    )
    {
        var paths = new List<(string, string)> { ("/api/v1/services", "Service") };
        if (wanted.TrueForAll(w => w.Kind != EndpointKind.Host))
        {
            return paths;
        }

        paths.Add(("/apis/networking.k8s.io/v1/ingresses", "Ingress"));
        if (await Discovery.PathAsync(cluster, Routes, "HTTPRoute", cancellationToken) is { } routes)
        {
            paths.Add((routes, "HTTPRoute"));
        }

        return paths;
    }
}
