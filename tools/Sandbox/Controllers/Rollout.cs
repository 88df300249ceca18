using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>A ReplicaSet with its pods counted from the pods themselves, never from a status that may lag.</summary>
internal sealed record CountedSet(JsonObject Set, int Wanted, int Pods, int Ready, int Available)
{
    public static CountedSet Of(JsonObject set, Workload work, int minReadySeconds, ref TimeSpan? again)
    {
        var pods = Owners.Owned(work.Store, Storage.ResourceTypes.Pods, set).FindAll(PodState.IsActive);
        var available = 0;
        foreach (var pod in pods)
        {
            available += PodState.IsAvailable(pod, minReadySeconds, work.Now, ref again) ? 1 : 0;
        }

        return new CountedSet(set, Workload.Replicas(set), pods.Count, pods.Count(PodState.IsReady), available);
    }
}

/// <summary>A Deployment and its revisions as they are now.</summary>
internal sealed record Rollout(JsonObject Deployment, CountedSet? New, IReadOnlyList<CountedSet> Old)
{
    public IEnumerable<CountedSet> All => New is null ? Old : Old.Append(New);

    public int Desired => Workload.Replicas(Deployment);

    public int TotalWanted => All.Sum(set => set.Wanted);

    public int MaxSurge => Share("maxSurge", roundUp: true);

    public int MaxUnavailable
    {
        get
        {
            if (Deployment.Text("spec", "strategy", "type") == "Recreate")
            {
                return Desired;
            }

            var stated = Math.Min(Share("maxUnavailable", roundUp: false), Desired);
            return stated == 0 && MaxSurge == 0 ? 1 : stated; // both zero could never move
        }
    }

    public bool Complete =>
        New is { } current && current.Pods == Desired && All.Sum(set => set.Pods) == Desired && current.Available >= Desired;

    // A count, or a percentage of the wanted replicas.
    private int Share(string field, bool roundUp)
    {
        if (Deployment.Text("spec", "strategy", "type") == "Recreate")
        {
            return 0;
        }

        if (Deployment.Int("spec", "strategy", "rollingUpdate", field) is { } count)
        {
            return Math.Max(0, count);
        }

        var text = Deployment.Text("spec", "strategy", "rollingUpdate", field) ?? "25%";
        if (!int.TryParse(text.TrimEnd('%'), out var number))
        {
            return 0;
        }

        var share = text.EndsWith('%') ? number * Desired / 100.0 : number;
        return Math.Max(0, (int)(roundUp ? Math.Ceiling(share) : Math.Floor(share)));
    }
}
