using System.Net;
using System.Text;
using k8s;
using k8s.Models;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clusters.Kubernetes;

/// <summary>What stands at a cluster's address answers what it likes.</summary>
public sealed class BoundedAnswersTests : IDisposable
{
    private const string Start = """{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[""";

    private readonly HttpListener server = new();
    private readonly string address = $"http://127.0.0.1:{FreePort.Next()}";
    private string answer = "";
    private bool goesOn;

    public BoundedAnswersTests()
    {
        server.Prefixes.Add(address + "/");
        server.Start();
        _ = ServeAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("a-pinned-uid")]
    public async Task Any_OfAnAnswerWithoutEnd_StopsAtTheBound(string uid)
    {
        (answer, goesOn) = (Start + "\"", true);
        using var connection = Connection(uid);
        foreach (
            var call in new Func<Task>[]
            {
                () => connection.GetAsync("/api/v1/pods", default),
                () => ObjectList.ReadAsync<V1Pod>(connection, "/api/v1/pods", "", default),
                async () =>
                {
                    try
                    {
                        await connection.Client.CoreV1.ListNamespacedPodAsync("ns");
                    }
                    catch (Exception problem) when (ClusterErrors.Map("x", problem, default) is { } mapped)
                    {
                        throw mapped;
                    }
                },
            }
        )
        {
            var problem = await Assert.ThrowsAnyAsync<ClusterException>(call);
            Assert.Contains("larger than 64 MB", problem.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Any_OfAnAnswerThatIsNestedTooDeep_IsRefused()
    {
        answer = Start + new string('[', 30_000) + new string(']', 30_000) + "]}";
        using var connection = Connection("");
        Assert.Contains(
            "nested deeper",
            (await Assert.ThrowsAnyAsync<ClusterException>(() => connection.GetAsync("/api/v1/pods", default))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "nested deeper",
            (
                await Assert.ThrowsAnyAsync<ClusterException>(() => ObjectList.ReadAsync<V1Pod>(connection, "/api/v1/pods", "", default))
            ).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "nested deeper",
            (await Assert.ThrowsAnyAsync<ClusterException>(() => Connection("uid").GetAsync("/api/v1/pods", default))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Read_OfALineWithoutEnd_EndsTheWatch()
    {
        using var lines = new LineReader(
            new MemoryStream(Encoding.UTF8.GetBytes($"first\n\nthird\r\n{new string('x', 100_000)}\nfifth\n")),
            50_000
        );
        Assert.Equal(
            ("first", "", "third\r"),
            (await lines.ReadAsync(default), await lines.ReadAsync(default), await lines.ReadAsync(default))
        );
        Assert.Null(await lines.ReadAsync(default));
        using var last = new LineReader(new MemoryStream("one\ntwo"u8.ToArray()), 10);
        Assert.Equal(("one", "two", null), (await last.ReadAsync(default), await last.ReadAsync(default), await last.ReadAsync(default)));
    }

    public void Dispose() => server.Close();

    private ClusterConnection Connection(string uid) => new("mine", new KubernetesClientConfiguration { Host = address }, uid);

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await server.GetContextAsync();
                context.Response.ContentType = "application/json";
                context.Response.SendChunked = true;
                try
                {
                    await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer));
                    var more = Encoding.UTF8.GetBytes(new string('a', 1024 * 1024));
                    while (goesOn)
                    {
                        await context.Response.OutputStream.WriteAsync(more);
                    }

                    context.Response.Close();
                }
                catch (HttpListenerException)
                {
                    // The portal had enough.
                }
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
