using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Plain calls to the API server, for any kind; failures come out as <see cref="ClusterException"/>.</summary>
internal static class RawCalls
{
    /// <summary>The namespace whose UID tells clusters apart.</summary>
    public const string SystemNamespace = "/api/v1/namespaces/kube-system";

    public const string ApplyPatch = "application/apply-patch+yaml";

    private const string Json = "application/json";

    /// <summary>Address of a path of the API, below the path that the server itself has, as where Rancher is in front of the cluster. Helm
    /// does the same.</summary>
    public static Uri Address(Uri server, string path) => new(server.GetLeftPart(UriPartial.Path).TrimEnd('/') + path);

    /// <summary>UID of the cluster's namespace kube-system; empty where it may not be read.</summary>
    public static async Task<string> IdentityAsync(this ClusterConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return
                (await connection.GetAsync(SystemNamespace, cancellationToken))?["metadata"]?["uid"]?.GetValue<string>()
                    is { Length: <= 64 } uid
                ? uid
                : "";
        }
        catch (ClusterForbiddenException)
        {
            return "";
        }
    }

    /// <summary>What the server has at a discovery address, or null where it has nothing there, with a Status or
    /// without.</summary>
    public static async Task<JsonObject?> DiscoverAsync(
        this ClusterConnection connection,
        string path,
        CancellationToken cancellationToken
    ) => await connection.AskAsync(HttpMethod.Get, path, body: null, Json, Json, nothingIsNull: true, cancellationToken);

    /// <summary>An object, or null where there is none.</summary>
    public static async Task<JsonObject?> GetAsync(
        this ClusterConnection connection,
        string path,
        CancellationToken cancellationToken,
        string accept = Json
    )
    {
        try
        {
            return await connection.SendAsync(HttpMethod.Get, path, body: null, Json, cancellationToken, accept);
        }
        catch (ClusterRejectedException problem) when (problem.Code == ClusterErrors.NotFound)
        {
            return null;
        }
    }

    /// <summary>Deletes; false where there was nothing.</summary>
    public static async Task<bool> DeleteAsync(
        this ClusterConnection connection,
        string path,
        CancellationToken cancellationToken,
        JsonObject? options = null
    )
    {
        try
        {
            await connection.SendAsync(HttpMethod.Delete, path, options, "application/json", cancellationToken);
            return true;
        }
        catch (ClusterRejectedException problem) when (problem.Code == ClusterErrors.NotFound)
        {
            return false;
        }
    }

    /// <summary>Server-side apply under the portal's name, without force.</summary>
    public static Task<JsonObject> ApplyAsync(
        this ClusterConnection connection,
        string path,
        JsonObject body,
        CancellationToken cancellationToken
    ) =>
        connection.SendAsync(
            HttpMethod.Patch,
            $"{path}?fieldManager={ClusterLabels.Manager}&force=false&fieldValidation=Strict",
            body,
            ApplyPatch,
            cancellationToken
        );

    public static async Task<JsonObject> SendAsync(
        this ClusterConnection connection,
        HttpMethod method,
        string path,
        JsonObject? body,
        string contentType,
        CancellationToken cancellationToken,
        string accept = Json
    ) => (await connection.AskAsync(method, path, body, contentType, accept, nothingIsNull: false, cancellationToken))!;

    // Null only where it is asked for, and there is nothing at the address.
    private static async Task<JsonObject?> AskAsync(
        this ClusterConnection connection,
        HttpMethod method,
        string path,
        JsonObject? body,
        string contentType,
        string accept,
        bool nothingIsNull,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var response = await connection.OpenAsync(
                method,
                path,
                body,
                contentType,
                HttpCompletionOption.ResponseContentRead,
                cancellationToken,
                accept
            );
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return nothingIsNull && response.StatusCode == HttpStatusCode.NotFound ? null
                : response.IsSuccessStatusCode
                    ? BoundedJson.Node(text, ReadLimits.Cluster) as JsonObject
                        ?? throw new ClusterUnreachableException(
                            $"Cluster '{connection.Name}' answered with something that is not an object."
                        )
                : throw ClusterErrors.From(connection.Name, response.StatusCode, text, response.Headers.RetryAfter?.Delta);
        }
        catch (Exception problem) when (ClusterErrors.Map(connection.Name, problem, cancellationToken) is { } mapped)
        {
            throw mapped;
        }
    }

    /// <summary>Sends and returns the response as it is. The caller disposes it and maps exceptions.</summary>
    public static async Task<HttpResponseMessage> OpenAsync(
        this ClusterConnection connection,
        HttpMethod method,
        string path,
        JsonObject? body,
        string contentType,
        HttpCompletionOption completion,
        CancellationToken cancellationToken,
        string accept = Json,
        IReadOnlyDictionary<string, string>? headers = null
    )
    {
        using var request = new HttpRequestMessage(method, Address(connection.Kubernetes.BaseUri, path))
        {
            Version = HttpVersion.Version20,
        };
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            request.Headers.Add(name, value);
        }

        if (body is not null)
        {
            // JSON is YAML, so an apply patch may also be JSON.
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString(JsonSerializerOptions.Web)));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        if (connection.Kubernetes.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancellationToken);
        }

        return await connection.Kubernetes.HttpClient.SendAsync(request, completion, cancellationToken);
    }
}
