using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Requests;

/// <summary>Proposals and decisions. Every call authorises against the roles as they are now.</summary>
public sealed class RequestService
{
    /// <summary>Makes a proposal: validates, stores new secrets in the vault, renders, digests.</summary>
    public Task<RequestView> ProposeAsync(Caller caller, ProposeCommand command, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Everything that is wrong with a proposal and what it would cost, without making it; secrets are only counted.</summary>
    public Task<CheckView> CheckAsync(Caller caller, ProposeCommand command, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Newest first.</summary>
    public Task<Page<RequestRow>> ListAsync(Caller caller, RequestFilter filter, PageRequest page, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>One request.</summary>
    public Task<RequestView> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>What it would change.</summary>
    public Task<PreviewView> PreviewAsync(Caller caller, Guid id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Approves exactly the content with this digest; decision, state, audit and operation are one transaction.</summary>
    public Task<RequestView> ApproveAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Rejects it; a reason is required.</summary>
    public Task<RequestView> RejectAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Takes it back, by its requester or team, or an administrator.</summary>
    public Task<RequestView> CancelAsync(Caller caller, Guid id, string digest, string reason, CancellationToken cancellationToken) => throw new NotImplementedException();
}

/// <summary>Answer of a dry run.</summary>
/// <param name="Problems">What stands in the way.</param>
/// <param name="Findings">What is worth knowing.</param>
/// <param name="MonthlyCostUsd">Estimate.</param>
/// <param name="Nodes">Nodes needed.</param>
/// <param name="Objects">Kinds and names of what would be created; empty while there are problems.</param>
public sealed record CheckView(IReadOnlyList<FieldProblem> Problems, IReadOnlyList<FindingView> Findings, int MonthlyCostUsd, int Nodes, IReadOnlyList<string> Objects);
