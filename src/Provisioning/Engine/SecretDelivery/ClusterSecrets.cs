using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>
/// Gets secrets into a cluster by the delivery chosen for it. With any delivery, the Secret has the name that its versions give it, so
/// that the chart's values do not depend on it. Every call may be made again.
/// </summary>
public sealed class ClusterSecrets : ISecretDelivery
{
    private readonly ClusterWriter writer;
    private readonly VaultAddresses vaults;
    private readonly ExternalSecretsDelivery external;
    private readonly CsiDelivery csi;

    /// <summary>Makes it.</summary>
    public ClusterSecrets(ClusterWriter writer, VaultAddresses vaults)
        : this(writer, vaults, TimeSpan.FromMinutes(2)) { }

    /// <summary>Makes it with another limit on how long the cluster may take over a Secret.</summary>
    public ClusterSecrets(ClusterWriter writer, VaultAddresses vaults, TimeSpan patience) =>
        (this.writer, this.vaults, external, csi) = (writer, vaults, new(patience), new(patience));

    /// <summary>Returns once every Secret of the set is there.</summary>
    /// <param name="connection">Cluster.</param>
    /// <param name="settings">Way.</param>
    /// <param name="set">Secrets.</param>
    /// <param name="log">Takes a line for people.</param>
    /// <param name="fence">Asked before each write.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ClusterException">It could not be done; says what to do.</exception>
    public async Task WriteAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        SecretSet set,
        Action<string, Severity> log,
        Func<CancellationToken, Task> fence,
        CancellationToken cancellationToken
    )
    {
        var job = new DeliveryJob(connection, settings, set, log, fence);
        if (settings.Mode != SecretDeliveryMode.SecretsStoreCsi && settings.HasSeen(SecretDeliveryMode.SecretsStoreCsi))
        {
            await csi.TakeOverAsync(job, cancellationToken);
        }

        if (
            settings.Mode == SecretDeliveryMode.SecretsStoreCsi
            && set.Environment.Count > 0
            && vaults.Elsewhere(set.Environment, new Uri(settings.Vault!)) is { Count: > 0 } elsewhere
        )
        {
            throw new ClusterRejectedException(
                "secret-delivery-vault",
                $"{string.Join(", ", elsewhere)} is not in {settings.Vault}, the only vault that cluster '{connection.Name}' reads. Have an administrator choose another way for this cluster."
            );
        }

        if (set.Pull is { } pull)
        {
            if (settings.Mode == SecretDeliveryMode.ExternalSecrets)
            {
                await external.WriteAsync(job, ExternalSecretObjects.OfPull(set, settings, pull), cancellationToken);
            }
            else
            {
                // The CSI driver copies what is in the vault, and there is a password, not Docker's configuration.
                await WriteAsync(
                    job,
                    pull.Name,
                    () =>
                        writer.WritePullSecretAsync(
                            connection,
                            set.Namespace,
                            pull.Name,
                            pull.Server,
                            pull.User,
                            set.Password,
                            set.Labels,
                            cancellationToken
                        ),
                    cancellationToken
                );
            }

            log(
                $"Secret {pull.Name} holds the credentials for {pull.Server}: {SettingKeys.RegistryPassword} v{set.Pins[SettingKeys.RegistryPassword].Number}.",
                Severity.Info
            );
        }

        if (set.Environment.Count == 0)
        {
            return;
        }

        switch (settings.Mode)
        {
            case SecretDeliveryMode.ExternalSecrets:
                await external.WriteAsync(job, ExternalSecretObjects.OfEnvironment(set, settings), cancellationToken);
                break;
            case SecretDeliveryMode.SecretsStoreCsi:
                await csi.WriteAsync(job, cancellationToken);
                break;
            default:
                await WriteAsync(
                    job,
                    set.Name,
                    () =>
                        writer.WriteSecretAsync(connection, set.Namespace, set.Name, set.EnvironmentValues, set.Labels, cancellationToken),
                    cancellationToken
                );
                break;
        }

        log($"Secret {set.Name} holds {set.EnumNames}{By(settings.Mode)}.", Severity.Info);
    }

    /// <summary>Compares what manifests take from the portal's Secrets with what these have; keys alone, never values.</summary>
    /// <exception cref="ClusterRejectedException">Some key is missing; all are named.</exception>
    public static Task CheckAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        SecretSet set,
        string manifest,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(settings);
        return SecretCoverage.CheckAsync(connection, settings, set, manifest, cancellationToken);
    }

    Task ISecretDelivery.CheckAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        SecretSet set,
        string manifest,
        CancellationToken cancellationToken
    ) => CheckAsync(connection, settings, set, manifest, cancellationToken);

    /// <summary>Removes Secrets of other sets, and what created them. Returns what was removed.</summary>
    public async Task<IReadOnlyList<string>> PruneAsync(
        ClusterConnection connection,
        SecretDeliverySettings settings,
        string ns,
        IReadOnlyCollection<string> keepNames,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(settings);
        var removed = new List<string>();
        if (settings.HasSeen(SecretDeliveryMode.ExternalSecrets))
        {
            await PruneAsync(ExternalSecretsDelivery.PruneAsync, SecretDeliveryMode.ExternalSecrets);
        }

        if (settings.HasSeen(SecretDeliveryMode.SecretsStoreCsi))
        {
            await PruneAsync(CsiDelivery.PruneAsync, SecretDeliveryMode.SecretsStoreCsi);
        }

        removed.AddRange((await writer.PruneSecretsAsync(connection, ns, keepNames, cancellationToken)).Select(n => $"Secret {n}"));
        return removed;

        async Task PruneAsync(
            Func<ClusterConnection, string, IReadOnlyCollection<string>, CancellationToken, Task<IReadOnlyList<string>>> prune,
            SecretDeliveryMode way
        )
        {
            try
            {
                removed.AddRange(await prune(connection, ns, settings.Mode == way ? keepNames : [], cancellationToken));
            }
            catch (ClusterForbiddenException) when (settings.Mode != way)
            {
                // The rights for an earlier delivery were revoked; what is left of it is for whoever revoked them.
            }
        }
    }

    private static async Task WriteAsync(DeliveryJob job, string name, Func<Task> write, CancellationToken cancellationToken)
    {
        await job.Fence(cancellationToken);
        try
        {
            await write();
        }
        catch (ClusterException problem)
            when (problem is ClusterRejectedException or ClusterConflictException
                && job.Settings.HasSeen(SecretDeliveryMode.ExternalSecrets)
            )
        {
            // Made earlier by External Secrets from these very versions, and immutable: the same credentials in another form.
            if (await job.KeysAsync(name, cancellationToken) is null)
            {
                throw;
            }

            job.Log(
                $"Secret {name} already exists with these versions, made by External Secrets; it is replaced with the next rotation.",
                Severity.Info
            );
        }
    }

    private static string By(SecretDeliveryMode mode) =>
        mode switch
        {
            SecretDeliveryMode.ExternalSecrets => ", by External Secrets",
            SecretDeliveryMode.SecretsStoreCsi => ", by the CSI driver",
            _ => "",
        };
}

/// <summary>What the deliveries share about one write.</summary>
internal sealed record DeliveryJob(
    ClusterConnection Connection,
    SecretDeliverySettings Settings,
    SecretSet Set,
    Action<string, Severity> Log,
    Func<CancellationToken, Task> Fence
)
{
    public string Namespace => Set.Namespace;

    public Task<SecretKeys?> KeysAsync(string name, CancellationToken cancellationToken) =>
        SecretKeys.ReadAsync(Connection, Namespace, name, cancellationToken);
}
