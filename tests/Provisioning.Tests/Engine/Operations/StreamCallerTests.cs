using System.Text;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.Engine.Operations;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations;

/// <summary>One stream through an API server's service proxy, over real HTTP.</summary>
public sealed class StreamCallerTests
{
    private static readonly ServiceObservation Service = new(
        "portkey-gateway",
        "gateway",
        "ClusterIP",
        "",
        [new ServicePortObservation("http", 8787, 0)],
        []
    );

    [Fact]
    public async Task Call_StreamWithItsEnd_Finishes_AndAsksTheProviderOfTheProbe()
    {
        var asked = "";
        var (end, began) = await CallAsync(async context =>
        {
            asked =
                $"{context.Request.Method} {context.Request.Path} {context.Request.Headers["x-portkey-custom-host"]} {await new StreamReader(context.Request.Body).ReadToEndAsync()}";
            await context.Response.WriteAsync("data: {}\n\ndata: [DONE]\n\n");
        });

        Assert.True(end is { Finished: true, Counts: true, Why: "" }, $"{end}");
        Assert.True(began > 0);
        Assert.StartsWith(
            "POST /api/v1/namespaces/ns/services/http:portkey-gateway:8787/proxy/v1/chat/completions http://echo.internal/v1 {\"model\":\"stream-probe\",\"stream\":true",
            asked,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Call_StreamWithoutItsEnd_IsCut()
    {
        var (end, began) = await CallAsync(context => context.Response.WriteAsync("data: {}\n\n"));

        Assert.Equal((false, true, "a stream ended before its end"), (end.Finished, end.Counts, end.Why));
        Assert.True(began > 0);
    }

    [Fact]
    public async Task Call_ConnectionThatBreaksInTheMiddle_IsCut()
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (end, _) = await CallAsync(
            async context =>
            {
                await context.Response.WriteAsync("data: {}\n\n");
                await context.Response.Body.FlushAsync();
                await heard.Task;
                context.Abort();
            },
            heard.SetResult
        );

        Assert.Equal((false, true, "a stream was cut"), (end.Finished, end.Counts, end.Why));
    }

    [Theory]
    [InlineData(401, "text/plain", "no", true, "the gateway answered HTTP 401")]
    [InlineData(
        503,
        "application/json",
        """{"kind":"Status","message":"no endpoints available."}""",
        true,
        "the cluster answered HTTP 503: no endpoints available"
    )]
    [InlineData(403, "application/json", """{"kind":"Status","message":"forbidden"}""", false, "the cluster answered HTTP 403: forbidden")]
    public async Task Call_Refusal_CountsWhereItIsTheGateways(int status, string type, string body, bool counts, string why)
    {
        var (end, began) = await CallAsync(context =>
        {
            (context.Response.StatusCode, context.Response.ContentType) = (status, type);
            return context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(body)).AsTask();
        });

        Assert.Equal((false, counts, why), (end.Finished, end.Counts, end.Why));
        Assert.Equal(0, began);
    }

    [Fact]
    public async Task Call_GivenUp_SaysNothing()
    {
        using var stop = new CancellationTokenSource();
        var (end, _) = await CallAsync(
            async context =>
            {
                await stop.CancelAsync();
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            },
            stop: stop.Token
        );

        Assert.Equal((false, false, "a stream took too long and was abandoned"), (end.Finished, end.Counts, end.Why));
    }

    [Fact]
    public async Task Call_ClusterThatIsNotThere_SaysNothing()
    {
        using var connection = new ClusterConnection("test", new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" });

        var end = await new StreamCaller().CallAsync(
            connection,
            "ns",
            Service,
            "http://echo.internal/v1",
            () => { },
            TestContext.Current.CancellationToken
        );

        Assert.True(end is { Finished: false, Counts: false, Why.Length: > 0 }, $"{end}");
    }

    private static async Task<(StreamEnd End, int Began)> CallAsync(
        RequestDelegate answer,
        Action? heard = null,
        CancellationToken stop = default
    )
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var server = builder.Build();
        server.Run(answer);
        await server.StartAsync(TestContext.Current.CancellationToken);
        using var connection = new ClusterConnection("test", new KubernetesClientConfiguration { Host = server.Urls.First() });
        var began = 0;
        var end = await new StreamCaller().CallAsync(
            connection,
            "ns",
            Service,
            "http://echo.internal/v1",
            () =>
            {
                if (began++ == 0)
                {
                    heard?.Invoke();
                }
            },
            stop
        );
        return (end, began);
    }
}
