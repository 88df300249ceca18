using Portkey.Portal.Sandbox.Kubelet.Runtime;

namespace Portkey.Portal.Sandbox.Kubelet.Probes;

/// <summary>Asks a probe again and again, counts, and reports each change of verdict.</summary>
internal sealed class ProbeLoop(Probe probe, string podAddress, KubeletOptions options, TimeProvider time)
{
    /// <summary>
    /// Runs until cancelled, or until <paramref name="report"/> answers false. A verdict changes after the stated
    /// number of equal answers; <paramref name="failed"/> hears of each failure that counts.
    /// </summary>
    public async Task RunAsync(Func<bool, bool> report, Func<string, Task> failed, CancellationToken cancel)
    {
        var start = time.GetTimestamp();
        var countsFrom = probe.InitialDelay;
        var eager = probe.Kind != "liveness";
        var good = false;
        var (successes, failures) = (0, 0);
        if (!eager)
        {
            await Task.Delay(probe.InitialDelay, time, cancel);
        }

        while (true)
        {
            var fault = await ProbeAction.AskAsync(probe, podAddress, cancel);
            var age = time.GetElapsedTime(start);
            if (fault is null)
            {
                failures = 0;
                if (++successes >= probe.SuccessThreshold)
                {
                    good = true;
                    successes = 0;
                    if (!report(true))
                    {
                        return;
                    }
                }
            }
            else if (age >= countsFrom)
            {
                // Between two regular probes an eager one only counts when it succeeds.
                countsFrom = age + probe.Period;
                successes = 0;
                await failed(fault);
                if (++failures >= probe.FailureThreshold)
                {
                    good = false;
                    failures = 0;
                    if (!report(false))
                    {
                        return;
                    }
                }
            }

            await Task.Delay(Pause(eager && !good, age), time, cancel);
        }
    }

    private TimeSpan Pause(bool hurry, TimeSpan age)
    {
        var second = TimeSpan.FromSeconds(1);
        return !hurry ? probe.Period
            : age < options.EagerWindow ? options.EagerPeriod
            : age < options.EagerWindow * 4 && probe.Period > second ? second
            : probe.Period;
    }
}
