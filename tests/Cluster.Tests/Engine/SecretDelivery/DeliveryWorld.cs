using System.Text.Json;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Cluster.Tests.Engine.Delivery;

/// <summary>A Key Vault, the operators' kinds and stand-in in a cluster, and the rights for them.</summary>
public sealed class DeliveryWorld : IAsyncDisposable
{
    public const string Id = "11111111-2222-4333-8444-555555555555";

    private readonly Kubernetes admin;

    private DeliveryWorld(EngineFixture engine, KeyVaultServer azure)
    {
        (Engine, Azure) = (engine, azure);
        admin = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(engine.Cluster.AdminKubeconfig));
        Operators = new DeliveryStandIn(engine.Cluster.AdminKubeconfig, Read);
        Vaults = new VaultAddresses(Options.Create(new VaultOptions { Kind = "azure", Address = azure.Address.ToString() }));
    }

    public EngineFixture Engine { get; }

    public KeyVaultServer Azure { get; }

    public DeliveryStandIn Operators { get; }

    public VaultAddresses Vaults { get; }

    public List<string> Lines { get; } = [];

    public SecretDeliverySettings External { get; } =
        new()
        {
            Mode = SecretDeliveryMode.ExternalSecrets,
            StoreKind = "ClusterSecretStore",
            StoreName = "portkey",
            RefreshInterval = "1h",
        };

    public SecretDeliverySettings Csi =>
        new()
        {
            Mode = SecretDeliveryMode.SecretsStoreCsi,
            Vault = Azure.Address.ToString(),
            TenantId = Id,
            ClientId = Id,
        };

    public static async Task<DeliveryWorld> StartAsync(EngineFixture engine)
    {
        await DefineAsync(engine, DeliveryDefinitions.All);
        await engine.GiveRightsAsync(
            "secret-delivery",
            "secretDelivery: {externalSecrets: true, csi: true}",
            "  # Secrets by External Secrets"
        );
        var world = new DeliveryWorld(engine, await KeyVaultServer.StartAsync());
        await world.StoreAsync(ready: true);
        return world;
    }

    public static async Task DefineAsync(EngineFixture engine, string definitions)
    {
        await engine.Cluster.ApplyAsync(definitions);
        await engine.Cluster.KubectlAsync(
            "wait",
            "--for=condition=Established",
            "--timeout=30s",
            "crd",
            "secretproviderclasses.secrets-store.csi.x-k8s.io",
            "externalsecrets.external-secrets.io"
        );
    }

    /// <summary>The cluster's store, as its operator reports on it.</summary>
    public async Task StoreAsync(bool ready, string? vault = null)
    {
        await Engine.Cluster.ApplyAsync(
            $"{{apiVersion: external-secrets.io/v1, kind: ClusterSecretStore, metadata: {{name: portkey}}, spec: {{provider: {{azurekv: {{vaultUrl: \"{vault ?? Azure.Address.ToString()}\"}}}}}}}}"
        );
        var condition = new
        {
            type = "Ready",
            status = ready ? "True" : "False",
            reason = ready ? "Valid" : "InvalidProviderConfig",
            message = ready ? "store validated" : "unable to create client",
        };
        var status = JsonSerializer.Serialize(new { status = new { conditions = new[] { condition } } });
        await admin.CustomObjects.PatchClusterCustomObjectStatusAsync(
            new V1Patch(status, V1Patch.PatchType.MergePatch),
            "external-secrets.io",
            "v1",
            "clustersecretstores",
            "portkey"
        );
    }

    /// <summary>A set of secrets, in the vault: a value is <c>KEY-N</c> of its version, and its version id begins with the
    /// number.</summary>
    public SecretSet Set(string ns, Guid environment, int number, params string[] keys)
    {
        var pins = new Dictionary<string, SecretPin>(StringComparer.Ordinal);
        foreach (var key in keys)
        {
            var (name, version) = ($"env-{environment:N}-{key.ToLowerInvariant().Replace('_', '-')}", $"{number}{environment:N}");
            var store = Azure.Store(Azure.Address.Host);
            lock (store.Gate)
            {
                var versions = store.Secrets;
                (versions.TryGetValue(name, out var known) ? known : versions[name] = []).Add(
                    new KeyVaultVersion { Id = version, Value = $"{key}-{number}" }
                );
            }

            pins[key] = new SecretPin(name, number, version);
        }

        var pull = pins.TryGetValue("REGISTRY_PASSWORD", out var password)
            ? new PullSecret($"{EngineFixture.Release}-pull-{password.VaultVersion[..6]}", "registry.example.com", "portkey")
            : null;
        return new SecretSet(
            ns,
            EngineFixture.Release,
            pins,
            pull,
            keys.ToDictionary(k => k, k => new SecretValue($"{k}-{number}"), StringComparer.Ordinal),
            EngineFixture.Labels(environment)
        );
    }

    public async Task WriteAsync(SecretDeliverySettings settings, SecretSet set, int seconds = 30)
    {
        try
        {
            await new ClusterSecrets(Engine.Writer, Vaults, TimeSpan.FromSeconds(seconds)).WriteAsync(
                Engine.Connection,
                settings,
                set,
                (line, _) => Lines.Add(line),
                _ => Task.CompletedTask,
                default
            );
        }
        catch (ClusterRejectedException e) when (Operators.LastError.Length > 0)
        {
            throw new InvalidOperationException($"The stand-in broke: {Operators.LastError}", e);
        }
    }

    public Task<IReadOnlyList<string>> PruneAsync(SecretDeliverySettings settings, SecretSet keep) =>
        new ClusterSecrets(Engine.Writer, Vaults).PruneAsync(Engine.Connection, settings, keep.Namespace, [.. keep.Names], default);

    public async Task<V1Secret> SecretAsync(string ns, string name) => await admin.CoreV1.ReadNamespacedSecretAsync(name, ns);

    /// <summary>Names of a kind in a namespace.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(string ns, string kind) =>
        [
            .. (await Engine.Cluster.KubectlAsync("get", kind, "-n", ns, "-o", "name"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(n => n[(n.IndexOf('/') + 1)..])
                .Order(StringComparer.Ordinal),
        ];

    public async ValueTask DisposeAsync()
    {
        await Operators.DisposeAsync();
        await Azure.DisposeAsync();
        admin.Dispose();
    }

    private string? Read(string name, string version)
    {
        var store = Azure.Store(Azure.Address.Host);
        lock (store.Gate)
        {
            return store.Secrets.GetValueOrDefault(name)?.Find(v => v.Id == version && v.IsEnabled)?.Value;
        }
    }
}
