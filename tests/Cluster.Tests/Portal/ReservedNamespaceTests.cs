using Microsoft.Data.Sqlite;
using Portkey.Portal.Cluster.Tests.Engine;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Portal;

/// <summary>Whoever can write the database after the approval still does not get the portal to work in a namespace of the system.</summary>
[Collection<OnSandbox>]
public sealed class ReservedNamespaceTests(SandboxEngine engine)
{
    [Fact]
    public async Task Worker_EnvironmentWhoseRowNamesKubeSystem_TouchesNothingThere()
    {
        using var folder = new TemporaryFolder();
        var web = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Portal__Roles__0"] = "web" };
        string operation,
            environment;
        await using (
            var portal = await PortalProcess.StartAsync(
                new PortalOptions
                {
                    DataFolder = folder.Path,
                    Kubeconfig = engine.Cluster.Kubeconfig,
                    Variables = web,
                }
            )
        )
        {
            using var lead = new Api(await portal.ClientAsync("lead-payments"));
            using var admin = new Api(await portal.ClientAsync("admin-1"));
            var approved = await admin.ApproveAsync(
                await lead.CreatedAsync(
                    new
                    {
                        kind = "create",
                        team = "payments",
                        name = "payments-astray",
                        cluster = "sandbox",
                        profile = "dev",
                        reason = "for a test",
                        spec = new
                        {
                            edition = "oss",
                            settings = new Dictionary<string, string>(StringComparer.Ordinal),
                            network = new { exposure = "internal" },
                        },
                    }
                )
            );
            (operation, environment) = (approved.Text("operationId"), approved.Text("environmentId"));
        }

        await using (var db = new SqliteConnection($"Data Source={folder.Combine("portal.db")};Pooling=False"))
        {
            await db.OpenAsync();
            await using var command = db.CreateCommand();
            command.CommandText = "UPDATE environments SET namespace = 'kube-system'";
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }

        await engine.Cluster.KubectlAsync("label", "namespace", "kube-system", $"{ClusterLabels.Environment}={environment}", "--overwrite");
        try
        {
            await using var portal = await PortalProcess.StartAsync(
                new PortalOptions { DataFolder = folder.Path, Kubeconfig = engine.Cluster.Kubeconfig }
            );
            using var admin = new Api(await portal.ClientAsync("admin-1"));
            var ended = await admin.FinishedAsync(operation);
            Assert.True(ended.Text("state") == "failed", ended.ToJsonString()); // by whichever guard is the first to see it
            Assert.DoesNotContain(
                "pod-security",
                await engine.Cluster.KubectlAsync("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.labels}"),
                StringComparison.Ordinal
            );
            Assert.Empty(
                await engine.Cluster.KubectlAsync("get", "deployments,services,secrets,networkpolicies", "-n", "kube-system", "-o", "name")
            );
        }
        finally
        {
            await engine.Cluster.KubectlAsync("label", "namespace", "kube-system", $"{ClusterLabels.Environment}-");
        }
    }
}
