using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.Cluster.Tests.Engine;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Portal;

/// <summary>
/// The whole portal, as its own process and service account, in front of Kubernetes. It takes minutes of waiting and counts what one
/// account used, so it has an API server of its own and runs beside the others.
/// </summary>
public sealed class PortalOnKubernetesTests : IAsyncLifetime
{
    private static readonly object Internal = new { exposure = "internal" };
    private readonly RealEngine engine = new();

    public async ValueTask InitializeAsync()
    {
        if (!TestCluster.IsGiven)
        {
            await engine.InitializeAsync();
        }
    }

    public ValueTask DisposeAsync() => TestCluster.IsGiven ? ValueTask.CompletedTask : engine.DisposeAsync();

    [Fact]
    public async Task Portal_ThroughWholeLives_UsesEveryRightThatItsChartGives_AndMissesNone()
    {
        Assert.SkipWhen(TestCluster.IsGiven, "The audit log of a cluster that was given cannot be read.");
        var plane = engine.Cluster.Plane!;
        await RouteDefinition.ApplyAsync(engine.Cluster);
        var log = new AuditLog(plane.AuditLog, TestCluster.PortalUser);
        await using (var portal = await PortalProcess.StartAsync(new PortalOptions { Kubeconfig = engine.Cluster.Kubeconfig }))
        {
            using var lead = new Api(await portal.ClientAsync("lead-payments"));
            using var admin = new Api(await portal.ClientAsync("admin-1"));
            await Eventually.TrueAsync(
                async () => (await admin.GetAsync("/api/v1/clusters")).Body.Contains("\"serverVersion\":\"v", StringComparison.Ordinal),
                "the cluster was looked at"
            );
            var id = await EnterpriseLifeAsync(lead, admin);
            Assert.Contains(
                "pod-security.kubernetes.io/warn",
                await engine.Cluster.KubectlAsync("get", "namespace", "payments-rules", "-o", "jsonpath={.metadata.labels}"),
                StringComparison.Ordinal
            );
            await SomebodyElsesChartAsync(lead, admin);
            await EachLineAsync(lead, admin);
            await DoneAsync(lead, admin, $"/api/v1/environments/{id}/delete", new { reason = "the project ended" });
        }

        // A later guardrails chart may lack a kind: what was there of it is taken away.
        var (ns, _) = await engine.NamespaceAsync("fewer");
        var guardrails = Path.Combine(Repository.Charts, "guardrails");
        var values = await File.ReadAllTextAsync(Path.Combine(guardrails, "ci", "mission-critical-values.yaml"));
        await engine.Writer.ApplyManifestsAsync(
            engine.Connection,
            ns,
            await engine.Helm.TemplateAsync(guardrails, "guardrails", ns, values, default, kubernetesVersion: "v1.20.2"),
            default
        );
        Assert.NotEmpty(await engine.Writer.PruneGuardrailsAsync(engine.Connection, ns, "guardrails", "", default));

        var role = JsonNode.Parse(
            await engine.Cluster.KubectlAsync("get", "clusterrole", $"{TestCluster.PortalNamespace}.portkey-portal", "-o", "json")
        )!;
        var granted = AuditLog.Granted(role);
        var (used, missing) = await log.ReadAsync();
        Assert.True(missing.Count == 0, $"asked for and not in infra/charts/portal: {string.Join(", ", missing)}");
        Assert.True(used.IsSubsetOf(granted), $"used, but not by a rule of infra/charts/portal: {string.Join(", ", used.Except(granted))}");

        // A namespace that does not go is looked through for what holds it, kinds that the portal may not list too.
        Assert.Empty(await NamespaceHolders.DescribeAsync(engine.Connection, ns, default));
        (used, _) = await log.ReadAsync();
        Assert.True(granted.IsSubsetOf(used), $"in infra/charts/portal and never used: {string.Join(", ", granted.Except(used))}");
    }

