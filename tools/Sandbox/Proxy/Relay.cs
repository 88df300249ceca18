using System.Net;
using Microsoft.AspNetCore.Http.Extensions;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Proxy;

/// <summary>Sends a request on to a pod and streams the answer back.</summary>
internal sealed class Relay : IDisposable
{
    // Hop by hop (RFC 9110 7.6.1), and the caller's credentials for this API server, which the pod must not see.
    private static readonly HashSet<string> Dropped = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection",
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Proxy-Connection",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Upgrade",
        "Host",
        "Authorization",
    };

    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Security",
        "CA5359",
        Justification = "As in an API server, proxied pods are not verified."
    )]
    private readonly HttpMessageInvoker _http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        }
    );

    public void Dispose() => _http.Dispose();

    public async Task SendAsync(HttpContext context, Uri target)
    {
        using var request = Request(context, target);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, context.RequestAborted);
        }
        catch (HttpRequestException fault)
        {
            throw new KubeStatusException(
                503,
                "ServiceUnavailable",
                $"error trying to reach service: {fault.InnerException?.Message ?? fault.Message}"
            );
        }

        using (response)
        {
            await AnswerAsync(context, response);
        }
    }

    private static HttpRequestMessage Request(HttpContext context, Uri target)
    {
        // The server has decoded and collapsed "..", and the authority is fixed before the path is joined to it,
        // so no path can lead anywhere but to this pod.
        var path = context.Request.RouteValues["rest"] as string ?? "";
        var builder = new UriBuilder(target)
        {
            Path = new PathString("/" + path.TrimStart('/')).ToUriComponent(),
            Query = context.Request.QueryString.Value,
        };
        if (builder.Uri.Authority != target.Authority)
        {
            throw KubeStatusException.BadRequest("the path leads out of the proxy");
        }

        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), builder.Uri);
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
        }

        foreach (var header in context.Request.Headers.Where(header => !Dropped.Contains(header.Key) && !header.Key.StartsWith(':')))
        {
            if (!request.Headers.TryAddWithoutValidation(header.Key, header.Value.AsEnumerable()))
            {
                request.Content?.Headers.TryAddWithoutValidation(header.Key, header.Value.AsEnumerable());
            }
        }

        request.Headers.TryAddWithoutValidation("X-Forwarded-Uri", context.Request.GetEncodedPathAndQuery());
        return request;
    }

    private static async Task AnswerAsync(HttpContext context, HttpResponseMessage response)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var header in response.Headers.Concat(response.Content.Headers).Where(header => !Dropped.Contains(header.Key)))
        {
            context.Response.Headers[header.Key] = header.Value.ToArray();
        }

        // Each part is passed on as it comes: a streamed completion must not wait for its end.
        await using var body = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        var buffer = new byte[16 * 1024];
        while (await body.ReadAsync(buffer, context.RequestAborted) is > 0 and var length)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, length), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }
}
