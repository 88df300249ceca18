using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Bench;

/// <summary>One deployment through the portal; times in seconds.</summary>
internal sealed record Deployment(string Values, double Total, double Helm, double Wait, IReadOnlyList<(string Name, double Seconds)> Steps)
{
    /// <summary>What is neither Helm's work nor waiting for pods.</summary>
    public double Own => Total - Helm - Wait;
}

/// <summary>Asks for environments as a team lead does, and approves them as an administrator does.</summary>
internal sealed class PortalApi(HttpClient lead, HttpClient admin) : IDisposable
{
    public static async Task<PortalApi> SignInAsync(PortalProcess portal) =>
        new(await portal.ClientAsync("lead-payments"), await portal.ClientAsync("admin-1"));

    /// <summary>From the approval being sent to the operation's own note that it ended.</summary>
    public async Task<Deployment> DeployAsync(string name, string cluster = "sandbox")
    {
        var request = await SendAsync(
            lead,
            "/api/v1/requests",
            new JsonObject
            {
                ["kind"] = "create",
                ["team"] = "payments",
                ["name"] = name,
                ["cluster"] = cluster,
                ["profile"] = "dev",
                ["spec"] = new JsonObject { ["edition"] = "oss" },
            }
        );
        var address = $"/api/v1/requests/{request["id"]}";
        var values = (await GetAsync(address + "/preview"))["values"]!.ToString();

        var approved = DateTime.UtcNow;
        await SendAsync(admin, address + "/approve", new JsonObject { ["digest"] = request["digest"]!.ToString(), ["reason"] = "bench" });
        var operationId = (await GetAsync(address))["operationId"]!.ToString();
        var operation = await Eventually.GetAsync(
            async () => await GetAsync($"/api/v1/operations/{operationId}") is { } o && o["endedAt"] is not null ? o : null,
            $"the deployment of {name} ends",
            TimeSpan.FromMinutes(3)
        );
        if (operation["state"]!.ToString() != "succeeded")
        {
            throw new InvalidOperationException($"{name} was not deployed: {operation.ToJsonString()}");
        }

        var steps = operation["steps"]!
            .AsArray()
            .Where(s => s!["startedAt"] is not null && s["endedAt"] is not null)
            .Select(s => (s!["name"]!.ToString(), (Time(s["endedAt"]) - Time(s["startedAt"])).TotalSeconds))
            .ToList();
        return new Deployment(
            values,
            (Time(operation["endedAt"]) - approved).TotalSeconds,
            (long)operation["helmMilliseconds"]! / 1000.0,
            (long)operation["waitMilliseconds"]! / 1000.0,
            [("(until it starts)", (Time(operation["startedAt"]) - approved).TotalSeconds), .. steps]
        );
    }

    public void Dispose()
    {
        lead.Dispose();
        admin.Dispose();
    }

    private static DateTime Time(JsonNode? node) =>
        DateTime.Parse(node!.ToString(), CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);

    private async Task<JsonNode> GetAsync(string path) => (await lead.GetFromJsonAsync<JsonNode>(path))!;

    private static async Task<JsonNode> SendAsync(HttpClient client, string path, JsonObject body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"POST {path} answered {(int)answer.StatusCode}: {text}");
    }
}
