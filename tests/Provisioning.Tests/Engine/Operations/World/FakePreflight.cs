using System.Collections.Concurrent;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations.World;

/// <summary>Checks whose answers a test gives; the checks themselves have tests of their own.</summary>
internal sealed class FakePreflight : IPreflight
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<CheckResult>> answers = new(StringComparer.Ordinal);

    public Faults Faults { get; } = new();

    /// <summary>What the whole look finds.</summary>
    public IReadOnlyList<CheckResult> Results { get; set; } =
    [new("cluster", "Cluster", CheckStatus.Passed, "It answers.", "", 1) { LookedFrom = LookedFrom.ClusterApi }];

    /// <summary>What was looked at last.</summary>
    public PreflightSubject? Subject { get; private set; }

    /// <summary>What one check answers, in turn; the last stays. Without any it does not apply.</summary>
    public void Answer(string id, params CheckStatus[] statuses)
    {
        answers[id] = new(
            statuses.Select(s => new CheckResult(id, id, s, $"{id} says {s}.", "Look at it.", 1) { LookedFrom = LookedFrom.Portal })
        );
    }

    public async Task<IReadOnlyList<CheckResult>> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        await Faults.PassAsync("run", cancellationToken);
        Subject = subject;
        return Results;
    }

    public async Task<CheckResult?> RunOneAsync(string id, PreflightSubject subject, CancellationToken cancellationToken)
    {
        await Faults.PassAsync("one", cancellationToken);
        return !answers.TryGetValue(id, out var left) ? null
            : left.Count > 1 && left.TryDequeue(out var next) ? next
            : left.TryPeek(out var last) ? last
            : null;
    }
}
