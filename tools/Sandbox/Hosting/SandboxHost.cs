using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Portkey.Portal.Sandbox.Access;
using Portkey.Portal.Sandbox.Api;
using Portkey.Portal.Sandbox.Api.Routes;
using Portkey.Portal.Sandbox.Proxy;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Hosting;

/// <summary>Puts the cluster together and starts it.</summary>
internal static class SandboxHost
{
    /// <summary>Starts a sandbox; when this returns it answers, and the folder holds its kubeconfig.</summary>
    public static async Task<(WebApplication App, Identity Identity)> StartAsync(
        SandboxOptions options,
        CancellationToken cancellation = default
    )
    {
        Directory.CreateDirectory(options.DataFolder);
        var identity = Identity.LoadOrCreate(options.DataFolder);
        var app = Build(options, identity);
        await app.StartAsync(cancellation);

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        identity = identity with { Port = new Uri(address).Port };
        await identity.SaveAsync(options.DataFolder);
        await PrivateFile.WriteTextAsync(Path.Combine(options.DataFolder, "sandbox.kubeconfig"), identity.Kubeconfig());
        return (app, identity);
    }

    private static WebApplication Build(SandboxOptions options, Identity identity)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(o => o.SingleLine = true);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ApiLimits.CutBytes;
            kestrel.Limits.MaxRequestLineSize = 32 * 1024;
            kestrel.Limits.MaxRequestBufferSize = 64 * 1024;
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
            kestrel.Listen(IPAddress.Loopback, options.Port ?? identity.FreePort(), listen => listen.UseHttps(identity.Certificate()));
        });
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(5));

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(identity);
        builder.Services.AddSingleton<ObjectStore>();
        builder.Services.AddSingleton(services => new StoreFile(
            services.GetRequiredService<ObjectStore>(),
            Path.Combine(options.DataFolder, "sandbox-store.json"),
            services.GetRequiredService<ILogger<StoreFile>>()
        ));

        // First in, last out: what the others do while they stop is saved too.
        builder.Services.AddHostedService(services => services.GetRequiredService<StoreFile>());
        builder.Services.AddHostedService<ParentWatch>();
        builder.Services.AddHostedService<EchoProvider>();
        builder.Services.AddApi();
        builder.Services.AddNode();

        var app = builder.Build();
        app.Services.GetRequiredService<StoreFile>().Load();
        Seed.Apply(app.Services.GetRequiredService<ObjectStore>());
        app.UseApi();
        app.MapProxy();
        app.MapApi();
        return app;
    }
}
