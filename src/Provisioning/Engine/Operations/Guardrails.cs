using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>What the portal itself puts around a gateway: the same when a revision is applied and when it is restored.</summary>
internal sealed class Guardrails(IClusterWriter writer)
{
    /// <summary>Applies those of a revision, and removes those that it does not have.</summary>
    /// <param name="context">Attempt.</param>
    /// <param name="manifestYaml">The revision's manifests.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ApplyAsync(OperationContext context, string manifestYaml, CancellationToken cancellationToken)
    {
        var manifest = Manifests.GuardrailsOf(manifestYaml);
        await writer.ApplyManifestsAsync(context.Cluster, context.Namespace, manifest, cancellationToken);
        context.Log.Write($"Applied {string.Join(", ", ManifestDiff.Objects(manifest).Select(o => $"{o.Kind} {o.Name}"))}.");
        if (context.Revision is { Number: 1 })
        {
            return; // no earlier revision could have left something
        }

        var gone = await writer.PruneGuardrailsAsync(context.Cluster, context.Namespace, context.ReleaseName, manifest, cancellationToken);
        if (gone.Count > 0)
        {
            context.Log.Write($"Removed {string.Join(", ", gone)}, which this revision does not have.");
        }
    }
}
