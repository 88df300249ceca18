using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.RegularExpressions;
using k8s.Autorest;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>The one place that turns what the network and the API server say into a <see cref="ClusterException"/>.</summary>
public static partial class ClusterErrors
{
    /// <summary>Code for an object that is not there.</summary>
    public const string NotFound = "not-found";

    private const int LongestMessage = 1000;

    /// <summary>The exception for people; null for what is not about the cluster, such as a cancellation by the caller.</summary>
    public static ClusterException? Map(string cluster, Exception problem, CancellationToken cancellationToken) =>
        problem switch
        {
            ClusterException => null,
            HttpOperationException { Response: { } response } http => From(
                cluster,
                response.StatusCode,
                response.Content,
                RetryAfter(response),
                http
            ),
            OperationCanceledException when cancellationToken.IsCancellationRequested => null,
            OperationCanceledException or TimeoutException => new ClusterUnreachableException(
                $"Cluster '{cluster}' did not answer in time. Check that its API server runs and can be reached from here.",
                problem
            ),
            HttpRequestException { InnerException: AuthenticationException certificate } => new ClusterRejectedException(
                "cluster-certificate",
                $"The certificate of cluster '{cluster}' is not the one its kubeconfig expects: {certificate.Message} Check certificate-authority-data and the server's address.",
                problem
            ),
            HttpRequestException
            {
                InnerException: SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }
            } => new ClusterUnreachableException(
                $"The address of cluster '{cluster}' is not known here. Check the server in its kubeconfig.",
                problem
            ),
            HttpRequestException or SocketException or IOException or HttpIOException => new ClusterUnreachableException(
                $"Cluster '{cluster}' cannot be reached: {problem.GetBaseException().Message}. Check that its API server runs and can be reached from here.",
                problem
            ),
            UnreadableException => new ClusterUnreachableException(
                $"Cluster '{cluster}' answered with more than the portal reads: {problem.Message}",
                problem
            ),
            JsonException => new ClusterUnreachableException(
                $"What cluster '{cluster}' answered is not from a Kubernetes API server.",
                problem
            ),
            _ => null,
        };

    /// <summary>The exception for an answer that is not a success. A Kubernetes answer is a Status:
    /// <c>{"kind":"Status","reason":"Forbidden","message":…,"details":{"causes":[…]}}</c>.</summary>
    public static ClusterException From(
        string cluster,
        HttpStatusCode status,
        string? body,
        TimeSpan? retryAfter = null,
        Exception? inner = null
    )
    {
        var (message, field, causes) = Read(body);
        message = message.Length > 0 ? message : string.Create(CultureInfo.InvariantCulture, $"HTTP {(int)status}");
        return status switch
        {
            HttpStatusCode.Unauthorized => new ClusterForbiddenException(
                $"Cluster '{cluster}' does not accept the portal's credentials. Have an administrator renew its kubeconfig.",
                inner
            ),
            HttpStatusCode.Forbidden when message.Contains("exceeded quota", StringComparison.Ordinal) => new ClusterQuotaExceededException(
                $"A quota of the namespace does not allow it: {message}. Ask for less, or have the quota raised.",
                inner
            ),
            HttpStatusCode.Forbidden when message.Contains("is being terminated", StringComparison.Ordinal) => new ClusterException(
                "namespace-terminating",
                $"The namespace in cluster '{cluster}' is being removed.",
                isTransient: true,
                inner
            ),
            HttpStatusCode.Forbidden => new ClusterForbiddenException(
                $"The portal's identity in cluster '{cluster}' may not do this: {message}.",
                inner
            ),

            // Only a Status says that an object is not there; a proxy's or a strange server's 404 says nothing.
            HttpStatusCode.NotFound when body?.Contains("\"Status\"", StringComparison.Ordinal) != true => new ClusterUnreachableException(
                $"What answers at the address of cluster '{cluster}' is not a Kubernetes API server, or is not ready.",
                inner
            ),
            HttpStatusCode.NotFound => new ClusterRejectedException(NotFound, $"Cluster '{cluster}' has no such object: {message}.", inner),
            HttpStatusCode.Conflict => Conflict(message, field, causes, inner),
            HttpStatusCode.TooManyRequests => new ClusterThrottledException(
                $"Cluster '{cluster}' is too busy: {message}.",
                retryAfter,
                inner
            ),
            HttpStatusCode.RequestTimeout => new ClusterUnreachableException($"Cluster '{cluster}' did not answer in time.", inner),

            // Older servers answer 500 to an apply of a field that they do not know; trying again would not help.
            HttpStatusCode.InternalServerError when message.Contains("failed to create typed patch object", StringComparison.Ordinal) =>
                new ClusterRejectedException(
                    "cluster-rejected",
                    $"Cluster '{cluster}' refused it: {message}. Its Kubernetes may be too old for this field.",
                    inner
                ),
            >= HttpStatusCode.InternalServerError => new ClusterUnreachableException(
                $"Cluster '{cluster}' had an internal problem: {message}.",
                inner
            ),
            _ => new ClusterRejectedException("cluster-rejected", $"Cluster '{cluster}' refused it: {message}.", inner),
        };
    }

    // cause: { "reason": "FieldManagerConflict", "message": "conflict with \"kubectl\" using v1", "field": ".data.x" }
    private static ClusterException Conflict(string message, string field, string causes, Exception? inner)
    {
        var manager = ManagerName().Match(causes.Length > 0 ? causes : message) is { Success: true } match ? match.Groups[1].Value : "";
        return manager.Length > 0
            ? new ClusterConflictException(
                $"'{manager}' manages the field {(field.Length > 0 ? field : "in question")} in the cluster, so the portal leaves it alone. Make it give up the field, then try again. {message}",
                manager,
                field,
                inner
            )
            : new ClusterException(
                "cluster-conflict",
                $"Something else changed the object at the same time: {message}.",
                isTransient: true,
                inner
            );
    }

    private static (string Message, string Field, string Causes) Read(string? body)
    {
        try
        {
            using var json = BoundedJson.Document(body ?? "", ReadLimits.Cluster);
            var root = json.RootElement;
            var message = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("message", out var m) ? m.GetString() ?? "" : "";
            message = message.Length > LongestMessage ? message[..LongestMessage] + " …" : message.TrimEnd('.');
            return
                root.TryGetProperty("details", out var details)
                && details.ValueKind == JsonValueKind.Object
                && details.TryGetProperty("causes", out var causes)
                && causes.GetArrayLength() > 0
                ? (
                    message,
                    causes[0].TryGetProperty("field", out var f) ? f.GetString() ?? "" : "",
                    causes[0].TryGetProperty("message", out var c) ? c.GetString() ?? "" : ""
                )
                : (message, "", "");
        }
        catch (Exception problem) when (problem is JsonException or UnreadableException or InvalidOperationException)
        {
            return ("", "", "");
        }
    }

    private static TimeSpan? RetryAfter(HttpResponseMessageWrapper response) =>
        response.Headers.TryGetValue("Retry-After", out var values)
        && int.TryParse(values.FirstOrDefault(), CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    [GeneratedRegex("conflict with \"([^\"]+)\"")]
    private static partial Regex ManagerName();
}
