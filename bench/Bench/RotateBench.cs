using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Bench;

/// <summary>
/// One credential rotated over N environments through the portal, soak set to 0, in turn with what a shell would do for the same: rolling
/// restarts of the same deployments, as many at once.
/// </summary>
internal static class RotateBench
{
    private const int AtOnce = 5;
    private const int Rounds = 3;

    public static async Task RunAsync(int count)
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await using var portal = await PortalProcess.StartAsync(
            new PortalOptions
            {
                Kubeconfig = sandbox.Kubeconfig,
                Variables = new Dictionary<string, string?>(StringComparer.Ordinal)
                {
                    ["Portal__Rotation__SoakSeconds"] = "0",
                    ["Portal__WorkerConcurrency"] = $"{AtOnce + 1}",
                }, // one place is kept for another team
            }
        );
        using var lead = await portal.ClientAsync("lead-payments");
        using var admin = await portal.ClientAsync("admin-1");
        using var folder = new TemporaryFolder();
        var credential = (
            await SendAsync(
                lead,
                HttpMethod.Post,
                "/api/v1/credentials?name=bench&key=PORTKEY_CLIENT_AUTH&team=payments",
                new StringContent("first")
            )
        )["credential"]!["id"]!.ToString();
        var names = Enumerable.Range(0, count).Select(n => $"payments-r{n:00}").ToList();
        foreach (var batch in names.Chunk(AtOnce))
        {
            await Task.WhenAll(batch.Select(name => CreateAsync(lead, admin, name)));
        }

        var (portalSeconds, shellSeconds) = (new List<double>(), new List<double>());
        for (var round = 0; round <= Rounds; round++)
        {
            var before = Cpu(portal.ProcessId);
            var rotated = await RotateAsync(lead, admin, credential, round);
            var own = Cpu(portal.ProcessId) - before;
            var restarted = await RestartAsync(sandbox.Kubeconfig, folder, names);
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{(round == 0 ? "warm-up" : $"round {round}")}: portal {rotated:F2} s (CPU of its process {own:F2} s), shell loop {restarted:F2} s"
                )
            );
            if (round > 0)
            {
                portalSeconds.Add(rotated);
                shellSeconds.Add(restarted);
            }
        }

        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{count} environments, {AtOnce} at once; ratio of totals: {portalSeconds.Sum() / shellSeconds.Sum():F2}"
            )
        );
    }

    /// <summary>Seconds of the processor that a process has used.</summary>
    internal static double Cpu(int process)
    {
        using var running = Process.GetProcessById(process);
        return running.TotalProcessorTime.TotalSeconds;
    }

    private static async Task CreateAsync(HttpClient lead, HttpClient admin, string name)
    {
        var request = await SendAsync(
            lead,
            HttpMethod.Post,
            "/api/v1/requests",
            JsonContent.Create(
                new
                {
                    kind = "create",
                    team = "payments",
                    name,
                    cluster = "sandbox",
                    profile = "dev",
                    spec = new
                    {
                        edition = "oss",
                        replicas = 2,
                        resources = new
                        {
                            cpuRequest = "20m",
                            cpuLimit = "200m",
                            memoryRequest = "64Mi",
                            memoryLimit = "256Mi",
                        }, // twenty of them fit into the sandbox's three nodes
                        sharedSecrets = new Dictionary<string, string>(StringComparer.Ordinal) { ["PORTKEY_CLIENT_AUTH"] = "bench" },
                    },
                }
            )
        );
        var approved = await SendAsync(
            admin,
            HttpMethod.Post,
            $"/api/v1/requests/{request["id"]}/approve",
            JsonContent.Create(new { digest = request["digest"]!.ToString(), reason = "bench" })
        );
        await EndAsync(admin, $"/api/v1/operations/{approved["operationId"]}", o => o["state"]!.ToString(), "succeeded");
    }

    // From the approval being sent to the end that the rotation notes itself: the old version is disabled.
    private static async Task<double> RotateAsync(HttpClient lead, HttpClient admin, string credential, int round)
    {
        await SendAsync(lead, HttpMethod.Put, $"/api/v1/credentials/{credential}/value", new StringContent($"value-{round}"));
        var rotation = await SendAsync(
            lead,
            HttpMethod.Post,
            $"/api/v1/credentials/{credential}/rotations",
            JsonContent.Create(new { waveSize = AtOnce })
        );
        var address = $"/api/v1/rotations/{rotation["rotation"]!["id"]}";
        var started = DateTime.UtcNow;
        await SendAsync(
            admin,
            HttpMethod.Post,
            address + "/approve",
            JsonContent.Create(new { digest = rotation["digest"]!.ToString(), reason = "bench" })
        );
        var ended = await EndAsync(admin, address, r => r["rotation"]!["state"]!.ToString(), "succeeded");
        return (
            DateTime.Parse(
                ended["rotation"]!["endedAt"]!.ToString(),
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal
            ) - started
        ).TotalSeconds;
    }

    private static async Task<double> RestartAsync(string kubeconfig, TemporaryFolder folder, IReadOnlyList<string> names)
    {
        const string Deployment = "deployment/portkey-gateway";
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            names,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (ns, _) =>
            {
                await KubectlAsync(kubeconfig, folder, "rollout", "restart", Deployment, "-n", ns);
                await KubectlAsync(kubeconfig, folder, "rollout", "status", Deployment, "-n", ns, "--timeout", "2m");
            }
        );
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static async Task KubectlAsync(string kubeconfig, TemporaryFolder folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Tools.Kubectl, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (start.Environment["KUBECONFIG"], start.Environment["KUBECACHEDIR"]) = (kubeconfig, folder.Combine("kube"));
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)} failed: {await errors}{await output}");
        }
    }

    private static Task<JsonNode> EndAsync(HttpClient client, string address, Func<JsonNode, string> state, string wanted) =>
        Eventually.GetAsync(
            async () =>
            {
                var seen = (await client.GetFromJsonAsync<JsonNode>(address))!;
                return state(seen) == wanted ? seen
                    : state(seen) is "failed" or "cancelled" ? throw new InvalidOperationException(seen.ToJsonString())
                    : null;
            },
            $"{address} is {wanted}",
            TimeSpan.FromMinutes(5)
        );

    private static async Task<JsonNode> SendAsync(HttpClient client, HttpMethod method, string path, HttpContent body)
    {
        using var message = new HttpRequestMessage(method, path) { Content = body };
        using var answer = await client.SendAsync(message);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{method} {path} answered {(int)answer.StatusCode}: {text}");
    }
}
