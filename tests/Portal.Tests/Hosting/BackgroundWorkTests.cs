using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Hosting;

/// <summary>What goes on in the background whatever goes wrong there.</summary>
public sealed class BackgroundWorkTests : IAsyncDisposable
{
    private readonly PortalHost host = new();

    public ValueTask DisposeAsync() => host.DisposeAsync();

    // A host stops as a whole when one of its background services throws: with it goes everything that is under way.
    [Fact]
    public async Task Services_WhoseWorkFailsInAWayNobodyThoughtOf_GoOn()
    {
        Broken? databases = null;
        await using var portal = host.WithWebHostBuilder(b =>
            b.UseSetting("Portal:Roles:1", "worker")
                .UseSetting("Portal:SealSeconds", "1")
                .ConfigureTestServices(s =>
                    s.AddSingleton<IDbContextFactory<PortalDbContext>>(provider =>
                        databases = new Broken(provider.GetRequiredService<DbContextOptions<PortalDbContext>>())
                    )
                )
        );
        using var client = portal.CreateClient();
        (await client.GetAsync("/healthz/ready")).EnsureSuccessStatusCode();
        var services = portal.Services.GetServices<IHostedService>().OfType<BackgroundService>().ToList();
        Assert.True(services.Count >= 7, string.Join(", ", services));

        databases!.IsBroken = true;
        WorkSignal[] signals =
        [
            portal.Services.GetRequiredService<WorkSignal>(),
            portal.Services.GetRequiredService<PreflightSignal>(),
            portal.Services.GetRequiredService<RotationSignal>(),
            portal.Services.GetRequiredService<IssueSignal>(),
        ];
        foreach (var signal in signals.Concat(signals))
        {
            var before = databases.Refused;
            signal.Ring();
            await Eventually.TrueAsync(() => databases.Refused > before, "whoever listens asks the database");
        }

        databases.IsBroken = false;
        Assert.All(services, s => Assert.False(s.ExecuteTask?.IsCompleted, $"{s} ended"));
        Assert.False(portal.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
        (await client.GetAsync("/healthz/ready")).EnsureSuccessStatusCode();
    }

    private sealed class Broken(DbContextOptions<PortalDbContext> options) : IDbContextFactory<PortalDbContext>
    {
        private int refused;

        public bool IsBroken { get; set; }

        public int Refused => refused;

        public PortalDbContext CreateDbContext()
        {
            if (!IsBroken)
            {
                return new PortalDbContext(options);
            }

            Interlocked.Increment(ref refused);
            throw new NotSupportedException("in a way that nobody thought of");
        }
    }
}
