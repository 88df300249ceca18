using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Health;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Portkey.Portal.Provisioning.Engine.Operations;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Jobs;
using Portkey.Portal.Provisioning.Engine.Schedules;
using Portkey.Portal.Provisioning.UseCases.Changes;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Provisioning.UseCases.Sessions;
using Quartz;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Rings for missed signals: work approved in another process, a lease that ran out, an attempt whose time has
/// come.</summary>
[DisallowConcurrentExecution]
internal sealed class ReconcileJob(WorkSignal signal, PreflightSignal preflights, RotationSignal rotations, IssueSignal issues) : IJob
{
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        signal.Ring();
        preflights.Ring();
        rotations.Ring();
        issues.Ring();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Looks at every environment.</summary>
[DisallowConcurrentExecution]
internal sealed class HealthSweepJob(HealthSweep sweep) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await sweep.RunAsync(cancellationToken);
}

/// <summary>Removes sessions whose time is over.</summary>
[DisallowConcurrentExecution]
internal sealed class SessionJob(SessionStore sessions) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await sessions.RemoveExpiredAsync(cancellationToken);
}

/// <summary>Reminds of credentials that expire.</summary>
[DisallowConcurrentExecution]
internal sealed class ReminderJob(Reminders reminders) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await reminders.RunAsync(cancellationToken);
}

/// <summary>Removes leftover preflight Jobs from clusters.</summary>
[DisallowConcurrentExecution]
internal sealed class LeftoversJob(NetworkJobLeftovers leftovers) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await leftovers.RunAsync(cancellationToken);
}

/// <summary>Begins rotations that are due.</summary>
[DisallowConcurrentExecution]
internal sealed class ScheduleJob(ScheduledRotations rotations) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await rotations.RunAsync(cancellationToken);
}

/// <summary>Drops imports that nobody used, and compares the vault with what the portal knows of it.</summary>
[DisallowConcurrentExecution]
internal sealed class VaultScanJob(ImportExpiry imports, VaultScan scan) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        await imports.RunAsync(cancellationToken);
        await scan.RunAsync(cancellationToken);
    }
}

/// <summary>Expires changes that nobody decided on.</summary>
[DisallowConcurrentExecution]
internal sealed class ChangeJob(ChangeService changes) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default) =>
        await changes.TidyAsync(cancellationToken);
}
