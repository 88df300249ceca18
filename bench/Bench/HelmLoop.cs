using System.Diagnostics;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Bench;

/// <summary>What a person with a shell would do: namespace, guardrails by template and apply, helm upgrade --install --wait.</summary>
internal sealed class HelmLoop(string kubeconfig, TemporaryFolder folder)
{
    private const string Release = "portkey-gateway";

    /// <summary>Seconds until Helm says that the pods are ready. The namespace is removed afterwards, outside the measurement.</summary>
    public async Task<double> DeployAsync(string ns, string values, bool guardrails)
    {
        var file = folder.Combine("values.yaml");
        await File.WriteAllTextAsync(file, values);
        var started = Stopwatch.GetTimestamp();
        if (guardrails)
        {
            await RunAsync(Tools.Kubectl, "create", "namespace", ns);
            var chart = Path.Combine(Repository.Charts, "guardrails");
            var manifest = await RunAsync(
                Tools.Helm,
                "template",
                Release,
                chart,
                "--namespace",
                ns,
                "--values",
                Path.Combine(chart, "ci", "dev-values.yaml")
            );
            var manifestFile = folder.Combine("guardrails.yaml");
            await File.WriteAllTextAsync(manifestFile, manifest);
            await RunAsync(Tools.Kubectl, "apply", "--namespace", ns, "--server-side", "--filename", manifestFile);
        }

        await RunAsync(
            Tools.Helm,
            "upgrade",
            "--install",
            Release,
            Path.Combine(Repository.Charts, "gateway"),
            "--namespace",
            ns,
            "--create-namespace",
            "--values",
            file,
            "--wait",
            "--timeout",
            "3m"
        );
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await RunAsync(Tools.Kubectl, "delete", "namespace", ns, "--wait=false");
        return seconds;
    }

    private async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["KUBECONFIG"] = kubeconfig;
        foreach (var kind in new[] { "CACHE", "CONFIG", "DATA" })
        {
            start.Environment[$"HELM_{kind}_HOME"] = folder.Combine("helm");
        }

        start.Environment["KUBECACHEDIR"] = folder.Combine("kube");
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException(
                $"{Path.GetFileName(program)} {string.Join(' ', arguments)} failed: {await errors}{await output}"
            );
    }
}
