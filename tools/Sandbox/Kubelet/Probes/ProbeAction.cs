using System.Net.Sockets;
using Portkey.Portal.Sandbox.Objects;

namespace Portkey.Portal.Sandbox.Kubelet.Probes;

/// <summary>Asks a container once. Null is success; otherwise what went wrong, in a kubelet's words.</summary>
internal static class ProbeAction
{
    // A kubelet follows redirects on the same host only and trusts any certificate; one connection a probe.
    [System.Diagnostics.CodeAnalysis.SuppressMessage(
        "Security",
        "CA5359",
        Justification = "HTTPS probes are not verified, by the definition of Kubernetes."
    )]
    private static readonly HttpMessageInvoker Http = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        }
    );

    public static async Task<string?> AskAsync(Probe probe, string podAddress, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(probe.Timeout);
        try
        {
            return probe.Spec switch
            {
                _ when probe.Spec.Dig("httpGet") is not null => await GetAsync(probe, podAddress, limit.Token),
                _ when probe.Spec.Dig("tcpSocket") is not null => await ConnectAsync(podAddress, probe.Port("tcpSocket"), limit.Token),
                _ when probe.Spec.Dig("grpc") is not null => await ConnectAsync(podAddress, probe.Port("grpc"), limit.Token),
                // exec: there is no container to run a command in, so the process being alive is the answer.
                _ => null,
            };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
        }
    }

    private static async Task<string?> GetAsync(Probe probe, string podAddress, CancellationToken cancel)
    {
        if (probe.Port("httpGet") is not (> 0 and < 65_536) and var bad)
        {
            return $"invalid port {bad?.ToString() ?? probe.Spec.Text("httpGet", "port")}";
        }

        var port = probe.Port("httpGet");
        var scheme = string.Equals(probe.Spec.Text("httpGet", "scheme"), "HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        var path = (probe.Spec.Text("httpGet", "path") ?? "/").TrimStart('/');
        var url = $"{scheme}://{podAddress}:{port}/{path}";
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.35");
            foreach (var header in probe.Spec.Items("httpGet", "httpHeaders"))
            {
                request.Headers.TryAddWithoutValidation(header.Text("name") ?? "", header.Text("value") ?? "");
            }

            using var response = await Http.SendAsync(request, cancel);
            var status = (int)response.StatusCode;
            return status is >= 200 and < 400 ? null : $"HTTP probe failed with statuscode: {status}";
        }
        catch (Exception fault) when (fault is HttpRequestException or UriFormatException or FormatException or ArgumentException)
        {
            return $"Get \"{url}\": {Reason(fault, podAddress, port ?? 0)}";
        }
    }

    private static async Task<string?> ConnectAsync(string podAddress, int? port, CancellationToken cancel)
    {
        if (port is not (> 0 and < 65_536))
        {
            return $"invalid port {port}";
        }

        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(podAddress, port.Value, cancel);
            return null;
        }
        catch (SocketException fault)
        {
            return Reason(fault, podAddress, port.Value);
        }
    }

    private static string Reason(Exception fault, string podAddress, int port) =>
        (fault as SocketException ?? fault.InnerException as SocketException)?.SocketErrorCode switch
        {
            SocketError.ConnectionRefused => $"dial tcp {podAddress}:{port}: connect: connection refused",
            SocketError.ConnectionReset => $"read tcp {podAddress}:{port}: read: connection reset by peer",
            _ => fault.Message,
        };
}
