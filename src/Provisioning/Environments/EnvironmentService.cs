using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Provisioning.Environments;

/// <summary>What runs. Reads are limited to what the caller may see; the rest is not found.</summary>
public sealed class EnvironmentService
{
    /// <summary>By name.</summary>
    public Task<Page<EnvironmentRow>> ListAsync(Caller caller, EnvironmentFilter filter, PageRequest page, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>One environment.</summary>
    public Task<EnvironmentView> GetAsync(Caller caller, Guid id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Home.</summary>
    public Task<HomeView> HomeAsync(Caller caller, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Revisions, newest first.</summary>
    public Task<Page<RevisionView>> RevisionsAsync(Caller caller, Guid id, PageRequest page, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Open findings.</summary>
    public Task<IReadOnlyList<FindingView>> FindingsAsync(Caller caller, Guid id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Secrets, without values.</summary>
    public Task<IReadOnlyList<SecretView>> SecretsAsync(Caller caller, Guid id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Operations, newest first.</summary>
    public Task<Page<OperationRow>> OperationsAsync(Caller caller, Guid id, PageRequest page, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Health of the last 24 hours in bars of ten minutes.</summary>
    public Task<IReadOnlyList<HealthBucket>> HealthHistoryAsync(Caller caller, Guid id, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Stores a new version of a secret; it is used only after a rotate request is approved. Answers with the version, such as <c>v3</c>.</summary>
    public Task<string> PutSecretAsync(Caller caller, Guid id, string key, SecretValue value, CancellationToken cancellationToken) => throw new NotImplementedException();
}
