using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Seals history outside the database, in every process: the more folders there are, the more a forger of history has to
/// reach.</summary>
internal sealed partial class SealService(
    AuditSealer sealer,
    IOptions<ProvisioningOptions> options,
    TimeProvider time,
    ILogger<SealService> logger
) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.SealSeconds), time);
        do
        {
            try
            {
                await sealer.SealAsync(stoppingToken);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever the problem, the portal keeps running and sealing.
                LogNotSealed(logger, problem);
            }
        } while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(EventId = 4022, Level = LogLevel.Warning, Message = "The history was not sealed; it will be tried again in the next round")]
    private static partial void LogNotSealed(ILogger logger, Exception problem);
}
