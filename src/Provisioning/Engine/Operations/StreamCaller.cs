using System.Diagnostics;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Health;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>How one stream ended.</summary>
/// <param name="Finished">Whether it came to its end.</param>
/// <param name="Counts">Whether it says anything about the gateway: a failure of the cluster in between does not.</param>
/// <param name="LongestGap">Longest time without anything.</param>
/// <param name="Why">Why it did not finish; empty when it did.</param>
internal sealed record StreamEnd(bool Finished, bool Counts, TimeSpan LongestGap, string Why);

/// <summary>Calls a gateway as its users do.</summary>
internal interface IStreamCaller
{
    /// <summary>One stream. Never throws for what gateway, provider or cluster do.</summary>
    Task<StreamEnd> CallAsync(
        ClusterConnection cluster,
        string ns,
        ServiceObservation service,
        string provider,
        Action began,
        CancellationToken cancellationToken
    );
}

/// <summary>
/// Asks a gateway for one streamed chat completion through the API server's service proxy. The gateway is told to ask the provider of
/// <see cref="StreamProbeOptions.Url"/> (header x-portkey-custom-host), so nothing is spent at a model.
/// </summary>
internal sealed class StreamCaller : IStreamCaller
{
    private const int LongestLine = 16 * 1024;

    // Longer ones are cut: a provider that never ends must not hold up an operation.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private static JsonObject Body =>
        new()
        {
            ["model"] = "stream-probe",
            ["stream"] = true,
            ["max_tokens"] = 16,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "portal stream probe" }),
        };

    /// <summary>Never throws for what gateway, provider or cluster do.</summary>
    /// <param name="cluster">Cluster.</param>
    /// <param name="ns">Namespace.</param>
    /// <param name="service">The gateway's Service.</param>
    /// <param name="provider">See <see cref="StreamProbeOptions.Url"/>.</param>
    /// <param name="began">Told at the first line.</param>
    /// <param name="cancellationToken">Gives it up; an abandoned stream is not counted.</param>
    public async Task<StreamEnd> CallAsync(
        ClusterConnection cluster,
        string ns,
        ServiceObservation service,
        string provider,
        Action began,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var (last, longest, answered) = (Stopwatch.GetTimestamp(), TimeSpan.Zero, false);
        try
        {
            var port = service.Ports is [var first, ..] ? first.Port : 8787;
            using var response = await cluster.OpenAsync(
                HttpMethod.Post,
                $"/api/v1/namespaces/{ns}/services/http:{service.Name}:{port}/proxy/v1/chat/completions",
                Body,
                "application/json",
                HttpCompletionOption.ResponseHeadersRead,
                limit.Token,
                "text/event-stream",
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["x-portkey-provider"] = "openai",
                    ["x-portkey-custom-host"] = provider,
                }
            );
            if (!response.IsSuccessStatusCode)
            {
                // The API server's own refusal is a Status; with 502 to 504 it is the gateway that is not there.
                var (status, message) = ((int)response.StatusCode, await GatewayProbe.StatusMessageAsync(response, limit.Token));
                return new(
                    Finished: false,
                    message is null || status is >= 502 and <= 504,
                    longest,
                    message is null ? $"the gateway answered HTTP {status}" : $"the cluster answered HTTP {status}: {message}"
                );
            }

            answered = true;
            using var lines = new LineReader(await response.Content.ReadAsStreamAsync(limit.Token), LongestLine);
            while (await lines.ReadAsync(limit.Token) is { } line)
            {
                longest = Stopwatch.GetElapsedTime(last) is var gap && gap > longest ? gap : longest;
                last = Stopwatch.GetTimestamp();
                began();
                if (line.StartsWith("data: [DONE]", StringComparison.Ordinal))
                {
                    return new(Finished: true, Counts: true, longest, "");
                }
            }

            return new(Finished: false, Counts: true, longest, "a stream ended before its end");
        }
        catch (OperationCanceledException)
        {
            return new(Finished: false, Counts: false, longest, "a stream took too long and was abandoned");
        }
        catch (Exception problem) when (ClusterErrors.Map(cluster.Name, problem, cancellationToken) is { } mapped)
        {
            return answered
                ? new(Finished: false, Counts: true, longest, "a stream was cut")
                : new(Finished: false, Counts: false, longest, mapped.Message);
        }
    }
}
