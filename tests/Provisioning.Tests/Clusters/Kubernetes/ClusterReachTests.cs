using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using k8s;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;

/// <summary>A dead cluster is found out once and cheaply.</summary>
public sealed class ClusterReachTests
{
    [Fact]
    public async Task Ensure_ServerThatAcceptsAndSaysNothing_IsAskedOnceForMany()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var connection = Connection(silent);
        var clock = Stopwatch.StartNew();

        var problems = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(_ => Assert.ThrowsAsync<ClusterUnreachableException>(() => ClusterReach.EnsureAsync(connection, default)))
        );
        var first = clock.Elapsed;
        var later = await Assert.ThrowsAsync<ClusterUnreachableException>(() => ClusterReach.EnsureAsync(connection, default));

        Assert.All(problems, p => Assert.True(p.IsTransient));
        Assert.True(first < TimeSpan.FromSeconds(10), $"{first}");
        Assert.True(clock.Elapsed - first < TimeSpan.FromSeconds(1), "it was asked again");
        Assert.Contains("asked again in", later.Message, StringComparison.Ordinal);
        var asked = 0;
        while (silent.Pending())
        {
            (await silent.AcceptSocketAsync()).Dispose();
            asked++;
        }

        Assert.InRange(asked, 1, 2); // a client may open a second connection while the first says nothing
    }

    [Fact]
    public async Task Ensure_ServerThatRefusesWithAnAnswer_IsReached()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var connection = Connection(server);
        var answering = Task.Run(async () =>
        {
            using var client = await server.AcceptTcpClientAsync();
            var stream = client.GetStream();
            Assert.InRange(await stream.ReadAtLeastAsync(new byte[16], 16), 16, 16);
            await stream.WriteAsync("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray());
        });

        await ClusterReach.EnsureAsync(connection, default);
        await answering;
        server.Stop();
        await ClusterReach.EnsureAsync(connection, default); // believed for a moment
    }

    private static ClusterConnection Connection(TcpListener listener) =>
        new("test", new KubernetesClientConfiguration { Host = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}" });
}
