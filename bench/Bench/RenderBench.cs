using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Bench;

/// <summary>
/// What a preview costs: both charts rendered and compared with what runs, object by object, in turn with <c>helm template</c> of the
/// gateway chart alone, started as a shell would.
/// </summary>
internal static class RenderBench
{
    private const string Release = "portkey-gateway";

    public static async Task RunAsync(int count)
    {
        using var folder = new TemporaryFolder();
        var options = Options.Create(
            new ProvisioningOptions
            {
                DataDirectory = folder.Path,
                HelmPath = Tools.Helm,
                ChartsDirectory = Repository.Charts,
            }
        );
        using var helm = new HelmRunner(options);
        var charts = new ChartStore(helm);
        var renderer = new Renderer(helm, charts, options);
        var location = Path.Combine(Repository.Charts, "gateway");
        var chart = await charts.ResolveAsync(ChartSource.Directory, location, null, null, CancellationToken.None);
        var row = new ChartVersion
        {
            Edition = Edition.Enterprise,
            Source = ChartSource.Directory,
            Location = location,
            Name = chart.Name,
            Version = chart.Version,
            AppVersion = "1",
            Digest = chart.Digest,
            ImageTag = "1",
            RegisteredAt = DateTime.UnixEpoch,
            RegisteredBy = "bench",
        };
        var running = await renderer.RenderAsync(Input(row, 0), CancellationToken.None);
        var values = folder.Combine("values.yaml");
        await File.WriteAllTextAsync(values, running.Values);
        await TemplateAsync(location, values, folder);

        var (portal, bare, changes) = (new List<double>(), new List<double>(), 0);
        for (var n = 1; n <= count; n++)
        {
            var started = Stopwatch.GetTimestamp();
            var proposed = await renderer.RenderAsync(Input(row, n), CancellationToken.None);
            changes += ManifestDiff.Compare(running.Manifest, proposed.Manifest).Count(o => o.Change != DiffChange.Unchanged);
            portal.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            started = Stopwatch.GetTimestamp();
            await TemplateAsync(location, values, folder);
            bare.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        Console.WriteLine($"{count} previews, {changes} changed objects; seconds   median      max");
        Line("portal, both charts and the difference", portal);
        Line("helm template, the gateway chart alone", bare);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratio of totals: {portal.Sum() / bare.Sum():F2}"));
    }

    private static RenderInput Input(ChartVersion chart, int n) =>
        new(
            Guid.Parse("0199a000-0000-7000-8000-000000000001"),
            "payments-bench",
            Release,
            new EnvironmentSpec
            {
                Edition = Edition.Enterprise,
                Replicas = 2 + (n % 3),
                Network = new NetworkSpec
                {
                    Exposure = Exposure.LoadBalancer,
                    AllowedRanges = ["10.0.0.0/8"],
                    Egress = ["10.1.0.0/16:443"],
                },
                Settings = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["SERVICE_NAME"] = "bench",
                    ["ORGANISATIONS_TO_SYNC"] = "1b0c6f5e-1111-4222-8333-444455556666",
                    ["CACHE_STORE"] = "custom",
                    ["REQUEST_TIMEOUT"] = $"{10_000 + n}",
                    ["LOG_STORE"] = "azure",
                    ["AZURE_STORAGE_ACCOUNT"] = "gatewaylogs",
                    ["AZURE_STORAGE_CONTAINER"] = "logs",
                },
            },
            new Profile
            {
                Name = "standard",
                DisplayName = "Standard",
                Description = "",
                Order = 1,
                Replicas = 2,
                MaxReplicas = 2,
                Zones = 1,
                CpuRequest = "250m",
                CpuLimit = "1",
                MemoryRequest = "512Mi",
                MemoryLimit = "1Gi",
                NodeCpu = 2,
                NodeMemoryGiB = 4,
                BuiltInRedisAllowed = false,
            },
            chart,
            new[] { "PORTKEY_CLIENT_AUTH", "REDIS_URL", "AZURE_STORAGE_KEY" }.ToDictionary(
                k => k,
                k => new SecretPin($"env-x-{k.ToLowerInvariant().Replace('_', '-')}", 1, "version-1"),
                StringComparer.Ordinal
            )
        );

    private static async Task TemplateAsync(string chart, string values, TemporaryFolder folder)
    {
        var start = new ProcessStartInfo(Tools.Helm, ["template", Release, chart, "--namespace", "payments-bench", "--values", values])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        foreach (var kind in new[] { "CACHE", "CONFIG", "DATA" })
        {
            start.Environment[$"HELM_{kind}_HOME"] = folder.Combine("helm");
        }

        using var process = Process.Start(start)!;
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException("helm template failed.");
        }
    }

    private static void Line(string what, List<double> seconds)
    {
        var sorted = seconds.Order().ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-42} {sorted[sorted.Count / 2],8:F3} {sorted[^1],8:F3}"));
    }
}
