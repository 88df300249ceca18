using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Tables;

/// <summary>The cells of pods: the status in them is the first thing that people look at.</summary>
internal static class PodCells
{
    public static JsonNode? Ready(JsonObject pod) =>
        $"{Statuses(pod).Count(s => s.Flag("ready") == true)}/{Cells.Count(pod["spec"].Child("containers"))}";

    public static JsonNode? Restarts(JsonObject pod)
    {
        var restarts = Statuses(pod).Sum(s => s.Number("restartCount") ?? 0);
        var last = Statuses(pod)
            .Select(s => s["lastState"].At("terminated").Text("finishedAt"))
            .OfType<string>()
            .Max(StringComparer.Ordinal);
        return restarts > 0 && last is not null ? $"{restarts} ({Cells.Age(last)} ago)" : $"{restarts}";
    }

    public static JsonNode? Status(JsonObject pod)
    {
        var reason = pod["status"].Text("reason") ?? pod["status"].Text("phase") ?? "Pending";
        foreach (var init in pod["status"].Child("initContainerStatuses").Objects())
        {
            if (init["state"].At("waiting").Text("reason") is { } waiting and not "PodInitializing")
            {
                return "Init:" + waiting;
            }

            if (init["state"].At("terminated") is { } ended && ended.Number("exitCode") != 0)
            {
                return "Init:" + (ended.Text("reason") ?? "Error");
            }
        }

        foreach (var status in Statuses(pod).Reverse())
        {
            reason =
                status["state"].At("waiting").Text("reason")
                ?? status["state"].At("terminated").Text("reason")
                ?? (status["state"].At("terminated") is { } ended ? $"ExitCode:{ended.Number("exitCode")}" : reason);
        }

        return pod.IsDeleting() ? "Terminating" : reason;
    }

    private static IEnumerable<JsonObject> Statuses(JsonObject pod) => pod["status"].Child("containerStatuses").Objects();
}

/// <summary>The cell of Endpoints.</summary>
internal static class EndpointCells
{
    public static JsonNode? Of(JsonObject item)
    {
        var all = item["subsets"]
            .Objects()
            .SelectMany(s => s["addresses"].Objects().SelectMany(_ => s["ports"].Objects(), (a, p) => $"{a.Text("ip")}:{p.Number("port")}"))
            .ToList();
        return all.Count switch
        {
            0 => "<none>",
            <= 3 => string.Join(',', all),
            _ => $"{string.Join(',', all.Take(3))} + {all.Count - 3} more...",
        };
    }
}

/// <summary>The targets of an autoscaler.</summary>
internal static class MetricCells
{
    public static JsonNode? Targets(JsonObject item)
    {
        List<string> parts = [];
        foreach (var metric in item["spec"].Child("metrics").Objects())
        {
            var resource = metric["resource"];
            var name = resource.Text("name") ?? "";
            var current = item["status"]
                .Child("currentMetrics")
                .Objects()
                .Select(m => m["resource"])
                .FirstOrDefault(r => r.Text("name") == name);
            if (resource.At("target").Number("averageUtilization") is { } target)
            {
                var now = current.At("current").Number("averageUtilization");
                parts.Add($"{name}: {(now is null ? "<unknown>" : $"{now}%")}/{target}%");
            }
            else
            {
                parts.Add(
                    $"{name}: {current.At("current")?.Text("averageValue") ?? "<unknown>"}/{resource.At("target").Text("averageValue")}"
                );
            }
        }

        return parts.Count == 0 ? "<none>" : string.Join(", ", parts);
    }
}
