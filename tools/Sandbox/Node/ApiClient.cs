using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Portkey.Portal.Sandbox.Node;

/// <summary>Plain calls to a kube-apiserver, as a kubelet would make them. Reads kubeconfigs with a CA file and a token.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;

    public ApiClient(string kubeconfig)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(File.ReadAllText(kubeconfig)));
        var root = yaml.Documents[0].RootNode;
        var cluster = root["clusters"][0]["cluster"];
        var ca = X509CertificateLoader.LoadCertificateFromFile(cluster["certificate-authority"].ToString());
        var handler = new SocketsHttpHandler
        {
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, found, _, _) =>
                    found is not null && found.GetCertHashString() == ca.GetCertHashString(),
            },
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri(cluster["server"].ToString()), Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", root["users"][0]["user"]["token"].ToString());
    }

    /// <summary>The object, or null where there is none.</summary>
    public async Task<JsonObject?> GetAsync(string path, CancellationToken cancel)
    {
        using var answer = await _http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        return answer.StatusCode == HttpStatusCode.NotFound ? null : JsonNode.Parse(await SuccessAsync(answer, cancel)) as JsonObject;
    }

    /// <summary>Answers with the status: 404, 409 and 422 are for the caller to judge, anything else that failed throws.</summary>
    public async Task<HttpStatusCode> SendAsync(
        HttpMethod method,
        string path,
        JsonObject body,
        CancellationToken cancel,
        string media = "application/json"
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative))
        {
            Content = new StringContent(body.ToJsonString(), Encoding.UTF8, media),
        };
        using var answer = await _http.SendAsync(request, cancel);
        if (answer.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity))
        {
            await SuccessAsync(answer, cancel);
        }

        return answer.StatusCode;
    }

    /// <summary>Changes from a resource version on, until the server ends the watch.</summary>
    public async IAsyncEnumerable<(string Type, JsonObject Object)> WatchAsync(
        string path,
        string version,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        using var answer = await _http.GetAsync(
            new Uri($"{path}?watch=1&resourceVersion={version}&timeoutSeconds=300", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead,
            cancel
        );
        answer.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancel));
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (
                JsonNode.Parse(line) is JsonObject change
                && change["object"] is JsonObject item
                && change["type"]?.GetValue<string>() is { } type and not "ERROR"
            )
            {
                yield return (type, item);
            }
            else
            {
                yield break; // too old: whoever watches lists again
            }
        }
    }

    public void Dispose() => _http.Dispose();

    private static async Task<string> SuccessAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var text = await answer.Content.ReadAsStringAsync(cancel);
        return answer.IsSuccessStatusCode
            ? text
            : throw new HttpRequestException(
                $"{answer.RequestMessage?.RequestUri?.AbsolutePath}: {(int)answer.StatusCode} {text}",
                null,
                answer.StatusCode
            );
    }
}