    // Every kind of our own charts comes and goes, and everything goes wrong once that has steps of its own.
    private async Task<string> EnterpriseLifeAsync(Api lead, Api admin)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666",
            ["SERVICE_NAME"] = "rules",
            ["CACHE_STORE"] = "custom",
        };
        var created = await DoneAsync(
            lead,
            admin,
            "/api/v1/requests",
            new
            {
                kind = "create",
                team = "payments",
                name = "payments-rules",
                cluster = "sandbox",
                profile = "standard",
                reason = "for the checkout",
                spec = new
                {
                    edition = "enterprise",
                    settings,
                    secrets = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["PORTKEY_CLIENT_AUTH"] = "first-client-key",
                        ["REDIS_URL"] = "redis://cache.example.com:6379",
                    },
                    autoscaling = new { min = 2, max = 4 },
                    network = new
                    {
                        exposure = "ingress",
                        host = "rules.example.com",
                        egress = new[] { "0.0.0.0/0:443", "192.168.0.0/16" },
                    },
                },
            }
        );
        var id = created.Text("environmentId");
        Assert.Contains("spec.network.host", await HostProblemsAsync(lead), StringComparison.Ordinal);

        // Smaller and inside the cluster: autoscaler, disruption budget, ingress and policies go.
        await DoneAsync(
            lead,
            admin,
            $"/api/v1/environments/{id}/change",
            new
            {
                profile = "dev",
                spec = new
                {
                    edition = "enterprise",
                    settings,
                    replicas = 1,
                    network = Internal,
                },
            }
        );
        await admin.HealthyAsync(id);
        Assert.DoesNotContain("spec.network.host", await HostProblemsAsync(lead), StringComparison.Ordinal); // nothing that runs has it any more
        await DoneAsync(
            lead,
            admin,
            $"/api/v1/environments/{id}/change",
            new
            {
                profile = "dev",
                spec = new
                {
                    edition = "enterprise",
                    settings,
                    replicas = 1,
                    network = Internal,
                    imageTag = "does-not-exist",
                },
            },
            "failed"
        );
        await admin.HealthyAsync(id);

        await DoneAsync(
            lead,
            admin,
            $"/api/v1/environments/{id}/change",
            new
            {
                profile = "dev",
                spec = new
                {
                    edition = "enterprise",
                    settings,
                    replicas = 1,
                    network = Internal,
                },
            }
        );

        // A label that somebody took away comes back with the next operation.
        await engine.Cluster.KubectlAsync("label", "namespace", "payments-rules", "pod-security.kubernetes.io/warn-");
        (await lead.PutTextAsync($"/api/v1/environments/{id}/secrets/PORTKEY_CLIENT_AUTH", "second-client-key")).Expect(HttpStatusCode.OK);
        await DoneAsync(lead, admin, $"/api/v1/environments/{id}/rotate", new { key = "PORTKEY_CLIENT_AUTH", reason = "yearly" });
        return id;
    }

    // What another environment would hear that wants the same host name.
    private static async Task<string> HostProblemsAsync(Api lead) =>
        (
            await lead.PostAsync(
                "/api/v1/requests/check",
                new
                {
                    kind = "create",
                    team = "payments",
                    name = "payments-second",
                    cluster = "sandbox",
                    profile = "dev",
                    reason = "to look",
                    spec = new
                    {
                        edition = "oss",
                        settings = new Dictionary<string, string>(StringComparer.Ordinal),
                        network = new { exposure = "ingress", host = "rules.example.com" },
                    },
                }
            )
        ).Body;

    private static async Task SomebodyElsesChartAsync(Api lead, Api admin)
    {
        var chart = (
            await admin.PostAsync(
                "/api/v1/charts",
                new
                {
                    source = "directory",
                    location = Path.Combine(Repository.Root, "tests", "Cluster.Tests", "Charts", "somebody-elses"),
                    edition = "oss",
                }
            )
        ).Expect(HttpStatusCode.Created);
        var created = await DoneAsync(
            lead,
            admin,
            "/api/v1/requests",
            new
            {
                kind = "create",
                team = "payments",
                name = "payments-else",
                cluster = "sandbox",
                profile = "dev",
                chartVersion = chart.Text("version"),
                reason = "we bring our own",
                spec = new
                {
                    edition = "oss",
                    settings = new Dictionary<string, string>(StringComparer.Ordinal),
                    network = Internal,
                },
            }
        );
        var seen = await admin.HealthyAsync(created.Text("environmentId"));
        Assert.Equal("somebody-elses 0.3.0", seen.Text("chart"));
        await DoneAsync(lead, admin, $"/api/v1/environments/{created.Text("environmentId")}/delete", new { reason = "tried it" });
    }

    // Each line of charts that Portkey published, from one spec. 1.0.8 is the one of the deployment guide: settings and secrets come from
    // beside it.
    private static async Task EachLineAsync(Api lead, Api admin)
    {
        foreach (var (folder, version) in ChartLines.All)
        {
            await LineAsync(lead, admin, ChartLines.Path(folder), version);
        }
    }

    private static async Task LineAsync(Api lead, Api admin, string location, string version)
    {
        (
            await admin.PostAsync(
                "/api/v1/charts",
                new
                {
                    source = "directory",
                    location,
                    edition = "enterprise",
                }
            )
        ).Expect(HttpStatusCode.Created);
        var created = await DoneAsync(
            lead,
            admin,
            "/api/v1/requests",
            new
            {
                kind = "create",
                team = "payments",
                name = $"payments-{version.Replace('.', '-')}",
                cluster = "sandbox",
                profile = "dev",
                chartVersion = version,
                reason = "not upgraded yet",
                spec = new
                {
                    edition = "enterprise",
                    network = Internal,
                    settings = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666",
                        ["SERVICE_NAME"] = "old",
                        ["CACHE_STORE"] = "custom",
                        ["REGISTRY_USERNAME"] = "portkey-customer",
                    },
                    secrets = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["PORTKEY_CLIENT_AUTH"] = "client-key",
                        ["REDIS_URL"] = "redis://cache.example.com:6379",
                        ["REGISTRY_PASSWORD"] = "registry-key",
                    },
                },
            }
        );
        Assert.EndsWith($" {version}", (await admin.HealthyAsync(created.Text("environmentId"))).Text("chart"), StringComparison.Ordinal);
        await DoneAsync(lead, admin, $"/api/v1/environments/{created.Text("environmentId")}/delete", new { reason = "tried it" });
    }

    private static async Task<JsonNode> DoneAsync(Api lead, Api admin, string path, object body, string state = "succeeded")
    {
        var answer = await lead.PostAsync(path, body);
        Assert.True((int)answer.Status is 200 or 201, $"{path}: {(int)answer.Status} {answer.Body}");
        var approved = await admin.ApproveAsync(answer.Json);
        var operation = await admin.FinishedAsync(approved.Text("operationId"));
        Assert.True(operation.Text("state") == state, operation.ToJsonString());
        return approved;
    }
}
