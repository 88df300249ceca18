using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Tables;

/// <summary>Cells that several kinds share.</summary>
internal static class Cells
{
    public static string Age(string? since) =>
        DateTimeOffset.TryParse(since, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start)
            ? Human(TimeProvider.System.GetUtcNow() - start)
            : "<unknown>";

    public static string Duration(string? from, string? until) =>
        DateTimeOffset.TryParse(from, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var start)
            ? Human(
                (
                    DateTimeOffset.TryParse(until, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var end)
                        ? end
                        : TimeProvider.System.GetUtcNow()
                ) - start
            )
            : "";

    public static int Count(JsonNode? node) =>
        node switch
        {
            JsonObject item => item.Count,
            JsonArray list => list.Count,
            _ => 0,
        };

    public static string Pairs(JsonNode? map) =>
        map is JsonObject { Count: > 0 } item ? string.Join(',', item.Select(p => $"{p.Key}={p.Value}")) : "<none>";

    public static JsonNode? Selector(JsonObject item) => Pairs(item["spec"].At("selector", "matchLabels"));

    public static JsonNode? ContainerNames(JsonObject item) => string.Join(',', Containers(item).Select(c => c.Text("name")));

    public static JsonNode? Images(JsonObject item) => string.Join(',', Containers(item).Select(c => c.Text("image")));

    public static JsonNode? NodeStatus(JsonObject item)
    {
        var ready =
            item["status"].Child("conditions").Objects().FirstOrDefault(c => c.Text("type") == "Ready").Text("status") == "True"
                ? "Ready"
                : "NotReady";
        return item["spec"].Flag("unschedulable") == true ? ready + ",SchedulingDisabled" : ready;
    }

    public static JsonNode? Addresses(JsonObject item) =>
        string.Join(',', item["status"].At("loadBalancer", "ingress").Objects().Select(a => a.Text("ip") ?? a.Text("hostname")));

    public static JsonNode? ExternalAddress(JsonObject item) =>
        item["spec"].Text("type") switch
        {
            "ExternalName" => item["spec"].Text("externalName"),
            "LoadBalancer" => Addresses(item)?.ToString() is { Length: > 0 } address ? address : "<pending>",
            _ => item["spec"].Child("externalIPs") is JsonArray { Count: > 0 } list ? string.Join(',', list.Texts()) : "<none>",
        };

    public static JsonNode? Ports(JsonObject item)
    {
        var ports = item["spec"]
            .Child("ports")
            .Objects()
            .Select(p =>
                p.Number("nodePort") is { } node and > 0
                    ? $"{p.Number("port")}:{node}/{p.Text("protocol")}"
                    : $"{p.Number("port")}/{p.Text("protocol")}"
            )
            .ToList();
        return ports.Count == 0 ? "<none>" : string.Join(',', ports);
    }

    public static JsonNode? Hosts(JsonObject item)
    {
        var hosts = item["spec"].Child("rules").Objects().Select(r => r.Text("host")).OfType<string>().ToList();
        return hosts.Count == 0 ? "*" : string.Join(',', hosts);
    }

    public static JsonNode? Quota(JsonObject item, bool limits)
    {
        var hard = item["status"].Child("hard") as JsonObject ?? item["spec"].Child("hard") as JsonObject ?? [];
        return string.Join(
            ", ",
            hard.Where(p => p.Key.StartsWith("limits.", StringComparison.Ordinal) == limits)
                .Select(p => $"{p.Key}: {item["status"].At("used", p.Key)?.ToString() ?? "0"}/{p.Value}")
        );
    }

    public static JsonNode? JobStatus(JsonObject item)
    {
        foreach (var condition in item["status"].Child("conditions").Objects().Where(c => c.Text("status") == "True"))
        {
            if (condition.Text("type") is "Complete" or "Failed" or "Suspended")
            {
                return condition.Text("type");
            }
        }

        return "Running";
    }

    private static IEnumerable<JsonObject> Containers(JsonObject item) => item["spec"].At("template", "spec", "containers").Objects();

    /// <summary>A duration in kubectl's words: two units while the first is small.</summary>
    private static string Human(TimeSpan time)
    {
        var seconds = (long)Math.Max(0, time.TotalSeconds);
        return seconds switch
        {
            < 120 => $"{seconds}s",
            < 600 => seconds % 60 == 0 ? $"{seconds / 60}m" : $"{seconds / 60}m{seconds % 60}s",
            < 3 * 3600 => $"{seconds / 60}m",
            < 8 * 3600 => seconds / 60 % 60 == 0 ? $"{seconds / 3600}h" : $"{seconds / 3600}h{seconds / 60 % 60}m",
            < 48 * 3600 => $"{seconds / 3600}h",
            _ => $"{seconds / 86400}d",
        };
    }
}
