using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Credentials;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>A state as people see it: word, colour and shape, always the three together.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Tone">Class of the colour: ok, info, warn, bad, unknown or accent.</param>
/// <param name="Shape">Name of the shape in <see cref="StatusIcon"/>.</param>
public readonly record struct StatusLabel(string Text, string Tone, string Shape)
{
    /// <summary>Of a <see cref="HealthStatus"/>.</summary>
    public static StatusLabel Of(HealthStatus health) =>
        health switch
        {
            HealthStatus.Healthy => new("Healthy", "ok", "disc"),
            HealthStatus.Progressing => new("Progressing", "info", "half"),
            HealthStatus.Degraded => new("Degraded", "warn", "triangle"),
            HealthStatus.Unhealthy => new("Unhealthy", "bad", "square"),
            HealthStatus.Suspended => new("Suspended", "unknown", "pause"),
            _ => new("Unknown", "unknown", "ring"),
        };

    /// <summary>Of a <see cref="EnvironmentState"/>.</summary>
    public static StatusLabel Of(EnvironmentState state) =>
        state switch
        {
            EnvironmentState.Creating => new("Creating", "info", "half"),
            EnvironmentState.Ready => new("Ready", "ok", "disc"),
            EnvironmentState.Changing => new("Changing", "info", "half"),
            EnvironmentState.Failed => new("Failed", "bad", "square"),
            EnvironmentState.Deleting => new("Deleting", "warn", "half"),
            _ => new("Deleted", "unknown", "cross"),
        };

    /// <summary>The same of one of which a revision was applied: what failed is the last change, not the environment.</summary>
    public static StatusLabel OfEnvironment(EnvironmentState state, int applied) =>
        state == EnvironmentState.Failed && applied > 0 ? new("Last change failed", "warn", "triangle") : Of(state);

    /// <summary>Of a <see cref="RequestState"/>.</summary>
    public static StatusLabel Of(RequestState state) =>
        state switch
        {
            RequestState.Pending => new("Pending", "warn", "ring"),
            RequestState.Approved => new("Approved", "info", "half"),
            RequestState.Applied => new("Applied", "ok", "check"),
            RequestState.Failed => new("Failed", "bad", "square"),
            RequestState.Rejected => new("Rejected", "bad", "cross"),
            _ => new("Cancelled", "unknown", "cross"),
        };

    /// <summary>Of a <see cref="RotationState"/>.</summary>
    public static StatusLabel Of(RotationState state) =>
        state switch
        {
            RotationState.Pending => new("Pending", "warn", "ring"),
            RotationState.Running => new("Running", "info", "half"),
            RotationState.Succeeded => new("Succeeded", "ok", "check"),
            RotationState.Failed => new("Stopped", "bad", "square"),
            _ => new("Cancelled", "unknown", "cross"),
        };

    /// <summary>Of a <see cref="GovernanceState"/>.</summary>
    public static StatusLabel Of(GovernanceState state) =>
        state switch
        {
            GovernanceState.Pending => new("Pending", "warn", "ring"),
            GovernanceState.Approved => new("In force", "ok", "check"),
            GovernanceState.Rejected => new("Rejected", "bad", "cross"),
            GovernanceState.Expired => new("Expired", "unknown", "cross"),
            _ => new("Taken back", "unknown", "cross"),
        };

    /// <summary>Of a <see cref="OperationState"/>.</summary>
    public static StatusLabel Of(OperationState state) =>
        state switch
        {
            OperationState.Queued => new("Queued", "unknown", "ring"),
            OperationState.Running => new("Running", "info", "half"),
            OperationState.Succeeded => new("Succeeded", "ok", "check"),
            OperationState.Failed => new("Failed", "bad", "square"),
            _ => new("Cancelled", "unknown", "cross"),
        };

    /// <summary>Of a <see cref="StepState"/>.</summary>
    public static StatusLabel Of(StepState state) =>
        state switch
        {
            StepState.Running => new("Running", "info", "half"),
            StepState.Succeeded => new("Done", "ok", "check"),
            StepState.Failed => new("Failed", "bad", "square"),
            StepState.Skipped => new("Not needed", "unknown", "cross"),
            _ => new("Waiting", "unknown", "ring"),
        };

    /// <summary>Of a <see cref="Severity"/>.</summary>
    public static StatusLabel Of(Severity severity) =>
        severity switch
        {
            Severity.Error => new("Error", "bad", "square"),
            Severity.Warning => new("Warning", "warn", "triangle"),
            _ => new("Note", "info", "disc"),
        };

    /// <summary>Of a <see cref="CheckStatus"/>.</summary>
    public static StatusLabel Of(CheckStatus status) =>
        status switch
        {
            CheckStatus.Passed => new("Passed", "ok", "check"),
            CheckStatus.Warning => new("Warning", "warn", "triangle"),
            CheckStatus.Failed => new("Failed", "bad", "square"),
            _ => new("Not checked", "unknown", "ring"),
        };

    /// <summary>Of a <see cref="PreflightSummary"/>; null where there is none.</summary>
    public static StatusLabel? Of(PreflightSummary? preflight) =>
        preflight switch
        {
            null => null,
            { State: not PreflightState.Finished } => new("Checking", "info", "half"),
            { Failures: > 0 } => new($"{preflight.Failures} failed", "bad", "square"),
            { Warnings: > 0 } => new(Plural.Of(preflight.Warnings, "warning"), "warn", "triangle"),
            _ => new("Passed", "ok", "check"),
        };

    /// <summary>Of a <see cref="DiffChange"/>.</summary>
    public static StatusLabel Of(DiffChange change) =>
        change switch
        {
            DiffChange.Added => new("Added", "ok", "plus"),
            DiffChange.Changed => new("Changed", "info", "half"),
            DiffChange.Removed => new("Removed", "bad", "minus"),
            _ => new("Unchanged", "unknown", "ring"),
        };

    /// <summary>Of a <see cref="CredentialState"/>.</summary>
    public static StatusLabel Of(CredentialState state) =>
        state switch
        {
            CredentialState.Expired => new("Expired", "bad", "square"),
            CredentialState.Orphan => new("Not as in the vault", "bad", "triangle"),
            CredentialState.Due => new("Due", "warn", "triangle"),
            CredentialState.Expiring => new("Expires soon", "warn", "half"),
            CredentialState.NotInUse => new("Not in use", "unknown", "ring"),
            _ => new("Fine", "ok", "check"),
        };

    /// <summary>Of a <see cref="SecretAnomalyKind"/>.</summary>
    public static StatusLabel Of(SecretAnomalyKind kind) =>
        kind switch
        {
            SecretAnomalyKind.Missing => new("Missing", "bad", "square"),
            SecretAnomalyKind.Disabled => new("Disabled", "bad", "pause"),
            _ => new("Unused", "warn", "ring"),
        };

    /// <summary>Of a <see cref="SecretVersionState"/>.</summary>
    public static StatusLabel Of(SecretVersionState state) =>
        state switch
        {
            SecretVersionState.Current => new("Current", "ok", "disc"),
            SecretVersionState.Pending => new("Stored, not in use", "info", "ring"),
            SecretVersionState.Previous => new("Previous", "unknown", "ring"),
            _ => new("Disabled", "unknown", "cross"),
        };
}
