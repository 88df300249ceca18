using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>PodDisruptionBudget: counts healthy pods and how many may go.</summary>
internal sealed class PdbController(Workload work) : IController
{
    public IEnumerable<ObjectName> Affected(WatchEvent change) =>
        change.Type == ResourceTypes.PodDisruptionBudgets ? [new ObjectName(change.Namespace, change.Name)]
        : change.Type == ResourceTypes.Pods
            ? work
                .Store.PeekAll(ResourceTypes.PodDisruptionBudgets, change.Namespace)
                .Items.Where(budget => LabelSelector.FromSpec(budget.Dig("spec", "selector")).Matches(change.Object))
                .Select(budget => new ObjectName(budget.Namespace(), budget.Name()))
        : [];

    public TimeSpan? Reconcile(ObjectName name)
    {
        if (work.Store.Peek(ResourceTypes.PodDisruptionBudgets, name.Namespace, name.Name) is not { } budget)
        {
            return null;
        }

        var selector = LabelSelector.FromSpec(budget.Dig("spec", "selector"));
        var pods = work.Store.PeekAll(ResourceTypes.Pods, name.Namespace, selector).Items.FindAll(PodState.IsActive);
        var expected = Expected(pods);
        var healthy = pods.Count(PodState.IsReady);
        var desired = budget.Dig("spec", "maxUnavailable") is not null
            ? Math.Max(0, expected - Share(budget, "maxUnavailable", expected))
            : Share(budget, "minAvailable", expected);
        var allowed = Math.Max(0, healthy - desired);
        work.WriteStatus(
            ResourceTypes.PodDisruptionBudgets,
            budget,
            status =>
            {
                status["expectedPods"] = expected;
                status["currentHealthy"] = healthy;
                status["desiredHealthy"] = desired;
                status["disruptionsAllowed"] = allowed;
                status["observedGeneration"] = budget.Generation();
                Conditions.Set(status, "DisruptionAllowed", allowed > 0, allowed > 0 ? "SufficientPods" : "InsufficientPods", "", work.Now);
            }
        );
        return null;
    }

    // What the pods' owners want, so that a missing pod counts as disrupted already.
    private int Expected(List<JsonObject> pods) =>
        pods.GroupBy(pod => Owners.Controller(pod).Text("uid"))
            .Sum(group =>
                Owners.Controller(group.First()) is { } owner
                && ResourceTypes.OfKind(owner.Text("apiVersion") ?? "", owner.Text("kind") ?? "") is { HasScale: true } type
                && work.Store.Peek(type, group.First().Namespace(), owner.Text("name") ?? "") is { } found
                    ? Workload.Replicas(found)
                    : group.Count()
            );

    private static int Share(JsonObject budget, string field, int expected) =>
        budget.Int("spec", field)
        ?? (
            budget.Text("spec", field) is { } text && int.TryParse(text.TrimEnd('%'), out var percent)
                ? (int)Math.Ceiling(percent * expected / 100.0)
            : field == "minAvailable" ? 1
            : 0
        );
}
