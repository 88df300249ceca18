using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Writes a condition into a status and keeps the time of its last change.</summary>
internal static class Conditions
{
    public static void Set(
        JsonObject status,
        string type,
        bool holds,
        string reason,
        string message,
        DateTimeOffset now,
        bool updates = false
    )
    {
        if (status["conditions"] is not JsonArray conditions)
        {
            status["conditions"] = conditions = [];
        }

        var value = holds ? "True" : "False";
        var condition = conditions.OfType<JsonObject>().FirstOrDefault(item => item.Text("type") == type);
        if (condition is null)
        {
            conditions.Add(condition = new JsonObject { ["type"] = type });
        }

        if (condition.Text("status") != value)
        {
            condition["status"] = value;
            condition["lastTransitionTime"] = now.Stamp();
        }

        // Only Deployments have this second time.
        if (
            updates
            && (condition.Text("reason") != reason || condition.Text("message") != message || condition.Text("lastUpdateTime") is null)
        )
        {
            condition["lastUpdateTime"] = now.Stamp();
        }

        condition["reason"] = reason;
        condition["message"] = message;
    }

    public static void Remove(JsonObject status, string type)
    {
        if (
            status["conditions"] is JsonArray conditions
            && conditions.OfType<JsonObject>().FirstOrDefault(item => item.Text("type") == type) is { } found
        )
        {
            conditions.Remove(found);
        }
    }
}
