using Portkey.Portal.Provisioning.Clusters.Kubernetes;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>The cluster knows every kind that is rendered, and all of it stays in the environment's namespace.</summary>
internal sealed class KindsCheck : IPreflightCheck
{
    private const int Shown = 5;

    public string Id => "kinds";

    public string Title => "Everything stays in the namespace";

    public LookedFrom From => LookedFrom.ClusterApi;

    public bool AppliesTo(PreflightSubject subject) => true;

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var wrong = await NamespacedKinds.WrongAsync(subject.Cluster, subject.Namespace, subject.Objects, cancellationToken);
        return wrong.Count == 0
            ? Verdict.Pass($"{subject.Objects.Count} objects, all of kinds that {subject.Cluster.Name} keeps in namespaces.")
            : Verdict.Fail(
                $"{string.Join(" ", wrong.Take(Shown))}{(wrong.Count > Shown ? $" And {wrong.Count - Shown} more." : "")}",
                "Use a chart whose objects all belong to the environment's namespace, or have the missing kind installed in the cluster.",
                "outside-namespace"
            );
    }
}
