using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// The one way to Helm. Values go in by standard input, the connection by environment, secrets by neither. Everything throws
/// <see cref="HelmException"/>. Callers hold the environment's fence: two calls for one release never overlap.
/// </summary>
public sealed partial class HelmRunner : IHelm, IDisposable
{
    private const int HistoryKept = 20;

    // Rendering takes a tenth of a second; an overloaded machine may take a hundred times as long.
    private static readonly TimeSpan RenderLimit = TimeSpan.FromSeconds(45);

    private readonly HelmProcess process;
    private readonly SemaphoreSlim versionGate = new(1);
    private string? version;

    // Rendering reaches no cluster and is over in a tenth of a second: a quarter of its time went into collecting garbage that ends with
    // it.
    private static readonly Dictionary<string, string> Brief = new(StringComparer.Ordinal) { ["GOGC"] = "400" };

    /// <summary>Prepares Helm's own folders; starts nothing.</summary>
    public HelmRunner(IOptions<ProvisioningOptions> options, Failpoints? failpoints = null)
    {
        Options = options.Value;
        process = new HelmProcess(Options, failpoints);
    }

    internal ProvisioningOptions Options { get; }

    /// <summary>Helm's version; refuses what is not 4.x. Asked once.</summary>
    public async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        if (version is { } known)
        {
            return known;
        }

        await versionGate.WaitAsync(cancellationToken);
        try
        {
            return version ??= await AskVersionAsync(cancellationToken);
        }
        finally
        {
            versionGate.Release();
        }
    }

    /// <summary>
    /// Renders manifests without a cluster, with hooks but without tests. The same input gives the same text. A Kubernetes version,
    /// such as <c>v1.33.2</c>, makes a chart choose as it will choose in that cluster; empty for Helm's own.
    /// </summary>
    public async Task<string> TemplateAsync(
        string chartPath,
        string release,
        string ns,
        string valuesYaml,
        CancellationToken cancellationToken,
        HelmClock? clock = null,
        string kubernetesVersion = ""
    )
    {
        HelmNames.Check(release, ns);
        string[] forVersion = System.Version.TryParse(kubernetesVersion.TrimStart('v').Split('-', '+')[0], out var known)
            ? ["--kube-version", $"v{known}"]
            : [];
        var output = await RunAsync(
            "render the chart",
            new HelmCall([
                "template",
                release,
                HelmNames.Chart(chartPath),
                "--namespace",
                ns,
                "--skip-tests",
                "--values",
                "-",
                .. forVersion,
            ])
            {
                Input = valuesYaml,
                Connection = Brief,
                Limit = RenderLimit,
            },
            Redactor.Default,
            clock,
            cancellationToken
        );
        try
        {
            BoundedYaml.Check(output.Stdout, ReadLimits.Manifests);
            return output.Stdout;
        }
        catch (UnreadableException problem)
        {
            throw new HelmException(HelmFailure.InvalidChart, problem.Message, isTransient: false, problem);
        }
    }

    /// <summary>Problems that <c>helm lint --strict</c> finds; empty for none.</summary>
    public async Task<IReadOnlyList<string>> LintAsync(string chartPath, string? valuesYaml, CancellationToken cancellationToken)
    {
        await VersionAsync(cancellationToken);
        string[] values = valuesYaml is null ? [] : ["--values", "-"];
        var output = await process.RunAsync(
            new HelmCall(["lint", HelmNames.Chart(chartPath), "--strict", .. values]) { Input = valuesYaml ?? "", Limit = RenderLimit },
            cancellationToken
        );

        // [ERROR] templates/: … and [WARNING] …; [INFO] does not fail a strict lint.
        string[] problems =
        [
            .. (output.Stdout + output.Stderr)
                .Split('\n')
                .Where(l => l.StartsWith("[ERROR]", StringComparison.Ordinal) || l.StartsWith("[WARNING]", StringComparison.Ordinal)),
        ];
        return output.ExitCode == 0 ? []
            : problems.Length > 0 ? problems
            : [HelmErrors.From("check the chart", output, Redactor.Default).Message];
    }

    private async Task<string> AskVersionAsync(CancellationToken cancellationToken)
    {
        var output = await process.RunAsync(
            new HelmCall(["version", "--template", "{{.Version}}"]) { Limit = RenderLimit },
            cancellationToken
        );
        var text = output.Stdout.Trim();
        return output.ExitCode == 0 && System.Version.TryParse(text.TrimStart('v').Split('-', '+')[0], out var found) && found.Major == 4
            ? text
            : throw new HelmException(
                HelmFailure.ToolVersion,
                $"'{Options.HelmPath}' is Helm '{(text.Length is > 0 and < 100 ? text : "of unknown version")}', and the portal needs 4.x. Install Helm 4, or set {ProvisioningOptions.Section}:HelmPath to one.",
                isTransient: false
            );
    }

    private async Task<HelmOutput> RunAsync(
        string action,
        HelmCall call,
        Redactor redactor,
        HelmClock? clock,
        CancellationToken cancellationToken
    )
    {
        await VersionAsync(cancellationToken);
        var output = await process.RunAsync(call, cancellationToken);
        clock?.Add(output.Elapsed);
        return output.ExitCode == 0 ? output : throw HelmErrors.From(action, output, redactor);
    }

    private async Task<HelmOutput> RunAsync(
        string action,
        ClusterConnection connection,
        HelmCall call,
        Redactor redactor,
        HelmClock? clock,
        CancellationToken cancellationToken
    )
    {
        await using var way = await HelmConnection.OpenAsync(connection, process.Folders, cancellationToken);
        return await RunAsync(
            action,
            call with
            {
                Connection = way.Variables,
                Cluster = connection.Name,
            },
            redactor,
            clock,
            cancellationToken
        );
    }

    private static string Key(ClusterConnection connection, string release, string ns) => $"{connection.Name}.{ns}.{release}";

    /// <inheritdoc/>
    public void Dispose()
    {
        process.Dispose();
        versionGate.Dispose();
    }
}
