using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;

namespace Portkey.Portal.Provisioning.UseCases.Rotations;

/// <summary>What a rotation of a shared credential would touch, before anybody asks for it.</summary>
/// <param name="CredentialId">Credential.</param>
/// <param name="Name">Its name.</param>
/// <param name="Key">Setting that it feeds.</param>
/// <param name="From">Version in use, such as <c>v1</c>; empty where nothing uses it yet.</param>
/// <param name="To">Newest version; empty where there is none newer.</param>
/// <param name="WaveSize">Environments at once after the first.</param>
/// <param name="Waves">Environments by wave, in order.</param>
/// <param name="Already">Environments that use the new version already, by name.</param>
/// <param name="Blockers">What stands in the way; empty when it can be asked for.</param>
/// <param name="SoakSeconds">Seconds for which each wave is watched.</param>
/// <param name="May">Whether the caller may ask for it.</param>
/// <param name="WhyNot">Why not.</param>
public sealed record RotationPlanView(
    Guid CredentialId,
    string Name,
    string Key,
    string From,
    string To,
    int WaveSize,
    IReadOnlyList<IReadOnlyList<PlannedEnvironment>> Waves,
    IReadOnlyList<string> Already,
    IReadOnlyList<FieldProblem> Blockers,
    int SoakSeconds,
    bool May,
    string WhyNot
);

/// <summary>An environment of a plan.</summary>
public sealed record PlannedEnvironment(Guid Id, string Name, string Team, string Profile, EnvironmentState State);

/// <summary>A rotation in a list.</summary>
public sealed record RotationRow(
    Guid Id,
    Guid CredentialId,
    string Name,
    string Key,
    string From,
    string To,
    RotationState State,
    int Environments,
    int Done,
    string RequestedBy,
    DateTime RequestedAt,
    DateTime? EndedAt
)
{
    /// <summary>Name of who asked; empty for the portal itself.</summary>
    public string RequestedByName { get; init; } = "";
}

/// <summary>A rotation in full.</summary>
/// <param name="Rotation">What the list shows.</param>
/// <param name="Digest">What an approval must name: it covers credential, versions, waves and every environment's content.</param>
/// <param name="WaveSize">Environments at once after the first.</param>
/// <param name="Waves">Environments by wave.</param>
/// <param name="Reason">Why.</param>
/// <param name="DecidedBy">Who decided; empty before.</param>
/// <param name="DecidedAt">UTC; null before.</param>
/// <param name="Outcome">What came of it; empty before.</param>
/// <param name="PreflightFailures">Checks that failed over all environments.</param>
/// <param name="May">What the caller may do.</param>
public sealed record RotationView(
    RotationRow Rotation,
    string Digest,
    int WaveSize,
    IReadOnlyList<IReadOnlyList<RotationMemberView>> Waves,
    string Reason,
    string DecidedBy,
    DateTime? DecidedAt,
    string Outcome,
    int PreflightFailures,
    DecisionRights May
);

/// <summary>One environment of a rotation.</summary>
/// <param name="EnvironmentId">Environment.</param>
/// <param name="Name">Its name.</param>
/// <param name="RequestId">Its request, with the difference and the preflight.</param>
/// <param name="OperationId">Its operation; null before its wave.</param>
/// <param name="State">State of its request.</param>
/// <param name="Doing">Step that is under way; empty for none.</param>
/// <param name="Outcome">Why it failed; empty otherwise.</param>
public sealed record RotationMemberView(
    Guid EnvironmentId,
    string Name,
    Guid RequestId,
    Guid? OperationId,
    RequestState State,
    string Doing,
    string Outcome
)
{
    /// <summary>Its newest preflight; null before the first, and for one of another team.</summary>
    public PreflightSummary? Preflight { get; init; }
}

/// <summary>Which rotations are asked for.</summary>
/// <param name="CredentialId">Of this credential.</param>
/// <param name="State">In this state.</param>
/// <param name="WaitingForMe">Only those that the caller may decide on now.</param>
public sealed record RotationFilter(Guid? CredentialId = null, RotationState? State = null, bool WaitingForMe = false);
