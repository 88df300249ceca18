using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace Portkey.Portal.Shared;

/// <summary>
/// Stands between a client and any API server and misbehaves when told to: the same faults for the sandbox and for Kubernetes.
/// Where the server behind it does not answer, the connection breaks, as it would without the proxy.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    // HTTP/1.1 to the server: one that refuses before it has read the body resets an HTTP/2 stream, which the forwarder may take for a
    // broken one.
    private static readonly ForwarderRequestConfig Forever = new()
    {
        ActivityTimeout = TimeSpan.FromMinutes(30),
        Version = HttpVersion.Version11,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private readonly Lock gate = new();
    private readonly X509Certificate2 certificate = Certificate();
    private readonly HttpMessageInvoker upstream;
    private readonly string target;
    private CancellationTokenSource cut = new();
    private (string Mode, int Milliseconds, int Left, string PathPrefix) fault = ("none", 0, 0, "/");
    private WebApplication? app;
    private int taken;

    private FaultProxy(Uri target, string authorityPem)
    {
        this.target = target.GetLeftPart(UriPartial.Authority);
        upstream = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
                EnableMultipleHttp2Connections = true,
                AutomaticDecompression = DecompressionMethods.None,
                SslOptions = { CertificateChainPolicy = Trusting(authorityPem) },
            }
        );
    }

    public Uri BaseUrl { get; private set; } = null!;

    /// <summary>Path below which the API server is served and nothing else, as by Rancher; empty for none.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>For certificate-authority-data.</summary>
    public string CertificatePem => certificate.ExportCertificatePem();

    /// <summary>How many requests met a fault since the last order.</summary>
    public int Taken => Volatile.Read(ref taken);

    public static async Task<FaultProxy> StartAsync(Uri target, string authorityPem)
    {
        var proxy = new FaultProxy(target, authorityPem);
        await proxy.StartAsync();
        return proxy;
    }

    /// <summary>
    /// From now on: <c>429</c>, <c>500</c>, <c>slow</c> (each request, by that many milliseconds), <c>refuse</c> (the connection breaks) or
    /// <c>none</c>; for that many requests whose path begins so. <c>cutWatch</c> breaks the watches that run, once.
    /// </summary>
    public void Fault(string mode, int milliseconds = 0, int? count = null, string pathPrefix = "/")
    {
        CancellationTokenSource? old = null;
        lock (gate)
        {
            taken = 0;
            if (mode is "cutWatch" or "refuse")
            {
                (old, cut) = (cut, new CancellationTokenSource());
            }

            if (mode != "cutWatch")
            {
                fault = (mode, milliseconds, mode == "none" ? 0 : count ?? int.MaxValue, pathPrefix);
            }
        }

        old?.Cancel();
        old?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        if (app is not null)
        {
            await app.DisposeAsync();
        }

        upstream.Dispose();
        certificate.Dispose();
        cut.Dispose();
    }

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(certificate));
        });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.Zero);
        builder.Services.AddHttpForwarder();
        app = builder.Build();
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        app.Run(context => HandleAsync(context, forwarder));
        await app.StartAsync();
        BaseUrl = new Uri(app.Urls.First());
    }

    private async Task HandleAsync(HttpContext context, IHttpForwarder forwarder)
    {
        if (!context.Request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal, out var rest))
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("nothing here");
            return;
        }

        context.Request.Path = rest;
        var (mode, milliseconds) = Take(context.Request.Path.Value ?? "/");
        switch (mode)
        {
            case "429":
                context.Response.Headers.RetryAfter = "1";
                await StatusAsync(context, 429, "TooManyRequests", "Too many requests, please try again later.");
                return;
            case "500":
                await StatusAsync(context, 500, "InternalError", "Internal error occurred: the test's proxy was told to fail");
                return;
            case "refuse":
                context.Abort();
                return;
            case "slow":
                await Task.Delay(milliseconds, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
        }

        await using var cutting = context.Request.Query.ContainsKey("watch") ? Cut().Register(context.Abort) : default;
        if (await forwarder.SendAsync(context, target, upstream, Forever) != ForwarderError.None)
        {
            context.Abort();
        }
    }

    private static Task StatusAsync(HttpContext context, int code, string reason, string message)
    {
        context.Response.StatusCode = code;
        return context.Response.WriteAsJsonAsync(
            new
            {
                kind = "Status",
                apiVersion = "v1",
                metadata = new { },
                status = "Failure",
                message,
                reason,
                code,
            }
        );
    }

    private CancellationToken Cut()
    {
        lock (gate)
        {
            return cut.Token;
        }
    }

    private (string Mode, int Milliseconds) Take(string path)
    {
        lock (gate)
        {
            if (fault.Left == 0 || !path.StartsWith(fault.PathPrefix, StringComparison.Ordinal))
            {
                return ("none", 0);
            }

            fault.Left -= fault.Left == int.MaxValue ? 0 : 1;
            taken++;
            return (fault.Mode, fault.Milliseconds);
        }
    }

    private static X509ChainPolicy Trusting(string pem)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(pem);
        return policy;
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=portkey-portal-tests", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true)
        );
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddHours(-3), now.AddDays(1));
    }
}
