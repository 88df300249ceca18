using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Changes;

/// <summary>Carries out one kind of change, after it was approved, or at once while the bootstrap lasts.</summary>
public interface IChangeEffect
{
    /// <summary>Kind.</summary>
    GovernanceKind Kind { get; }

    /// <summary>
    /// Checks again that it is still valid, and does it, inside the transaction of the decision; writes its own audit event in the
    /// caller's name.
    /// </summary>
    /// <exception cref="CommandRefusedException">It is no longer valid; nothing is changed.</exception>
    Task ApplyAsync(PortalDbContext db, Caller caller, GovernanceChange change, CancellationToken cancellationToken);

    /// <summary>What follows the commit, such as disabling the old one; for most, nothing.</summary>
    Task AppliedAsync(GovernanceChange change, CancellationToken cancellationToken) => Task.CompletedTask;
}

/// <summary>A change to be proposed.</summary>
/// <param name="TargetId">Id or name of what it changes.</param>
/// <param name="TargetName">What people call it.</param>
/// <param name="Summary">What an approval does, such as <c>replace the kubeconfig of aks-weu</c>.</param>
/// <param name="Before">Facts before, by name; empty for none. Never a secret.</param>
/// <param name="After">Facts after, by name. Never a secret.</param>
/// <param name="Payload">What its effect needs; never a secret.</param>
public sealed record ChangeDraft(
    string TargetId,
    string TargetName,
    string Summary,
    IReadOnlyDictionary<string, string> Before,
    IReadOnlyDictionary<string, string> After,
    object Payload
)
{
    /// <summary>Name of the secret that waits in the vault with it; empty for none.</summary>
    public string VaultName { get; init; } = "";

    /// <summary>Its version.</summary>
    public string VaultVersion { get; init; } = "";
}

/// <summary>Result of a proposal.</summary>
/// <param name="Id">The change.</param>
/// <param name="IsApplied">Already in force: no second administrator has signed in yet.</param>
public sealed record ChangeOutcome(Guid Id, bool IsApplied);
