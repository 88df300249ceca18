using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Bench;

/// <summary>
/// What one team notices of another: deployments to one cluster while thirty operations of the other team wait in a cluster that is full,
/// and then in one that is dead; and checks while the other team sends sixty checks at once.
/// </summary>
internal static class FairBench
{
    private const int Waiting = 30;
    private const int Flood = 60;
    private const int Floods = 2;

    public static async Task RunAsync(int count)
    {
        await using var full = await SandboxProcess.StartAsync();
        await using var healthy = await SandboxProcess.StartAsync();
        await using var portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                Kubeconfig = full.Kubeconfig,
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal) { ["Portal__RolloutTimeoutSeconds"] = "3600" },
            }
        );
        using var api = await PortalApi.SignInAsync(portal);
        using var busy = await portal.ClientAsync("lead-search");
        busy.Timeout = TimeSpan.FromMinutes(10);
        using var calm = await portal.ClientAsync("lead-payments");
        using var admin = await portal.ClientAsync("admin-1");
        await SendAsync(
            admin,
            "/api/v1/clusters",
            new JsonObject { ["name"] = "healthy", ["kubeconfig"] = await File.ReadAllTextAsync(healthy.Kubeconfig) }
        );
        await api.DeployAsync("payments-warm-up", "healthy");
        await CheckAsync(calm);

        var alone = await DeployAllAsync(api, "payments-alone", count);
        var checkAlone = new List<double>();
        for (var n = 0; n < 20; n++)
        {
            checkAlone.Add(await CheckAsync(calm));
        }

        foreach (var n in Enumerable.Range(1, 3))
        {
            await KubectlAsync(full.Kubeconfig, "cordon", $"sandbox-node-{n}");
        }

        var operations = new List<string>();
        for (var n = 0; n < Waiting; n++)
        {
            operations.Add(await ApproveAsync(busy, admin, $"search-full-{n:00}"));
        }

        await Eventually.TrueAsync(
            async () => await AllAsync(busy, operations, o => o["waitingFor"]!.ToString().Length > 0),
            "all wait for room",
            TimeSpan.FromMinutes(5)
        );
        var besideFull = await DeployAllAsync(api, "payments-full", count);

        var (checks, flooded) = (new List<double>(), 0);
        for (var n = 0; n < Floods; n++)
        {
            var flood = Enumerable
                .Range(0, Flood)
                .Select(_ => busy.PostAsJsonAsync("/api/v1/requests/check", Proposal("search-check", "search")))
                .ToList();
            do
            {
                checks.Add(await CheckAsync(calm));
                flooded += flood.Count(f => !f.IsCompleted);
            } while (!flood.TrueForAll(f => f.IsCompleted));

            await Task.WhenAll(flood);
            checks.RemoveAt(checks.Count - 1); // the flood was over in the middle of it
        }

        await full.KillAsync();
        await Eventually.TrueAsync(
            async () =>
                await AllAsync(busy, operations, o => o["waitingFor"]!.ToString().Length == 0 && o["errorCode"]!.ToString().Length > 0),
            "all are tried again",
            TimeSpan.FromMinutes(5)
        );
        var besideDead = await DeployAllAsync(api, "payments-dead", count);

        Console.WriteLine();
        Console.WriteLine($"{count} deployments each; {Waiting} operations of another team elsewhere   median      max   starts");
        Line("deployment alone", alone);
        Line("beside a full cluster", besideFull);
        Line("beside a dead cluster", besideDead);
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"ratio of medians: {Ratio(besideFull, alone):F2} beside a full cluster, {Ratio(besideDead, alone):F2} beside a dead one"
            )
        );
        Console.WriteLine();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"check alone {Median(checkAlone):F3} s; while {Flood} of another team are sent at once {Median(checks):F3} s (max {checks.Max():F3}, {checks.Count} checks, {flooded / Math.Max(1, checks.Count)} others waiting each time)"
            )
        );
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio of medians: {Median(checks) / Median(checkAlone):F2}"));
    }

    private static async Task<List<Deployment>> DeployAllAsync(PortalApi api, string name, int count)
    {
        var deployments = new List<Deployment>();
        for (var n = 0; n < count; n++)
        {
            deployments.Add(await api.DeployAsync($"{name}-{n:00}", "healthy"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {n,2}: {deployments[^1].Total:F2} s"));
        }

        return deployments;
    }

    private static async Task<double> CheckAsync(HttpClient client)
    {
        var started = Stopwatch.GetTimestamp();
        await SendAsync(client, "/api/v1/requests/check", Proposal("payments-check", "payments"));
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task<string> ApproveAsync(HttpClient lead, HttpClient admin, string name)
    {
        var request = await SendAsync(lead, "/api/v1/requests", Proposal(name, "search"));
        var approved = await SendAsync(
            admin,
            $"/api/v1/requests/{request["id"]}/approve",
            new JsonObject { ["digest"] = request["digest"]!.ToString(), ["reason"] = "bench" }
        );
        return approved["operationId"]!.ToString();
    }

    private static JsonObject Proposal(string name, string team) =>
        new()
        {
            ["kind"] = "create",
            ["team"] = team,
            ["name"] = name,
            ["cluster"] = "sandbox",
            ["profile"] = "dev",
            ["spec"] = new JsonObject { ["edition"] = "oss" },
        };

    private static async Task<bool> AllAsync(HttpClient client, List<string> operations, Func<JsonNode, bool> so)
    {
        foreach (var id in operations)
        {
            if (!so((await client.GetFromJsonAsync<JsonNode>($"/api/v1/operations/{id}"))!))
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<JsonNode> SendAsync(HttpClient client, string path, JsonObject body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"POST {path} answered {(int)answer.StatusCode}: {text}");
    }

    private static async Task KubectlAsync(string kubeconfig, params string[] arguments)
    {
        using var kubectl = Process.Start(
            new ProcessStartInfo(Tools.Kubectl, ["--kubeconfig", kubeconfig, .. arguments])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
            }
        )!;
        await kubectl.WaitForExitAsync();
    }

    private static void Line(string what, List<Deployment> deployments)
    {
        var starts = deployments.Select(d => d.Steps[0].Seconds).ToList();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{what,-65} {Median(deployments.Select(d => d.Total)),8:F3} {deployments.Max(d => d.Total),8:F3} {starts.Max(),8:F3}"
            )
        );
    }

    private static double Ratio(List<Deployment> those, List<Deployment> these) =>
        Median(those.Select(d => d.Total)) / Median(these.Select(d => d.Total));

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
