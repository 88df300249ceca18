using System.Net;
using System.Text.Json;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>
/// Asks a cluster which one it is, before anything else is asked of it: once per connection, and again until it has answered. So no
/// work begins on another cluster that stands behind a known address.
/// </summary>
internal sealed class IdentityGuard(string cluster, Uri server, string uid, ClusterException? refusal) : DelegatingHandler
{
    /// <summary>Code for a cluster that is not the one it was.</summary>
    public const string Other = "cluster-identity";

    private volatile bool proven = uid.Length == 0 && refusal is null;

    /// <summary>Whether the cluster has proved to be the pinned one, or none is pinned.</summary>
    public bool IsProven => proven;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (refusal is not null)
        {
            throw refusal;
        }

        if (!proven)
        {
            await ProveAsync(request, cancellationToken);
            proven = true;
        }

        return await base.SendAsync(request, cancellationToken);
    }

    private async Task ProveAsync(HttpRequestMessage wanted, CancellationToken cancellationToken)
    {
        using var question = new HttpRequestMessage(HttpMethod.Get, RawCalls.Address(server, RawCalls.SystemNamespace))
        {
            Version = wanted.Version,
            VersionPolicy = wanted.VersionPolicy,
        };
        question.Headers.Authorization = wanted.Headers.Authorization;
        question.Headers.Accept.ParseAdd("application/json");
        using var answer = await base.SendAsync(question, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.NotFound))
        {
            throw ClusterErrors.From(cluster, answer.StatusCode, text, answer.Headers.RetryAfter?.Delta);
        }

        var problem = answer.StatusCode == HttpStatusCode.OK ? null : ClusterErrors.From(cluster, answer.StatusCode, text);
        if (problem is { IsTransient: true })
        {
            throw problem;
        }

        if (Uid(text) is var found && (problem is not null || found != uid))
        {
            throw new ClusterRejectedException(
                Other,
                $"What answers as cluster '{cluster}' is another cluster: its namespace kube-system has UID {(problem is null && found.Length is > 0 and < 64 ? found : "none")}, and {uid} is pinned. Nothing was done there. Have an administrator find out why, and register the new cluster under another name."
            );
        }
    }

    private string Uid(string text)
    {
        try
        {
            using var json = BoundedJson.Document(text, ReadLimits.Cluster);
            return
                json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.TryGetProperty("metadata", out var metadata)
                && metadata.ValueKind == JsonValueKind.Object
                && metadata.TryGetProperty("uid", out var found)
                && found.ValueKind == JsonValueKind.String
                ? found.GetString()!
                : "";
        }
        catch (JsonException problem)
        {
            throw new ClusterUnreachableException($"What cluster '{cluster}' answered is not from a Kubernetes API server.", problem);
        }
    }
}
