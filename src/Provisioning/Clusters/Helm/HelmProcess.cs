using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using CliWrap;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>The result of a Helm run.</summary>
internal sealed record HelmOutput(int ExitCode, string Stdout, string Stderr, TimeSpan Elapsed);

/// <summary>One Helm run to start.</summary>
internal sealed record HelmCall(IReadOnlyList<string> Arguments)
{
    public string Input { get; init; } = "";

    public IReadOnlyDictionary<string, string> Connection { get; init; } = new Dictionary<string, string>();

    /// <summary>Gets each line of both streams as it comes.</summary>
    public Func<string, Task>? OnLine { get; init; }

    /// <summary>Cluster that the run reaches; null where it reaches none, and waits for no slot: whoever renders has taken one
    /// before.</summary>
    public string? Cluster { get; init; }

    /// <summary>Names the release that the run changes; null where it only reads.</summary>
    public string? Lock { get; init; }

    /// <summary>Time after which it is killed, for runs that reach no cluster; null where something else limits it.</summary>
    public TimeSpan? Limit { get; init; }
}

/// <summary>Starts Helm: few at once, in an environment of our own, with SIGINT before SIGKILL.</summary>
internal sealed class HelmProcess(ProvisioningOptions options, Failpoints? failpoints) : IDisposable
{
    // A worker stops when three quarters of its lease are over; Helm is gone when all of it is, before another worker may begin.
    private TimeSpan Grace { get; } = TimeSpan.FromSeconds(Math.Min(10, options.LeaseSeconds / 4.0));

    // A chart that prints endlessly must not use up the portal's memory.
    private const int LongestOutput = 48 * 1024 * 1024;

    // A cluster that does not answer holds Helm for long; a slot is left for the others.
    private readonly FairTurns slots = new(Math.Max(1, options.HelmConcurrency), Math.Max(1, options.HelmConcurrency - 1));
    private readonly HelmFolders folders = new(options.DataDirectory);
    private readonly ProcessLauncher launcher = new();

    public HelmFolders Folders => folders;

    private string Executable => string.IsNullOrWhiteSpace(options.HelmPath) ? "helm" : options.HelmPath;

    public async Task<HelmOutput> RunAsync(HelmCall call, CancellationToken cancellationToken)
    {
        using var slot = call.Cluster is { } cluster ? await slots.TakeAsync(cluster, cancellationToken) : null;
        return await RunNowAsync(call, cancellationToken);
    }

    /// <summary>Stops a Helm process that an earlier portal left on this release, and waits for it to end.</summary>
    public Task EndOrphanAsync(string key, CancellationToken cancellationToken) =>
        ProcessMark.EndAsync(folders.Mark(key), Grace, cancellationToken);

    private async Task<HelmOutput> RunNowAsync(HelmCall call, CancellationToken cancellationToken)
    {
        var mark = call.Lock is { } key ? folders.Mark(key) : null;
        if (mark is not null)
        {
            await ProcessMark.EndAsync(mark, Grace, cancellationToken);
        }

        var stdout = new StringBuilder();
        var stderr = new StringBuilder();
        using var kill = new CancellationTokenSource();
        using var late = new CancellationTokenSource();
        await using var graceful = cancellationToken.Register(() => kill.CancelAfter(Grace));
        await using var tooLate = late.Token.Register(kill.Cancel);
        var output = new OutputBound(LongestOutput, kill);
        if (call.Limit is { } limit)
        {
            late.CancelAfter(limit);
        }

        var command = launcher
            .Command(Executable, call.Arguments)
            .WithEnvironmentVariables(folders.Environment(call.Connection))
            .WithStandardInputPipe(PipeSource.FromString(call.Input, Encoding.UTF8))
            .WithStandardOutputPipe(output.Into(stdout, call.OnLine))
            .WithStandardErrorPipe(output.Into(stderr, call.OnLine))
            .WithValidation(CommandResultValidation.None);
        var started = Stopwatch.GetTimestamp();
        try
        {
            var task = launcher.Start(() => command.ExecuteAsync(kill.Token, cancellationToken));
            if (mark is not null)
            {
                await HitAsync("helm.started", cancellationToken);
                ProcessMark.Write(mark, task.ProcessId);
                await HitAsync("helm.marked", cancellationToken);
            }

            var result = await task;
            return new HelmOutput(result.ExitCode, stdout.ToString(), stderr.ToString(), Stopwatch.GetElapsedTime(started));
        }
        catch (OperationCanceledException problem) when (output.IsPast)
        {
            throw new HelmException(
                HelmFailure.InvalidChart,
                $"Helm printed more than {LongestOutput >> 20} MB and was stopped. What the chart renders must be smaller.",
                isTransient: false,
                problem
            );
        }
        catch (OperationCanceledException problem) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new HelmException(
                HelmFailure.Timeout,
                $"Helm was not done after {call.Limit!.Value.TotalSeconds:0} seconds and was stopped. A chart renders in less than one; look for templates that loop endlessly.",
                isTransient: false,
                problem
            );
        }
        catch (Win32Exception problem)
        {
            throw new HelmException(
                HelmFailure.ToolMissing,
                $"Helm could not be started as '{Executable}': {problem.Message}. Install Helm 4, or set {ProvisioningOptions.Section}:HelmPath.",
                isTransient: false,
                problem
            );
        }
        finally
        {
            if (mark is not null)
            {
                File.Delete(mark);
            }
        }
    }

    private Task HitAsync(string name, CancellationToken cancellationToken) =>
        failpoints?.HitAsync(name, cancellationToken) ?? Task.CompletedTask;

    public void Dispose() => launcher.Dispose();
}
