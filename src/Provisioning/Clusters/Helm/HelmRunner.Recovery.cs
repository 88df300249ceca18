using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

public sealed partial class HelmRunner
{
    /// <summary>
    /// Brings a release that a killed Helm left locked back to where <see cref="UpgradeInstallAsync"/> works. Does nothing to one that is
    /// not locked. True when it did something. Only for the holder of the environment's fence: it assumes that the lock is stale.
    /// </summary>
    public async Task<bool> RecoverPendingAsync(
        ClusterConnection connection,
        string release,
        string ns,
        Func<string, Task> log,
        CancellationToken cancellationToken,
        HelmClock? clock = null
    )
    {
        HelmNames.Check(release, ns);

        // The lock may belong to a Helm that outlived its portal: stop it first, it may still record its own end.
        await process.EndOrphanAsync(Key(connection, release, ns), cancellationToken);
        if (await StatusAsync(connection, release, ns, cancellationToken, clock) is not { IsPending: true } status)
        {
            return false;
        }

        if (status.State == "uninstalling")
        {
            await log($"Revision {status.Revision} was being removed when Helm was stopped; removing it again.");
            await UninstallAsync(connection, release, ns, cancellationToken, clock);
            return true;
        }

        var history = await HistoryAsync(connection, release, ns, cancellationToken, clock);
        if (history.LastOrDefault(e => e.Revision < status.Revision && e.State is "deployed" or "superseded") is { } good)
        {
            await log(
                $"Helm was interrupted ({status.State}, revision {status.Revision}); going back to revision {good.Revision} to free the release."
            );
            await RollbackAsync(connection, release, ns, good.Revision, cancellationToken, clock);
            return true;
        }

        // No good revision to go back to: without its record, the next install adopts the objects, since they carry the release's name.
        await log(
            $"Helm was interrupted ({status.State}, revision {status.Revision}) before any revision was good; dropping its record to free the release."
        );
        await connection.DeleteAsync($"/api/v1/namespaces/{ns}/secrets/sh.helm.release.v1.{release}.v{status.Revision}", cancellationToken);
        return true;
    }
}
