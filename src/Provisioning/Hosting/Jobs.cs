using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Credentials;
using Portkey.Portal.Provisioning.Operations;
using Portkey.Portal.Provisioning.Preflight;
using Portkey.Portal.Provisioning.Monitoring;
using Quartz;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Rings for whatever was not rung: work approved in another process, a lease that ran out, an attempt whose time has come.</summary>
[DisallowConcurrentExecution]
internal sealed class ReconcileJob(Doorbell doorbell, PreflightBell preflights, RotationBell rotations) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        doorbell.Ring();
        preflights.Ring();
        rotations.Ring();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Looks at every environment.</summary>
[DisallowConcurrentExecution]
internal sealed class HealthSweepJob(HealthSweep sweep) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await sweep.RunAsync(cancellationToken);
}

/// <summary>Seals the heads of the audit chains outside the database.</summary>
[DisallowConcurrentExecution]
internal sealed class SealJob(AuditSealer sealer) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await sealer.SealAsync(cancellationToken);
}

/// <summary>Reminds of credentials that expire.</summary>
[DisallowConcurrentExecution]
internal sealed class ReminderJob(Reminders reminders) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await reminders.RunAsync(cancellationToken);
}

/// <summary>Compares the vault with what the portal knows of it.</summary>
[DisallowConcurrentExecution]
internal sealed class VaultScanJob(VaultScan scan) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await scan.RunAsync(cancellationToken);
}
