using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet.Images;
using Portkey.Portal.Sandbox.Kubelet.Probes;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet;

/// <summary>Follows one run of a container: its probes, its end, and the means to stop it.</summary>
internal sealed class ContainerWatch(PodContext pod, JsonObject spec, string fieldPath, Action<Func<ContainerView, ContainerView>> show)
{
    private static readonly TimeSpan LeastGrace = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource<string> _unhealthy = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<(int Code, string Reason)> FollowAsync(IRunningContainer running, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var probes = ProbeAsync(end.Token);
        var stopped = Task.Delay(Timeout.Infinite, end.Token);
        var first = await Task.WhenAny(running.Exit, _unhealthy.Task, stopped);
        if (first == running.Exit)
        {
            await end.CancelAsync();
            await probes;
            var code = await running.Exit;
            return (code, code == 0 ? "Completed" : "Error");
        }

        if (first == _unhealthy.Task)
        {
            await pod.RecordAsync(
                NodeEvent.Normal(
                    "Killing",
                    $"Container {spec.Text("name")} failed {await _unhealthy.Task} probe, will be restarted",
                    fieldPath
                )
            );
        }
        else
        {
            await pod.RecordAsync(NodeEvent.Normal("Killing", $"Stopping container {spec.Text("name")}", fieldPath));
        }

        await end.CancelAsync();
        await probes;
        var stopping = pod.Node.Time.GetTimestamp();
        await PreStop.RunAsync(pod, spec, fieldPath, running.Exit);

        // However long the hook took, a process told to end has two seconds, as with a kubelet.
        var left = pod.Grace - pod.Node.Time.GetElapsedTime(stopping);
        await running.StopAsync(
            left > LeastGrace ? left
                : pod.Grace < LeastGrace ? pod.Grace
                : LeastGrace,
            pod.Hurry.Token
        );
        var exit = await running.Exit;
        return (exit, exit == 0 ? "Completed" : "Error");
    }

    private async Task ProbeAsync(CancellationToken end)
    {
        try
        {
            if (Probe.Of(spec, "startup") is { } startup)
            {
                var good = false;
                await LoopAsync(startup, verdict => !(good = verdict) && Fail("startup"), end);
                if (!good)
                {
                    return;
                }
            }

            var readiness = Probe.Of(spec, "readiness");
            show(view => view with { Started = true, Ready = readiness is null });
            await Task.WhenAll(
                readiness is null ? Task.CompletedTask : LoopAsync(readiness, ShowReady, end),
                Probe.Of(spec, "liveness") is { } liveness
                    ? LoopAsync(liveness, alive => alive || Fail("liveness"), end)
                    : Task.CompletedTask
            );
        }
        catch (OperationCanceledException)
        {
            // The container ended or is being stopped.
        }
    }

    private Task LoopAsync(Probe probe, Func<bool, bool> report, CancellationToken end) =>
        new ProbeLoop(probe, pod.Address, pod.Node.Options, pod.Node.Time).RunAsync(
            report,
            fault =>
                pod.RecordAsync(
                    NodeEvent.Warning(
                        "Unhealthy",
                        $"{char.ToUpperInvariant(probe.Kind[0])}{probe.Kind[1..]} probe failed: {fault}",
                        fieldPath
                    )
                ),
            end
        );

    private bool ShowReady(bool ready)
    {
        show(view => view with { Ready = ready });
        return true;
    }

    private bool Fail(string probe)
    {
        _unhealthy.TrySetResult(probe);
        return false;
    }
}
