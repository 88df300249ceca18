using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>What one call of helm printed.</summary>
internal sealed record HelmOutput(int ExitCode, string Output, string Errors)
{
    /// <summary>The manifests, after asserting that helm was content.</summary>
    public RenderedManifests Manifests()
    {
        Assert.True(ExitCode == 0, Errors);
        return RenderedManifests.Parse(Output);
    }
}

/// <summary>The real helm, at most two at a time: more gain nothing on two cores.</summary>
internal static class HelmTool
{
    private static readonly SemaphoreSlim Slots = new(2);
    private static readonly string Executable = Find();

    public static Task<HelmOutput> LintAsync(string chart, params string[] valuesFiles) =>
        RunAsync(["lint", "--strict", RepositoryFiles.Chart(chart), .. FilesOf(valuesFiles)], input: null);

    /// <summary>Renders with values files and, laid over them, values by standard input (JSON is YAML).</summary>
    public static Task<HelmOutput> TemplateAsync(
        string chart,
        JsonObject? values = null,
        string release = "portkey-gateway",
        params string[] valuesFiles
    )
    {
        string[] inline = values is null ? [] : ["-f", "-"];
        return RunAsync(
            ["template", release, RepositoryFiles.Chart(chart), "--namespace", "team-a", .. FilesOf(valuesFiles), .. inline],
            values?.ToJsonString()
        );
    }

    /// <summary>Renders the chart of a folder with a values file by standard input.</summary>
    public static Task<HelmOutput> RenderAsync(string folder, string values) =>
        RunAsync(["template", "portkey-gateway", folder, "--namespace", "team-a", "-f", "-"], values);

    private static IEnumerable<string> FilesOf(string[] valuesFiles) => valuesFiles.SelectMany(file => new[] { "-f", file });

    private static async Task<HelmOutput> RunAsync(IEnumerable<string> arguments, string? input)
    {
        await Slots.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            var start = new ProcessStartInfo(Executable, arguments)
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input);
            }

            process.StandardInput.Close();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return new HelmOutput(process.ExitCode, await output, await errors);
        }
        finally
        {
            Slots.Release();
        }
    }

    private static string Find()
    {
        var configured = Environment.GetEnvironmentVariable("HELM_BIN");
        string[] candidates = string.IsNullOrEmpty(configured)
            ?
            [
                .. (Environment.GetEnvironmentVariable("PATH") ?? "")
                    .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
                    .Select(folder => Path.Combine(folder, "helm")),
            ]
            : [configured];
        return candidates.FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException(
                "The chart tests need Helm 4 and found none: set HELM_BIN to the helm executable or put it on PATH."
            );
    }
}
