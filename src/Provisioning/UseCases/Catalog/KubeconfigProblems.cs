using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>Turns what is wrong with a kubeconfig into problems of the field it came in.</summary>
internal static class KubeconfigProblems
{
    /// <exception cref="InvalidInputException">With all that is wrong at once.</exception>
    public static async Task<ProbedCluster> AskAsync(Func<Task<ProbedCluster>> probe, string failed)
    {
        try
        {
            return await probe();
        }
        catch (KubeconfigRefusedException e)
        {
            throw new InvalidInputException([
                .. e.Problems.Select((p, i) => new FieldProblem("kubeconfig", i == 0 ? $"{failed}: {p}" : p)),
            ]);
        }
        catch (ClusterException e)
        {
            throw new InvalidInputException("kubeconfig", $"{failed}: {e.Message}");
        }
    }
}
