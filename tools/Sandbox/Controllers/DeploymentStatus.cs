using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Counters and conditions of a Deployment: what `kubectl rollout status` and Helm wait for.</summary>
internal static class DeploymentStatus
{
    public static void Write(Rollout rollout, Workload work, ref TimeSpan? again)
    {
        var deployment = rollout.Deployment;
        var now = work.Now;
        var deadline = deployment.Int("spec", "progressDeadlineSeconds") ?? 600;
        TimeSpan? due = null;
        work.WriteStatus(
            ResourceTypes.Deployments,
            deployment,
            status =>
            {
                var progressed = Count(status, rollout);
                status["observedGeneration"] = deployment.Generation();
                Available(status, rollout, now);
                Failure(status, rollout, now);
                due = Progress(status, rollout, progressed, deadline, now);
            }
        );
        again = due is { } wait && (again is null || wait < again) ? wait : again;
    }

    private static bool Count(JsonObject status, Rollout rollout)
    {
        var counts = new (string Name, int Value)[]
        {
            ("replicas", rollout.All.Sum(set => set.Pods)),
            ("updatedReplicas", rollout.New?.Pods ?? 0),
            ("readyReplicas", rollout.All.Sum(set => set.Ready)),
            ("availableReplicas", rollout.All.Sum(set => set.Available)),
            (
                "unavailableReplicas",
                Math.Max(0, rollout.All.Sum(set => Math.Max(set.Wanted, set.Pods)) - rollout.All.Sum(set => set.Available))
            ),
        };
        var progressed =
            counts.Take(4).Any(count => count.Value > (status.Int(count.Name) ?? 0)) || counts[0].Value < (status.Int("replicas") ?? 0);
        foreach (var (name, value) in counts)
        {
            // As an API server shows it: a zero counter is left out.
            if (value == 0)
            {
                status.Remove(name);
            }
            else
            {
                status[name] = value;
            }
        }

        return progressed;
    }

    private static void Available(JsonObject status, Rollout rollout, DateTimeOffset now)
    {
        var enough = rollout.All.Sum(set => set.Available) >= rollout.Desired - rollout.MaxUnavailable;
        Conditions.Set(
            status,
            "Available",
            enough,
            enough ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            enough ? "Deployment has minimum availability." : "Deployment does not have minimum availability.",
            now,
            updates: true
        );
    }

    private static void Failure(JsonObject status, Rollout rollout, DateTimeOffset now)
    {
        var failed = rollout
            .All.Select(set => PodState.Condition(set.Set, "ReplicaFailure"))
            .LastOrDefault(condition => condition is not null);
        if (failed is null)
        {
            Conditions.Remove(status, "ReplicaFailure");
        }
        else
        {
            Conditions.Set(status, "ReplicaFailure", true, failed.Text("reason") ?? "", failed.Text("message") ?? "", now, updates: true);
        }
    }

    /// <summary>Answers when the progress deadline has to be looked at.</summary>
    private static TimeSpan? Progress(JsonObject status, Rollout rollout, bool progressed, int deadline, DateTimeOffset now)
    {
        if (rollout.Deployment.IsTrue("spec", "paused"))
        {
            return null;
        }

        var known = status.Items("conditions").FirstOrDefault(condition => condition.Text("type") == "Progressing");
        var who = rollout.New is { } current ? $"ReplicaSet \"{current.Set.Name()}\"" : $"Deployment \"{rollout.Deployment.Name()}\"";
        if (rollout.Complete)
        {
            Conditions.Set(
                status,
                "Progressing",
                true,
                "NewReplicaSetAvailable",
                $"{who} has successfully progressed.",
                now,
                updates: true
            );
            return null;
        }

        if (
            known.Text("reason") == "NewReplicaSetAvailable"
            && rollout.New?.Pods == rollout.All.Sum(set => set.Pods)
            && rollout.New?.Wanted == rollout.Desired
        )
        {
            return null; // a pod that fails after the rollout is not a rollout
        }

        if (known is null || progressed || known.Text("reason") == "NewReplicaSetAvailable")
        {
            var reason = known is null ? "NewReplicaSetCreated" : "ReplicaSetUpdated";
            Conditions.Set(
                status,
                "Progressing",
                true,
                reason,
                known is null ? $"Created new replica set \"{rollout.New?.Set.Name()}\"" : $"{who} is progressing.",
                now,
                updates: true
            );
            status.Items("conditions").First(condition => condition.Text("type") == "Progressing")["lastUpdateTime"] = now.Stamp();
            return TimeSpan.FromSeconds(deadline);
        }

        if (known.Text("status") == "False")
        {
            return null;
        }

        var left = (known.Time("lastUpdateTime") ?? now).AddSeconds(deadline) - now;
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        Conditions.Set(status, "Progressing", false, "ProgressDeadlineExceeded", $"{who} has timed out progressing.", now, updates: true);
        return null;
    }
}
