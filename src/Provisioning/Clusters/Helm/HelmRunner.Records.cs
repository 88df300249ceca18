using System.Globalization;
using k8s;
using k8s.Autorest;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

public sealed partial class HelmRunner
{
    /// <summary>
    /// All revisions that Helm keeps, read from the labels that it puts on its release Secrets (owner=helm, name, status, version): cheaper
    /// than starting Helm, and their contents are left alone.
    /// </summary>
    /// <exception cref="ClusterException">The cluster did not answer or refused.</exception>
    public async Task<IReadOnlyList<HelmRevision>> RevisionsAsync(
        ClusterConnection connection,
        string release,
        string ns,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var secrets = await connection.Client.CoreV1.ListNamespacedSecretAsync(
                ns,
                labelSelector: $"owner=helm,name={release}",
                cancellationToken: cancellationToken
            );
            return
            [
                .. secrets.Items.Select(s => new HelmRevision(
                    int.TryParse(
                        s.Metadata.Labels.TryGetValue("version", out var v) ? v : "",
                        NumberStyles.None,
                        CultureInfo.InvariantCulture,
                        out var n
                    )
                        ? n
                        : 0,
                    s.Metadata.Labels.TryGetValue("status", out var status) ? status : ""
                )),
            ];
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException)
        {
            throw new ClusterUnreachableException($"The releases of {ns} could not be read: {e.Message}", e);
        }
    }

    /// <summary>What Helm itself has recorded as applied in one revision.</summary>
    /// <exception cref="ClusterException">The cluster did not answer, or there is no such record.</exception>
    public Task<string> ManifestAsync(
        ClusterConnection connection,
        string release,
        string ns,
        int revision,
        CancellationToken cancellationToken
    ) => ReleaseRecord.ManifestAsync(connection, release, ns, revision, cancellationToken);
}
