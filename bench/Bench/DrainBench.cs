using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Bench;

/// <summary>
/// Rollouts of two pods of the real gateway with twenty streams open, in turn with a wait before a pod ends and without one: how long
/// <c>kubectl rollout status</c> takes, how long until the last old pod is gone, and what became of the streams.
/// </summary>
internal static class DrainBench
{
    private const int Callers = 20;
    private const int Grace = 15;

    public static async Task RunAsync(int count)
    {
        await using var sandbox = await SandboxProcess.StartAsync();
        await using var provider = await StreamingProvider.StartAsync();
        using var folder = new TemporaryFolder();
        var (with, without) = (new List<double>(), new List<double>());
        await ApplyAsync(sandbox.Kubeconfig, folder, "drained", Grace - 5);
        await ApplyAsync(sandbox.Kubeconfig, folder, "plain", 0);
        for (var round = 0; round <= count; round++)
        {
            foreach (var (ns, times) in new[] { ("drained", with), ("plain", without) })
            {
                var (rolled, gone, tally) = await RollAsync(sandbox.Kubeconfig, folder, ns, provider);
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{(round == 0 ? "warm-up" : $"round {round}")}, {ns}: rollout {rolled:F2} s, last old pod gone after {gone:F2} s; streams: {tally.Opened} opened, {tally.Cuts.Count} cut, longest gap {tally.LongestGap.TotalSeconds:F2} s"
                    )
                );
                if (round > 0)
                {
                    times.Add(rolled);
                }
            }
        }

        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{count} rollouts each; with draining {with.Average():F2} s, without {without.Average():F2} s; ratio of totals: {with.Sum() / without.Sum():F2}"
            )
        );
    }

    private static async Task<(double Rolled, double Gone, StreamTally Tally)> RollAsync(
        string kubeconfig,
        TemporaryFolder folder,
        string ns,
        StreamingProvider provider
    )
    {
        var service = JsonNode.Parse(await KubectlAsync(kubeconfig, folder, "get", "service", "gw", "-n", ns, "-o", "json"))!;
        using var streams = await OpenStreams.StartAsync(new Uri($"http://{service["spec"]!["clusterIP"]}:8787"), provider, Callers);
        var started = Stopwatch.GetTimestamp();
        await KubectlAsync(kubeconfig, folder, "rollout", "restart", "deployment/gw", "-n", ns);
        await KubectlAsync(kubeconfig, folder, "rollout", "status", "deployment/gw", "-n", ns, "--timeout", "2m");
        var rolled = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Eventually.TrueAsync(
            async () =>
                (await KubectlAsync(kubeconfig, folder, "get", "pods", "-n", ns, "-o", "name"))
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Length == 2,
            "old pods are gone",
            TimeSpan.FromMinutes(1)
        );
        return (rolled, Stopwatch.GetElapsedTime(started).TotalSeconds, await streams.StopAsync());
    }

    private static async Task ApplyAsync(string kubeconfig, TemporaryFolder folder, string ns, int wait)
    {
        var lifecycle = wait == 0 ? "" : $"lifecycle: {{preStop: {{sleep: {{seconds: {wait} }} }} }}, ";
        var file = folder.Combine(ns + ".yaml");
        await File.WriteAllTextAsync(
            file,
            $$$"""
            apiVersion: v1
            kind: Namespace
            metadata: {name: {{{ns}}}}
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: gw, namespace: {{{ns}}}}
            spec: {selector: {app: gw}, ports: [{name: http, port: 8787, targetPort: 8787}]}
            ---
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: gw, namespace: {{{ns}}}}
            spec:
              replicas: 2
              strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
              selector: {matchLabels: {app: gw}}
              template:
                metadata: {labels: {app: gw}}
                spec:
                  terminationGracePeriodSeconds: {{{Grace}}}
                  containers:
                    - { {{{lifecycle}}} name: gateway, image: "portkeyai/gateway:1.15.2", ports: [{containerPort: 8787}], readinessProbe: {httpGet: {path: /, port: 8787}, periodSeconds: 1}}
            """
        );
        await KubectlAsync(kubeconfig, folder, "apply", "--validate=false", "-f", file);
        await KubectlAsync(kubeconfig, folder, "rollout", "status", "deployment/gw", "-n", ns, "--timeout", "2m");
    }

    private static async Task<string> KubectlAsync(string kubeconfig, TemporaryFolder folder, params string[] arguments)
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
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)} failed: {await errors}{await output}");
    }
}
