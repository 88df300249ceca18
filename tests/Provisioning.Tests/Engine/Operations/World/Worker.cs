using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.Hosting;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations.World;

/// <summary>One process with role worker, registered as the portal registers it; only what is outside of it is played.</summary>
internal sealed class Worker : IAsyncDisposable
{
    private readonly ServiceProvider services;

    public Worker(OperationWorld world)
    {
        var collection = new ServiceCollection().AddLogging();
        collection
            .AddOptions<ProvisioningOptions>()
            .Configure(o =>
            {
                (o.DataDirectory, o.FailpointsDirectory) = (world.Folder, Points.Directory);
                world.Configure(o);
            });
        collection.AddSingleton(Options.Create(world.Rotation)).AddSingleton(Options.Create(world.Streams));
        collection
            .AddSingleton<IHostEnvironment>(new Development())
            .AddSingleton<IDbContextFactory<PortalDbContext>>(world)
            .AddSingleton<TimeProvider>(world.Time);
        collection
            .AddSingleton<Failpoints>()
            .AddSingleton<LiveUpdates>()
            .AddSingleton<UnitOfWork>()
            .AddSingleton(world.Key)
            .AddSingleton(world.Trail)
            .AddSingleton<WorkSignal>()
            .AddSingleton<RotationSignal>();
        collection
            .AddSingleton<ReservedNamespaces>()
            .AddSingleton<HelmRunner>()
            .AddSingleton<ChartStore>()
            .AddSingleton<Revocations>()
            .AddSingleton<OperationService>();
        collection
            .AddSingleton<IHelm>(world.Helm)
            .AddSingleton<IClusters>(world.Cluster)
            .AddSingleton<IClusterWriter>(world.Cluster)
            .AddSingleton<IRollouts>(world.Cluster)
            .AddSingleton<ISecretDelivery>(world.Cluster);
        collection
            .AddSingleton<IHealthInspector>(world.Cluster)
            .AddSingleton<IGatewayProbe>(world.Cluster)
            .AddSingleton<IStreamCaller>(world.Cluster);
        collection.AddSingleton<IPreflight>(world.Preflight).AddSingleton<ISecretVault>(world.Vault).AddSingleton<IKeyIssuer>(Issuer);
        services = collection.AddOperations().BuildServiceProvider(new ServiceProviderOptions { ValidateOnBuild = true });
    }

    /// <summary>Places at which this process may be held.</summary>
    public ArmedFailpoints Points { get; } = new();

    public FakeIssuer Issuer { get; } = new();

    public OperationQueue Queue => Get<OperationQueue>();

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public IEnumerable<T> All<T>() => services.GetServices<T>();

    /// <summary>Claims what is next; there must be something.</summary>
    public async Task<Claim> ClaimAsync()
    {
        var claim = await Queue.TryClaimAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(claim);
        return claim;
    }

    /// <summary>One attempt of what is next.</summary>
    public async Task RunAsync(CancellationToken stopping = default) => await Get<OperationRunner>().RunAsync(await ClaimAsync(), stopping);

    /// <summary>One attempt that is held at a failpoint, as that of a process which has crashed there: it comes no further.</summary>
    public async Task<Task> CrashAsync(string point)
    {
        Points.Pause(point);
        var attempt = RunAsync();
        await Eventually.TrueAsync(
            () => Points.IsPaused(point) || attempt.IsCompleted,
            $"the attempt comes to {point}",
            TimeSpan.FromMinutes(2)
        );
        Assert.True(Points.IsPaused(point), $"the attempt never came to {point}");
        return attempt;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Points.Dispose();
    }

    private sealed class Development : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Development";

        public string ApplicationName { get; set; } = "tests";

        public string ContentRootPath { get; set; } = "/";

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
