using System.Globalization;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Bench;

/// <summary>
/// The same deployment three ways against one API server, in turn, so that a busy machine disturbs all of them alike:
/// through the portal, by bare Helm, and by Helm with the guardrails that the portal also applies.
/// </summary>
internal static class DeployBench
{
    public static async Task RunAsync(int count, Target target)
    {
        await using var cluster = await TestCluster.StartAsync(target);

        // All ways directly and as the same administrator: neither RBAC nor the proxy of the tests is what is measured.
        await using var portal = await PortalProcess.StartAsync(new PortalOptions { Kubeconfig = cluster.AdminKubeconfig });
        using var api = await PortalApi.SignInAsync(portal);
        using var folder = new TemporaryFolder();
        var helm = new HelmLoop(cluster.AdminKubeconfig, folder);

        // One of each first: what is compiled or cached on first use belongs to no deployment.
        var values = (await api.DeployAsync("warm-up")).Values;
        await helm.DeployAsync("warm-up-bare", values, guardrails: false);
        await helm.DeployAsync("warm-up-rails", values, guardrails: true);

        var (deployments, bare, guarded) = (new List<Deployment>(), new List<double>(), new List<double>());
        for (var n = 1; n <= count; n++)
        {
            var deployment = await api.DeployAsync($"bench-{n:000}");
            deployments.Add(deployment);
            bare.Add(await helm.DeployAsync($"bare-{n:000}", deployment.Values, guardrails: false));
            guarded.Add(await helm.DeployAsync($"rails-{n:000}", deployment.Values, guardrails: true));
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{n,3}: portal {deployment.Total:F2} s (Helm {deployment.Helm:F2}, waiting {deployment.Wait:F2}, own {deployment.Own:F2}); Helm {bare[^1]:F2} s; Helm with guardrails {guarded[^1]:F2} s"
                )
            );
        }

        Report(deployments, bare, guarded);
    }

    private static void Report(List<Deployment> deployments, List<double> bare, List<double> guarded)
    {
        Console.WriteLine();
        Console.WriteLine($"{deployments.Count} deployments each way; seconds   median      max");
        Line("portal, approve to applied", deployments.Select(d => d.Total));
        Line("  of it inside Helm", deployments.Select(d => d.Helm));
        Line("  of it waiting for pods", deployments.Select(d => d.Wait));
        Line("  portal's own share", deployments.Select(d => d.Own));
        Line("Helm alone", bare);
        Line("Helm with guardrails", guarded);
        Console.WriteLine();
        foreach (var step in deployments.SelectMany(d => d.Steps).GroupBy(s => s.Name, StringComparer.Ordinal))
        {
            Line("  step " + step.Key, step.Select(s => s.Seconds));
        }

        var total = deployments.Sum(d => d.Total);
        Console.WriteLine();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"ratio of totals: {total / bare.Sum():F2} to Helm alone, {total / guarded.Sum():F2} to Helm with guardrails"
            )
        );
    }

    private static void Line(string what, IEnumerable<double> seconds)
    {
        var sorted = seconds.Order().ToList();
        var median = (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-34} {median,8:F3} {sorted[^1],8:F3}"));
    }
}
