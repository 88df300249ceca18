using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;
using Portkey.Portal.Cluster.Tests.Portal;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine.Delivery;

/// <summary>Secrets into a cluster by each way, from one way to another, and away again. The operators are played by
/// <see cref="DeliveryStandIn"/>.</summary>
public abstract class SecretDeliveryTests(EngineFixture engine) : IAsyncLifetime
{
    private DeliveryWorld world = null!;

    public async ValueTask InitializeAsync() => world = await DeliveryWorld.StartAsync(engine);

    public async ValueTask DisposeAsync()
    {
        await world.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Portal_Secrets_AreImmutable_AndItsOwnByFieldManager()
    {
        var (ns, id) = await engine.NamespaceAsync("sync-portal");
        var set = world.Set(ns, id, 1, "REDIS_URL", "REGISTRY_PASSWORD");
        await world.WriteAsync(SecretDeliverySettings.Portal, set);
        foreach (var name in set.Names)
        {
            var secret = await world.SecretAsync(ns, name);
            Assert.True(secret.Immutable);
            var manager = Assert.Single(secret.Metadata.ManagedFields);
            Assert.Equal((ClusterLabels.Manager, "Apply"), (manager.Manager, manager.Operation));
        }

        var next = world.Set(ns, id, 2, "REDIS_URL", "REGISTRY_PASSWORD");
        await world.WriteAsync(SecretDeliverySettings.Portal, next);
        Assert.Equal(4, set.Names.Concat(next.Names).Intersect(await world.NamesAsync(ns, "secret"), StringComparer.Ordinal).Count());
        Assert.Equal(
            [.. set.Names.Select(n => $"Secret {n}").Order(StringComparer.Ordinal)],
            (await world.PruneAsync(SecretDeliverySettings.Portal, next)).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task ExternalSecrets_NewVersion_IsANewSecret_AndTheOldOneGoesWithWhatBroughtIt()
    {
        var (ns, id) = await engine.NamespaceAsync("sync-external");
        var one = world.Set(ns, id, 1, "REDIS_URL", "PORTKEY_CLIENT_AUTH", "REGISTRY_PASSWORD");
        await world.WriteAsync(world.External, one);
        await world.WriteAsync(world.External, one);
        var secret = await world.SecretAsync(ns, one.Name);
        Assert.Equal(
            ("REDIS_URL-1", true, id.ToString()),
            (Encoding.UTF8.GetString(secret.Data["REDIS_URL"]), secret.Immutable, secret.Metadata.Labels[ClusterLabels.Environment])
        );
        var pull = await world.SecretAsync(ns, one.Pull!.Name);
        Assert.Equal("kubernetes.io/dockerconfigjson", pull.Type);
        Assert.Equal(
            $$"""{"username":"portkey","password":"REGISTRY_PASSWORD-1","auth":"{{Convert.ToBase64String("portkey:REGISTRY_PASSWORD-1"u8)}}"}""",
            JsonNode.Parse(pull.Data[".dockerconfigjson"])!["auths"]!["registry.example.com"]!.ToJsonString()
        );

        var two = world.Set(ns, id, 2, "REDIS_URL", "PORTKEY_CLIENT_AUTH", "REGISTRY_PASSWORD");
        await world.WriteAsync(world.External, two);
        Assert.Equal(
            ("REDIS_URL-1", "REDIS_URL-2"),
            (
                Encoding.UTF8.GetString((await world.SecretAsync(ns, one.Name)).Data["REDIS_URL"]),
                Encoding.UTF8.GetString((await world.SecretAsync(ns, two.Name)).Data["REDIS_URL"])
            )
        );

        var gone = await world.PruneAsync(world.External, two);
        Assert.Equal(4, gone.Count);
        Assert.Empty(await world.PruneAsync(world.External, two));
        Assert.Equal([.. two.Names.Order(StringComparer.Ordinal)], await world.NamesAsync(ns, "externalsecrets.external-secrets.io"));
        Assert.DoesNotContain(one.Name, await world.NamesAsync(ns, "secret"));
        Assert.Contains(two.Name, await world.NamesAsync(ns, "secret"));
        Assert.DoesNotContain("REDIS_URL-", string.Concat(world.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExternalSecrets_StoreNotReady_FailsWithWhatItSays_AndPassesOnceItIs()
    {
        var (ns, id) = await engine.NamespaceAsync("sync-unready");
        var set = world.Set(ns, id, 1, "REDIS_URL");
        await world.StoreAsync(ready: false);
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() => world.WriteAsync(world.External, set, seconds: 3));
        Assert.Equal("secret-delivery-failed", problem.Code);
        Assert.Contains("ClusterSecretStore \"portkey\" is not ready", problem.Message, StringComparison.Ordinal);
        Assert.Contains(world.Lines, l => l.Contains("is not ready", StringComparison.Ordinal));
        await world.StoreAsync(ready: true);
        await world.WriteAsync(world.External, set);
    }

    [Fact]
    public async Task ExternalSecrets_VersionThatTheVaultDoesNotGive_FailsByItsName()
    {
        var (ns, id) = await engine.NamespaceAsync("sync-unread");
        var set = world.Set(ns, id, 1, "REDIS_URL");
        world.Azure.Store(world.Azure.Address.Host).Secrets[set.Pins["REDIS_URL"].VaultName][0].IsEnabled = false;
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() => world.WriteAsync(world.External, set, seconds: 3));
        Assert.Contains(set.Pins["REDIS_URL"].VaultName, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExternalSecrets_SecretThatSomebodyTookAway_IsAskedForAnew()
    {
        var (ns, id) = await engine.NamespaceAsync("sync-taken");
        var set = world.Set(ns, id, 1, "REDIS_URL");
        await world.WriteAsync(world.External, set);
        await engine.Cluster.KubectlAsync("delete", "secret", set.Name, "-n", ns);
        await world.WriteAsync(world.External, set);
        Assert.Contains(world.Lines, l => l.Contains("asked again", StringComparison.Ordinal));
        Assert.Equal("REDIS_URL-1", Encoding.UTF8.GetString((await world.SecretAsync(ns, set.Name)).Data["REDIS_URL"]));
    }

    [Theory]
    [InlineData(SecretDeliveryMode.Portal)]
    [InlineData(SecretDeliveryMode.ExternalSecrets)]
    [InlineData(SecretDeliveryMode.SecretsStoreCsi)]
    public async Task Coverage_KeyThatIsMissing_IsNamedBeforeHelmRuns(SecretDeliveryMode mode)
    {
        var (ns, id) = await engine.NamespaceAsync($"sync-cover-{(int)mode}");
        var settings = mode switch
        {
            SecretDeliveryMode.ExternalSecrets => world.External,
            SecretDeliveryMode.SecretsStoreCsi => world.Csi,
            _ => SecretDeliverySettings.Portal,
        };
        var set = world.Set(ns, id, 1, "REDIS_URL", "PORTKEY_CLIENT_AUTH");
        world.Operators.Forgets = "REDIS_URL";
        await world.WriteAsync(
            settings,
            mode == SecretDeliveryMode.Portal
                ? set with
                {
                    Pins = set.Pins.Where(p => p.Key != "REDIS_URL").ToDictionary(StringComparer.Ordinal),
                }
                : set
        );

        // The manifest takes a key that the set does not hold, or the operator left one out.
        var name =
            mode == SecretDeliveryMode.Portal
                ? SecretPins.ClusterSecretName(set.Release, set.Pins.Where(p => p.Key != "REDIS_URL").ToDictionary(StringComparer.Ordinal))
                : set.Name;

        await ClusterSecrets.CheckAsync(engine.Connection, settings, set, Taking(name, "PORTKEY_CLIENT_AUTH"), default);
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() =>
            ClusterSecrets.CheckAsync(engine.Connection, settings, set, Taking(name, "PORTKEY_CLIENT_AUTH", "REDIS_URL"), default)
        );
        Assert.Equal("secret-keys-missing", problem.Code);
        Assert.Contains(
            $"Secret {name} lacks REDIS_URL, which Deployment gateway takes from it",
            problem.Message,
            StringComparison.Ordinal
        );
        if (mode != SecretDeliveryMode.Portal)
        {
            var whole =
                $"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: gateway}}, spec: {{template: {{spec: {{containers: [{{name: g, envFrom: [{{secretRef: {{name: {name}}}}}]}}]}}}}}}}}";
            problem = await Assert.ThrowsAsync<ClusterRejectedException>(() =>
                ClusterSecrets.CheckAsync(engine.Connection, settings, set, whole, default)
            );
            Assert.Contains("lacks REDIS_URL", problem.Message, StringComparison.Ordinal);
        }

        problem = await Assert.ThrowsAsync<ClusterRejectedException>(() =>
            ClusterSecrets.CheckAsync(engine.Connection, settings, set, Taking($"{set.Release}-env-000000000000", "A"), default)
        );
        Assert.Contains("there is no Secret", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csi_NewVersion_IsANewSecret_AndTheOldOneGoesWithItsPodAndClass()
    {
        var (ns, id) = await RestrictedAsync("sync-csi");
        var one = world.Set(ns, id, 1, "REDIS_URL", "REGISTRY_PASSWORD");
        await world.WriteAsync(world.Csi, one);
        await world.WriteAsync(world.Csi, one);
        Assert.Equal("REDIS_URL-1", Encoding.UTF8.GetString((await world.SecretAsync(ns, one.Name)).Data["REDIS_URL"]));
        Assert.True((await world.SecretAsync(ns, one.Pull!.Name)).Immutable);

        var two = world.Set(ns, id, 2, "REDIS_URL", "REGISTRY_PASSWORD");
        await world.WriteAsync(world.Csi, two);
        Assert.Equal("REDIS_URL-1", Encoding.UTF8.GetString((await world.SecretAsync(ns, one.Name)).Data["REDIS_URL"]));
        var gone = await world.PruneAsync(world.Csi, two);
        Assert.Contains($"Deployment {one.Name}-sync", gone);
        Assert.Contains($"SecretProviderClass {one.Name}", gone);
        Assert.Contains($"Secret {one.Pull.Name}", gone);
        await Eventually.TrueAsync(async () => !(await world.NamesAsync(ns, "secret")).Contains(one.Name), "the old Secret goes");
        Assert.Equal([two.Name], await world.NamesAsync(ns, "secretproviderclasses.secrets-store.csi.x-k8s.io"));
        Assert.Equal([$"{two.Name}-sync"], await world.NamesAsync(ns, "deployment"));
        Assert.Contains(two.Name, await world.NamesAsync(ns, "secret"));
        Assert.Contains("portkey-secrets", await world.NamesAsync(ns, "serviceaccount"));
    }

    [Fact]
    public async Task Csi_VaultThatGivesNothing_FailsWithWhatToLookAt()
    {
        var (ns, id) = await engine.NamespaceAsync("sync-csi-none");
        var set = world.Set(ns, id, 1, "REDIS_URL");
        world.Azure.Store(world.Azure.Address.Host).Secrets[set.Pins["REDIS_URL"].VaultName][0].IsEnabled = false;
        var problem = await Assert.ThrowsAsync<ClusterRejectedException>(() => world.WriteAsync(world.Csi, set, seconds: 6));
        Assert.Equal("secret-delivery-failed", problem.Code);
        Assert.Contains($"system:serviceaccount:{ns}:portkey-secrets", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csi_SecretsOfATeamsVault_AreRefusedBeforeAnythingIsWritten()
    {
        var (ns, id) = await engine.NamespaceAsync("sync-csi-team");
        var set = world.Set(ns, id, 1, "REDIS_URL");
        var moved = set with
        {
            Pins = set.Pins.ToDictionary(
                p => p.Key,
                p => p.Value with { VaultName = "payments/" + p.Value.VaultName },
                StringComparer.Ordinal
            ),
        };
        Assert.Equal(
            "secret-delivery-vault",
            (await Assert.ThrowsAsync<ClusterRejectedException>(() => world.WriteAsync(world.Csi, moved))).Code
        );
        Assert.Empty(await world.NamesAsync(ns, "secretproviderclasses.secrets-store.csi.x-k8s.io"));
    }

    [Fact]
    public async Task Way_ThatChanges_KeepsTheSecretAndTakesAwayWhatBroughtItBefore()
    {
        var (ns, id) = await engine.NamespaceAsync("sync-change");
        var set = world.Set(ns, id, 1, "REDIS_URL", "REGISTRY_PASSWORD");
        SecretDeliverySettings[] ways =
        [
            SecretDeliverySettings.Portal,
            world.External,
            world.Csi with
            {
                Before = [SecretDeliveryMode.ExternalSecrets],
            },
            SecretDeliverySettings.Portal with
            {
                Before = [SecretDeliveryMode.ExternalSecrets, SecretDeliveryMode.SecretsStoreCsi],
            },
            world.Csi with
            {
                Before = [SecretDeliveryMode.ExternalSecrets],
            },
            world.External with
            {
                Before = [SecretDeliveryMode.SecretsStoreCsi],
            },
            SecretDeliverySettings.Portal with
            {
                Before = [SecretDeliveryMode.ExternalSecrets, SecretDeliveryMode.SecretsStoreCsi],
            },
        ];
        foreach (var way in ways)
        {
            await world.WriteAsync(way, set);
            await world.PruneAsync(way, set);
            foreach (var name in set.Names)
            {
                Assert.Contains(name, await world.NamesAsync(ns, "secret"));
            }

            Assert.Equal(
                way.Mode == SecretDeliveryMode.ExternalSecrets ? 2 : 0,
                (await world.NamesAsync(ns, "externalsecrets.external-secrets.io")).Count
            );
            Assert.Equal(
                way.Mode == SecretDeliveryMode.SecretsStoreCsi ? 1 : 0,
                (await world.NamesAsync(ns, "secretproviderclasses.secrets-store.csi.x-k8s.io")).Count
            );
            Assert.Equal(way.Mode == SecretDeliveryMode.SecretsStoreCsi ? 1 : 0, (await world.NamesAsync(ns, "deployment")).Count);
        }

        // Nothing that went took the Secret with it.
        await Task.Delay(1500);
        Assert.Equal("REDIS_URL-1", Encoding.UTF8.GetString((await world.SecretAsync(ns, set.Name)).Data["REDIS_URL"]));
    }

    [Theory]
    [InlineData(SecretDeliveryMode.Portal)]
    [InlineData(SecretDeliveryMode.ExternalSecrets)]
    public async Task Csi_WhenTheClusterLeavesIt_ItsSecretIsMadeAnew_AndStaysWhenItsPodGoes(SecretDeliveryMode next)
    {
        var (ns, id) = await engine.NamespaceAsync($"sync-leave-{(int)next}");
        var set = world.Set(ns, id, 1, "REDIS_URL");
        await world.WriteAsync(world.Csi, set);
        Assert.NotEmpty((await world.SecretAsync(ns, set.Name)).Metadata.OwnerReferences);

        var way = (next == SecretDeliveryMode.Portal ? SecretDeliverySettings.Portal : world.External) with
        {
            Before = [SecretDeliveryMode.SecretsStoreCsi],
        };
        await world.WriteAsync(way, set);
        Assert.Equal([$"SecretProviderClass {set.Name}", "ServiceAccount portkey-secrets"], await world.PruneAsync(way, set));
        await Task.Delay(1500);
        var secret = await world.SecretAsync(ns, set.Name);
        Assert.True(secret.Metadata.OwnerReferences is null or { Count: 0 });
        Assert.True(secret.Immutable);
    }

    [Fact]
    public async Task Namespace_ThatGoes_TakesEverythingOfEveryWay()
    {
        var (ns, id) = await engine.NamespaceAsync("sync-gone");
        var set = world.Set(ns, id, 1, "REDIS_URL");
        await world.WriteAsync(world.External, set);
        await world.WriteAsync(world.Csi, world.Set(ns, id, 2, "REDIS_URL"));
        await engine.Writer.DeleteNamespaceAsync(engine.Connection, ns, id, default);
        Assert.DoesNotContain(
            ns,
            await engine.Cluster.KubectlAsync(
                "get",
                "externalsecrets.external-secrets.io,secretproviderclasses.secrets-store.csi.x-k8s.io",
                "--all-namespaces"
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Preflight_LooksAtKindsStoreVaultAndRights()
    {
        var (ns, id) = await engine.NamespaceAsync("sync-preflight");
        var set = world.Set(ns, id, 1, "REDIS_URL");
        await IsAsync(CheckStatus.Passed, "reads " + world.Azure.Address.Host, world.External);
        await IsAsync(CheckStatus.Passed, "CSI driver is there", world.Csi);
        await IsAsync(CheckStatus.Passed, "all are given", world.External, "permissions");
        await IsAsync(CheckStatus.Passed, "all are given", world.Csi, "permissions");
        await IsAsync(
            CheckStatus.Failed,
            "There is no SecretStore portkey in namespace",
            world.External with
            {
                StoreKind = "SecretStore",
            }
        );
        await world.StoreAsync(ready: false);
        await IsAsync(CheckStatus.Failed, "not ready: InvalidProviderConfig: unable to create client", world.External);
        await world.StoreAsync(ready: true, "https://somebody-elses.vault.azure.net");
        await IsAsync(CheckStatus.Failed, "REDIS_URL is kept in another vault", world.External);

        await engine.Cluster.KubectlAsync("delete", "crd", "secretproviderclasses.secrets-store.csi.x-k8s.io");
        try
        {
            await IsAsync(CheckStatus.Failed, "does not serve SecretProviderClass", world.Csi);
            Assert.Equal(
                "secret-delivery-crds",
                (await Assert.ThrowsAsync<ClusterRejectedException>(() => world.WriteAsync(world.Csi, set))).Code
            );
        }
        finally
        {
            await DeliveryWorld.DefineAsync(engine, DeliveryDefinitions.SecretProviderClass);
        }

        async Task IsAsync(CheckStatus status, string says, SecretDeliverySettings settings, string check = "secret-delivery")
        {
            var options = Options.Create(new PreflightOptions());
            var result = await new PreflightRunner(new EmptyVault(), new OutboundGuard(options), options, world.Vaults).RunOneAsync(
                check,
                new PreflightSubject(new EnvironmentSpec(), "")
                {
                    Cluster = engine.Connection,
                    Namespace = ns,
                    EnvironmentId = id,
                    ReleaseName = EngineFixture.Release,
                    Zones = 1,
                    Pins = set.Pins,
                    Delivery = settings,
                },
                default
            );
            Assert.True(
                result!.Status == status && result.Message.Contains(says, StringComparison.Ordinal),
                $"{status} '{says}' was expected: {result}"
            );
        }
    }

    protected bool HasAuditLog => engine.Cluster.Plane is not null;

    /// <summary>Goes through both ways and compares what the audit log of a real API server says was used with what the chart
    /// gives.</summary>
    protected async Task UseEveryRightAsync()
    {
        var log = new AuditLog(engine.Cluster.Plane!.AuditLog, TestCluster.PortalUser);
        var (ns, id) = await engine.NamespaceAsync("sync-rights");
        foreach (var way in new[] { world.External, world.Csi })
        {
            await world.WriteAsync(way, world.Set(ns, id, 1, "REDIS_URL"));
            var two = world.Set(ns, id, 2, "REDIS_URL");
            await world.WriteAsync(way, two);
            await world.PruneAsync(way, two);
            foreach (var kind in new[] { "SecretStore", "ClusterSecretStore" })
            {
                var options = Options.Create(new PreflightOptions());
                await new PreflightRunner(new EmptyVault(), new OutboundGuard(options), options, world.Vaults).RunOneAsync(
                    "secret-delivery",
                    new PreflightSubject(new EnvironmentSpec(), "")
                    {
                        Cluster = engine.Connection,
                        Namespace = ns,
                        EnvironmentId = id,
                        ReleaseName = EngineFixture.Release,
                        Zones = 1,
                        Pins = two.Pins,
                        Delivery = way with { StoreKind = kind },
                    },
                    default
                );
            }
        }

        var granted = AuditLog.Granted(
            JsonNode.Parse(await engine.Cluster.KubectlAsync("get", "clusterrole", "secret-delivery-for-tests", "-o", "json"))!
        );
        var (used, missing) = await log.ReadAsync();
        Assert.Empty(missing);
        var synced = used.Where(r => r.Group is "external-secrets.io" or "secrets-store.csi.x-k8s.io").ToHashSet();
        Assert.True(
            synced.SetEquals(granted),
            $"used: {string.Join(", ", synced.Order(Comparer<Right>.Create((a, b) => string.CompareOrdinal(a.ToString(), b.ToString()))))}; given: {string.Join(", ", granted)}"
        );
    }

    private async Task<(string Namespace, Guid Environment)> RestrictedAsync(string name)
    {
        var (ns, id) = await engine.NamespaceAsync(name);
        var labels = EngineFixture.Labels(id);
        labels["pod-security.kubernetes.io/enforce"] = "restricted";
        await engine.Writer.EnsureNamespaceAsync(engine.Connection, ns, labels, default);
        return (ns, id);
    }

    private static string Taking(string secret, params string[] keys) =>
        $"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: gateway}}\nspec: {{template: {{spec: {{containers: [{{name: g, env: [{string.Join(", ", keys.Select(k => $"{{name: {k}, valueFrom: {{secretKeyRef: {{name: {secret}, key: {k}}}}}}}"))}]}}]}}}}}}\n";

    private sealed class EmptyVault : ISecretVault
    {
        public string NameFor(string team, string name) => name;

        public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken) =>
            Task.FromResult(new SecretValue("value"));

        public Task DisableAsync(string name, string version, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

[Collection<OnSandbox>]
public sealed class SandboxSecretDeliveryTests(SandboxEngine engine) : SecretDeliveryTests(engine);

[Collection<OnRealServer>]
public sealed class RealSecretDeliveryTests(RealEngine engine) : SecretDeliveryTests(engine)
{
    [Fact]
    public async Task Ways_ThroughWholeLives_UseEveryRightThatTheChartGivesThem()
    {
        Assert.SkipUnless(HasAuditLog, "The audit log of a cluster that was given cannot be read.");
        await UseEveryRightAsync();
    }
}
