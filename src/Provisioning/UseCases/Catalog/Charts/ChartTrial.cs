using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;

namespace Portkey.Portal.Provisioning.UseCases.Catalog.Charts;

/// <summary>Renders a chart that is new to the portal, small and large, and judges what comes out.</summary>
public sealed class ChartTrial(HelmRunner helm, ChartStore charts)
{
    private const string Namespace = "trial-environment";
    private const int Shown = 8;

    private static readonly Profile Small = Size("dev", 1, 1, 1);
    private static readonly Profile Large = Size("mission-critical", 3, 10, 3);

    /// <summary>What speaks against it; empty for nothing.</summary>
    public async Task<IReadOnlyList<FieldProblem>> ProblemsAsync(ChartVersion row, ResolvedChart chart, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(chart);
        var facts = charts.FactsOf(chart);
        if (row.Edition == Edition.Enterprise && !facts.TakesSettings)
        {
            return
            [
                new(
                    "location",
                    "Its values have no environment.data, so it can be given none of the settings that the enterprise gateway needs."
                ),
            ];
        }

        var problems = new List<FieldProblem>();
        Add(problems, "location", ChartContents.CustomDefinitions, ChartContents.WhyNot(chart));

        // A chart without a place for an ingress is asked for none: a spec that wants one gets its own error.
        var reached = facts.Accepts("ingress.enabled")
            ? new NetworkSpec
            {
                Exposure = Exposure.Ingress,
                Host = "gateway.example.com",
                TlsSecret = "gateway-tls",
            }
            : new NetworkSpec();
        foreach (var (profile, network) in new[] { (Small, new NetworkSpec()), (Large, reached) })
        {
            try
            {
                var sample = Sample(row, profile, network, facts);
                var manifest = await helm.TemplateAsync(
                    chart.Path,
                    "portkey-gateway",
                    Namespace,
                    ValuesRenderer.Gateway(sample),
                    cancellationToken
                );
                Add(
                    problems,
                    "location",
                    "It renders objects outside the environment's namespace, which the portal never applies",
                    ManifestRules.OutsideNamespace(manifest, Namespace)
                );
                Add(problems, "location", "It pulls images that may change without notice", ImageRules.Floating(manifest));
                Add(problems, "location", "What it renders is not what was asked for", RenderedAsAsked.Differences(sample, manifest));
                if (row.PodSecurityWaiver.Length == 0)
                {
                    Add(
                        problems,
                        "podSecurityWaiver",
                        "Its pods break pod security 'restricted'. Fix the chart, or give the reason why it may",
                        ManifestRules.AgainstRestricted(manifest)
                    );
                }
            }
            catch (Exception e) when (e is HelmException or ClusterException)
            {
                problems.Add(new("location", $"It does not render with what the portal gives it for profile {profile.Name}: {e.Message}"));
            }
        }

        return [.. problems.DistinctBy(p => (p.Field, p.Message))];
    }

    private static void Add(List<FieldProblem> problems, string field, string what, IReadOnlyList<string> found)
    {
        if (found.Count > 0)
        {
            problems.Add(
                new(
                    field,
                    $"{what}. {string.Join(" ", found.Take(Shown))}{(found.Count > Shown ? $" And {found.Count - Shown} more." : "")}"
                )
            );
        }
    }

    private static RenderInput Sample(ChartVersion row, Profile profile, NetworkSpec network, ChartFacts facts)
    {
        var settings =
            row.Edition == Edition.Oss
                ? []
                : new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["SERVICE_NAME"] = "trial",
                    ["ORGANISATIONS_TO_SYNC"] = "00000000-0000-0000-0000-000000000000",
                    ["CACHE_STORE"] = "custom",
                };
        var pins =
            row.Edition == Edition.Oss
                ? []
                : new[] { "PORTKEY_CLIENT_AUTH", "REDIS_URL" }.ToDictionary(
                    k => k,
                    k => new SecretPin($"trial-{k}", 1, "1"),
                    StringComparer.Ordinal
                );
        var spec = new EnvironmentSpec
        {
            Edition = row.Edition,
            Settings = settings,
            Network = network,
        };
        return new RenderInput(Guid.Empty, Namespace, "portkey-gateway", spec, profile, row, pins) { Facts = facts };
    }

    private static Profile Size(string name, int replicas, int most, int zones) =>
        new()
        {
            Name = name,
            DisplayName = name,
            Description = name,
            Order = 1,
            Replicas = replicas,
            MaxReplicas = most,
            Zones = zones,
            CpuRequest = "250m",
            CpuLimit = "1",
            MemoryRequest = "512Mi",
            MemoryLimit = "1Gi",
            NodeCpu = 2,
            NodeMemoryGiB = 4,
            BuiltInRedisAllowed = false,
        };
}
