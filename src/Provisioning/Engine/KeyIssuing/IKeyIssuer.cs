using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>
/// Makes new values of one kind of credential and revokes old ones. Everything may be done twice: after a worker dies, another one
/// does it again.
/// </summary>
internal interface IKeyIssuer
{
    /// <summary>As <see cref="Data.SecretReference.Provider"/> names it.</summary>
    string Id { get; }

    /// <summary>Checks, and says what it will make; changes nothing.</summary>
    /// <exception cref="IssueException">It cannot.</exception>
    Task<IssuePlan> PlanAsync(IssueContext context, CancellationToken cancellationToken);

    /// <summary>Makes it; the plan's mark has been written down.</summary>
    /// <exception cref="IssueException">It could not. Whether the other side took the value may not be known.</exception>
    Task<SecretValue> IssueAsync(IssueContext context, IssuePlan plan, CancellationToken cancellationToken);

    /// <summary>Revokes a value that was issued and that nothing uses.</summary>
    /// <exception cref="IssueException">It could not.</exception>
    Task TakeBackAsync(IssueContext context, string mark, CancellationToken cancellationToken);

    /// <summary>Revokes the previous value, now that another is proven. Returns a sentence for the log.</summary>
    /// <exception cref="IssueException">It could not.</exception>
    Task<string> RetireAsync(IssueContext context, SecretValue old, CancellationToken cancellationToken);
}

/// <summary>What will be made.</summary>
/// <param name="Mark">What names it at the provider; empty where nothing there has to be revoked.</param>
/// <param name="Draft">What the provider needs to make it, in memory only; null for nothing.</param>
internal sealed record IssuePlan(string Mark, SecretValue? Draft);

/// <summary>What a provider is given.</summary>
internal sealed record IssueContext
{
    /// <summary>Setting that the credential feeds.</summary>
    public required string Key { get; init; }

    /// <summary>Settings of the provider.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Value in use; null where none is.</summary>
    public SecretValue? Current { get; init; }

    /// <summary>Values that may be in use, including that one: none of them may be revoked.</summary>
    public IReadOnlyList<SecretValue> InUse { get; init; } = [];

    /// <summary>Values that other credentials of the portal have at the same provider account.</summary>
    public IReadOnlyList<SecretValue> OfOthers { get; init; } = [];

    /// <summary>The provider's own credential; null where it has none.</summary>
    public SecretValue? Admin { get; init; }

    /// <summary>A setting; empty for none.</summary>
    public string Setting(string name) => Settings.GetValueOrDefault(name, "");
}
