using System.Diagnostics;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>
/// Whether a cluster answers, asked cheaply before work begins there. One that did not is not asked again for a while, so that what is
/// tried again and again against a dead cluster costs next to nothing.
/// </summary>
public sealed class ClusterReach
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Believed = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromSeconds(5),
        TimeSpan.FromSeconds(10),
        TimeSpan.FromSeconds(20),
        TimeSpan.FromSeconds(30),
    ];

    private readonly Lock sync = new();
    private Task<ClusterException?>? look;
    private ClusterException? last;
    private long? answeredAt;
    private long? missedAt;
    private int missed;

    /// <summary>Throws when the cluster does not answer. Any answer will do: what it says matters to whoever asks for
    /// something.</summary>
    /// <exception cref="ClusterUnreachableException">It did not, now or a moment ago.</exception>
    public static async Task EnsureAsync(ClusterConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (await connection.Reach.LookAsync(connection).WaitAsync(cancellationToken) is { } problem)
        {
            throw problem;
        }
    }

    // One check for all that ask at the same time.
    private Task<ClusterException?> LookAsync(ClusterConnection connection)
    {
        lock (sync)
        {
            if (
                missedAt is { } then
                && Stopwatch.GetElapsedTime(then) is var ago
                && Pauses[Math.Min(missed, Pauses.Length) - 1] is var pause
                && ago < pause
            )
            {
                return Task.FromResult<ClusterException?>(
                    new ClusterUnreachableException(
                        $"{last!.Message} That was {ago.TotalSeconds:0} s ago; it will be asked again in {(pause - ago).TotalSeconds:0} s."
                    )
                );
            }

            if (answeredAt is { } at && Stopwatch.GetElapsedTime(at) < Believed)
            {
                return Task.FromResult<ClusterException?>(null);
            }

            return look is { IsCompleted: false } ? look : look = Task.Run(() => AskAsync(connection));
        }
    }

    private async Task<ClusterException?> AskAsync(ClusterConnection connection)
    {
        var problem = await TryAsync(connection, CancellationToken.None);
        lock (sync)
        {
            last = problem;
            (answeredAt, missedAt, missed) = problem is null
                ? (Stopwatch.GetTimestamp(), null, 0)
                : ((long?)null, (long?)Stopwatch.GetTimestamp(), missed + 1);
        }

        return problem;
    }

    /// <summary>Asks the API server for nothing but an answer; null where it gives one, else why it does not.</summary>
    internal static async Task<ClusterException?> TryAsync(ClusterConnection connection, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            using var answer = await connection.OpenAsync(
                HttpMethod.Get,
                "/version",
                body: null,
                "application/json",
                HttpCompletionOption.ResponseHeadersRead,
                limit.Token
            );
            return null;
        }
        catch (Exception problem)
            when ((problem as ClusterException ?? ClusterErrors.Map(connection.Name, problem, cancellationToken)) is { } mapped)
        {
            // A certificate or an identity that does not fit is an answer, too: what comes next says so in full.
            return mapped as ClusterUnreachableException;
        }
    }
}
