using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Engine.Health;

/// <summary>The result of asking the gateway.</summary>
/// <param name="Ran">Whether the question reached the cluster; where not, nothing is known about the gateway.</param>
/// <param name="Ok">Whether the gateway answered well.</param>
/// <param name="StatusCode">HTTP status; null for none.</param>
/// <param name="LatencyMs">Milliseconds.</param>
/// <param name="Detail">One sentence.</param>
public sealed record ProbeResult(bool Ran, bool Ok, int? StatusCode, int LatencyMs, string Detail);

/// <summary>Asks the gateway itself, through the API server's service proxy.</summary>
public sealed class GatewayProbe : IGatewayProbe
{
    /// <summary>Path that answers when the gateway is well: only the enterprise image has a health path.</summary>
    public static string PathOf(Edition edition) => edition == Edition.Enterprise ? "/v1/health" : "/";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Asks once, with a limit of five seconds. Never throws for what the gateway or the cluster does.</summary>
    public async Task<ProbeResult> ProbeAsync(
        ClusterConnection connection,
        string ns,
        string service,
        int port,
        string path,
        CancellationToken cancellationToken
    )
    {
        var started = Stopwatch.GetTimestamp();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            using var response = await connection.OpenAsync(
                HttpMethod.Get,
                $"/api/v1/namespaces/{ns}/services/http:{service}:{port}/proxy{path}",
                body: null,
                "application/json",
                HttpCompletionOption.ResponseHeadersRead,
                limit.Token
            );
            var latency = Elapsed(started);
            if (response.IsSuccessStatusCode)
            {
                return new(Ran: true, Ok: true, (int)response.StatusCode, latency, $"HTTP {(int)response.StatusCode}.");
            }

            return await StatusMessageAsync(response, limit.Token) is { } message
                ? FromCluster(response.StatusCode, message, latency)
                : new(Ran: true, Ok: false, (int)response.StatusCode, latency, $"GET {path} answered HTTP {(int)response.StatusCode}.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            var elapsed = Elapsed(started);
            // The silence may be the gateway's, or the API server's in front of it: if the API server answers, it is the gateway's.
            return await ClusterReach.TryAsync(connection, cancellationToken) is null
                ? new(Ran: true, Ok: false, StatusCode: null, elapsed, $"No answer within {Limit.TotalSeconds:0} seconds.")
                : new(Ran: false, Ok: false, StatusCode: null, elapsed, $"The cluster did not answer within {Limit.TotalSeconds:0} seconds.");
        }
        catch (Exception problem) when (ClusterErrors.Map(connection.Name, problem, cancellationToken) is { } mapped)
        {
            return new(Ran: false, Ok: false, StatusCode: null, Elapsed(started), mapped.Message);
        }
    }

    // The API server speaks for itself in a Status. 503 and 502 are about the gateway behind it, 404 about its Service; all else is the
    // API server's own trouble and says nothing about the gateway.
    private static ProbeResult FromCluster(HttpStatusCode status, string message, int latency) =>
        status switch
        {
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout or HttpStatusCode.NotFound =>
                new(Ran: true, Ok: false, StatusCode: null, latency, $"{message}."),
            _ => new(Ran: false, Ok: false, StatusCode: null, latency, $"The cluster did not forward the request: {message}."),
        };

    /// <summary>The API server's own message; null where the answer is not its own.</summary>
    internal static async Task<string?> StatusMessageAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
        {
            return null;
        }

        // A gateway may send anything: only the beginning is read.
        var buffer = new byte[16 * 1024];
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            using var json = BoundedJson.Document(buffer.AsMemory(0, length), ReadLimits.Service);
            return
                json.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("kind", out var kind)
                && kind.ValueEquals("Status"u8)
                && root.TryGetProperty("message", out var message)
                ? message.GetString()?.TrimEnd('.') ?? ""
                : null;
        }
        catch (Exception problem) when (problem is JsonException or UnreadableException)
        {
            return null;
        }
    }

    private static int Elapsed(long started) => (int)Stopwatch.GetElapsedTime(started).TotalMilliseconds;
}
