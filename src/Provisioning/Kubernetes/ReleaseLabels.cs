using System.Globalization;
using k8s;
using k8s.Autorest;

namespace Portkey.Portal.Provisioning.Kubernetes;

/// <summary>One revision of a Helm release.</summary>
/// <param name="Revision">Helm's number.</param>
/// <param name="Status">Helm's word, such as <c>deployed</c>.</param>
public sealed record HelmReleaseLabel(int Revision, string Status);

/// <summary>Reads the labels that Helm puts on its release Secrets (owner=helm, name, status, version). The data of these Secrets is never looked at.</summary>
public sealed class ReleaseLabels
{
    /// <summary>All revisions that Helm keeps.</summary>
    /// <exception cref="ClusterException">The cluster did not answer or refused.</exception>
    public async Task<IReadOnlyList<HelmReleaseLabel>> ListAsync(ClusterConnection connection, string ns, string release, CancellationToken cancellationToken)
    {
        try
        {
            var secrets = await connection.Client.CoreV1.ListNamespacedSecretAsync(ns, labelSelector: $"owner=helm,name={release}", cancellationToken: cancellationToken);
            return [.. secrets.Items.Select(s => new HelmReleaseLabel(
                int.TryParse(s.Metadata.Labels.TryGetValue("version", out var v) ? v : "", NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0,
                s.Metadata.Labels.TryGetValue("status", out var status) ? status : ""))];
        }
        catch (Exception e) when (e is HttpOperationException or HttpRequestException)
        {
            throw new ClusterUnreachableException($"The releases of {ns} could not be read: {e.Message}", e);
        }
    }
}
