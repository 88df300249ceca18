using System.Net;
using System.Text.Json.Nodes;
using Portkey.Portal.Cluster.Tests.Engine;
using Portkey.Portal.Cluster.Tests.Engine.Delivery;
using Portkey.Portal.E2E.Support;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Portal;

/// <summary>The whole portal on a Key Vault, before a cluster whose secrets come by External Secrets and then by the CSI driver.</summary>
public abstract class DeliveredPortalTests(EngineFixture engine)
{
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666",
        ["SERVICE_NAME"] = "synced",
        ["CACHE_STORE"] = "custom",
    };

    [Fact]
    public async Task Environment_WhoseSecretsComeByOperators_IsMadeRotatedChangedAndRemoved()
    {
        await using var world = await DeliveryWorld.StartAsync(engine);
        var variables = new Dictionary<string, string?>(world.Azure.Environment, StringComparer.Ordinal)
        {
            ["Portal__Vault__Kind"] = "azure",
            ["Portal__Vault__Address"] = world.Azure.Address.ToString(),
            ["Portal__Rotation__SoakSeconds"] = "1",
            ["Portal__Rotation__AcceptUnproven"] = "true",
        };
        await using var portal = await PortalProcess.StartAsync(
            new PortalOptions { Kubeconfig = engine.Cluster.Kubeconfig, Variables = variables }
        );
        using var lead = new Api(await portal.ClientAsync("lead-payments"));
        using var admin = new Api(await portal.ClientAsync("admin-1"));
        await SyncAsync(
            admin,
            new
            {
                mode = "externalSecrets",
                storeKind = "ClusterSecretStore",
                storeName = "portkey",
            }
        );

        var created = await DoneAsync(
            lead,
            admin,
            "/api/v1/requests",
            new
            {
                kind = "create",
                team = "payments",
                name = "payments-synced",
                cluster = "sandbox",
                profile = "dev",
                reason = "for the checkout",
                spec = new
                {
                    edition = "enterprise",
                    settings = Settings,
                    replicas = 1,
                    network = new { exposure = "internal" },
                    secrets = new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["PORTKEY_CLIENT_AUTH"] = "first-client-key",
                        ["REDIS_URL"] = "redis://cache.example.com:6379",
                    },
                },
            }
        );
        var (id, ns) = (created.Text("environmentId"), "payments-synced");
        await admin.HealthyAsync(id);
        var first = Assert.Single(await world.NamesAsync(ns, "externalsecrets.external-secrets.io"));
        Assert.Contains(first, await world.NamesAsync(ns, "secret"));

        // A new version is a new Secret, and the one before goes only once it is proven.
        await RotateAsync(lead, admin, id, "second-client-key");
        var second = Assert.Single(await world.NamesAsync(ns, "externalsecrets.external-secrets.io"));
        Assert.NotEqual(first, second);
        Assert.DoesNotContain(first, await world.NamesAsync(ns, "secret"));

        // An operator that leaves a key out: stopped before Helm, and the key is named.
        var helm = (await world.NamesAsync(ns, "secret")).Count(n => n.StartsWith("sh.helm.release", StringComparison.Ordinal));
        world.Operators.Forgets = "REDIS_URL";
        var failed = await RotateAsync(lead, admin, id, "third-client-key", "failed");
        Assert.Equal("secret-keys-missing", failed.Text("errorCode"));
        Assert.Contains("lacks REDIS_URL", failed.Text("errorMessage"), StringComparison.Ordinal);
        Assert.Equal(helm, (await world.NamesAsync(ns, "secret")).Count(n => n.StartsWith("sh.helm.release", StringComparison.Ordinal)));
        world.Operators.Forgets = "";

        // A store that is not ready: preflight says so before anything is touched.
        await world.StoreAsync(ready: false);
        failed = await RotateAsync(lead, admin, id, "fourth-client-key", "failed");
        Assert.Equal("secret-delivery-store", failed.Text("errorCode"));
        await world.StoreAsync(ready: true);

        // The other way, with the next operation; what brought the Secret before goes after it worked.
        await SyncAsync(
            admin,
            new
            {
                mode = "csi",
                vault = world.Azure.Address.ToString(),
                tenantId = DeliveryWorld.Id,
                clientId = DeliveryWorld.Id,
            }
        );
        await RotateAsync(lead, admin, id, "fifth-client-key");
        await admin.HealthyAsync(id);
        Assert.Empty(await world.NamesAsync(ns, "externalsecrets.external-secrets.io"));
        var third = Assert.Single(await world.NamesAsync(ns, "secretproviderclasses.secrets-store.csi.x-k8s.io"));
        Assert.Contains(third, await world.NamesAsync(ns, "secret"));
        Assert.Contains($"{third}-sync", await world.NamesAsync(ns, "deployment"));

        await SyncAsync(admin, new { mode = "portal" });
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
                    settings = new Dictionary<string, string>(Settings, StringComparer.Ordinal) { ["SERVICE_NAME"] = "synced-anew" },
                    replicas = 1,
                    network = new { exposure = "internal" },
                },
            }
        );
        Assert.Empty(await world.NamesAsync(ns, "secretproviderclasses.secrets-store.csi.x-k8s.io"));
        Assert.Contains(third, await world.NamesAsync(ns, "secret"));
        await admin.HealthyAsync(id);

        await DoneAsync(lead, admin, $"/api/v1/environments/{id}/delete", new { reason = "the project ended" });
        Assert.Empty(await world.NamesAsync(ns, "secret"));
        Assert.DoesNotContain("client-key", portal.Log, StringComparison.Ordinal);
    }

    private static async Task SyncAsync(Api admin, object asked) =>
        (await admin.SendAsync(HttpMethod.Put, "/api/v1/clusters/sandbox/secret-delivery", asked)).Expect(HttpStatusCode.OK);

    private static async Task<JsonNode> RotateAsync(Api lead, Api admin, string id, string value, string state = "succeeded")
    {
        (await lead.PutTextAsync($"/api/v1/environments/{id}/secrets/PORTKEY_CLIENT_AUTH", value)).Expect(HttpStatusCode.OK);
        return await OperationAsync(
            lead,
            admin,
            $"/api/v1/environments/{id}/rotate",
            new { key = "PORTKEY_CLIENT_AUTH", reason = "yearly" },
            state
        );
    }

    private static async Task<JsonNode> DoneAsync(Api lead, Api admin, string path, object body)
    {
        var answer = await lead.PostAsync(path, body);
        Assert.True((int)answer.Status is 200 or 201, $"{path}: {(int)answer.Status} {answer.Body}");
        var approved = await admin.ApproveAsync(answer.Json);
        await admin.SucceededAsync(approved.Text("operationId"));
        return approved;
    }

    private static async Task<JsonNode> OperationAsync(Api lead, Api admin, string path, object body, string state)
    {
        var answer = await lead.PostAsync(path, body);
        Assert.True((int)answer.Status is 200 or 201, $"{path}: {(int)answer.Status} {answer.Body}");
        var operation = await admin.FinishedAsync((await admin.ApproveAsync(answer.Json)).Text("operationId"));
        Assert.True(operation.Text("state") == state, operation.ToJsonString());
        return operation;
    }
}

[Collection<OnSandbox>]
public sealed class SandboxDeliveredPortalTests(SandboxEngine engine) : DeliveredPortalTests(engine);

[Collection<OnRealServer>]
public sealed class RealDeliveredPortalTests(RealEngine engine) : DeliveredPortalTests(engine);
