using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Credentials;
using Portkey.Portal.Provisioning.Governance;
using Portkey.Portal.Provisioning.Imports;
using Portkey.Portal.Provisioning.Minting;
using Portkey.Portal.Provisioning.Monitoring;
using Portkey.Portal.Provisioning.Operations;
using Portkey.Portal.Provisioning.Preflight;
using Portkey.Portal.Provisioning.Scheduling;
using Portkey.Portal.Provisioning.Sessions;
using Quartz;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Rings for whatever was not rung: work approved in another process, a lease that ran out, an attempt whose time has come.</summary>
[DisallowConcurrentExecution]
internal sealed class ReconcileJob(Doorbell doorbell, PreflightBell preflights, RotationBell rotations, MintBell mints) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        doorbell.Ring();
        preflights.Ring();
        rotations.Ring();
        mints.Ring();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Looks at every environment.</summary>
[DisallowConcurrentExecution]
internal sealed class HealthSweepJob(HealthSweep sweep) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await sweep.RunAsync(cancellationToken);
}

/// <summary>Removes sessions whose time is over.</summary>
[DisallowConcurrentExecution]
internal sealed class SessionJob(SessionStore sessions) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await sessions.RemoveExpiredAsync(cancellationToken);
}

/// <summary>Reminds of credentials that expire.</summary>
[DisallowConcurrentExecution]
internal sealed class ReminderJob(Reminders reminders) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await reminders.RunAsync(cancellationToken);
}

/// <summary>Begins rotations that are due.</summary>
[DisallowConcurrentExecution]
internal sealed class ScheduleJob(ScheduledRotations rotations) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await rotations.RunAsync(cancellationToken);
}

/// <summary>Lets go of imports that nobody used, and compares the vault with what the portal knows of it.</summary>
[DisallowConcurrentExecution]
internal sealed class VaultScanJob(ImportExpiry imports, VaultScan scan) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await imports.RunAsync(cancellationToken);
        await scan.RunAsync(cancellationToken);
    }
}

/// <summary>Ends changes that nobody decided on.</summary>
[DisallowConcurrentExecution]
internal sealed class ChangeJob(ChangeService changes) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) => await changes.TidyAsync(cancellationToken);
}
