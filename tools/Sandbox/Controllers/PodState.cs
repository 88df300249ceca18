using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Questions that several controllers ask about a pod.</summary>
internal static class PodState
{
    public static string Phase(JsonObject pod) => pod.Text("status", "phase") ?? "Pending";

    public static bool IsFinished(JsonObject pod) => Phase(pod) is "Succeeded" or "Failed";

    public static bool IsActive(JsonObject pod) => !pod.IsDeleting() && !IsFinished(pod);

    public static JsonObject? Condition(JsonObject item, string type) =>
        item.Items("status", "conditions").FirstOrDefault(condition => condition.Text("type") == type);

    public static bool IsReady(JsonObject pod) => Condition(pod, "Ready").Text("status") == "True";

    /// <summary>Whether it has been ready long enough; otherwise when it will be, if it is ready at all.</summary>
    public static bool IsAvailable(JsonObject pod, int minReadySeconds, DateTimeOffset now, ref TimeSpan? again)
    {
        if (!IsReady(pod))
        {
            return false;
        }

        var missing = (Condition(pod, "Ready").Time("lastTransitionTime") ?? now).AddSeconds(minReadySeconds) - now;
        if (minReadySeconds <= 0 || missing <= TimeSpan.Zero)
        {
            return true;
        }

        again = again < missing ? again : missing;
        return false;
    }
}
