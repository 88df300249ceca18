using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Provisioning.Minting;

/// <summary>
/// Makes new values of one kind of credential and takes old ones back. Everything may be done twice: a worker that died is followed by one that
/// does it again.
/// </summary>
internal interface IMintProvider
{
    /// <summary>As <see cref="Data.SecretReference.Provider"/> names it.</summary>
    string Id { get; }

    /// <summary>Looks, and says what it will make; changes nothing.</summary>
    /// <exception cref="MintException">It cannot.</exception>
    Task<MintPlan> PlanAsync(MintContext context, CancellationToken cancellationToken);

    /// <summary>Makes it; the plan's mark has been written down.</summary>
    /// <exception cref="MintException">It could not. Whether the other side took the value may not be known.</exception>
    Task<SecretValue> MintAsync(MintContext context, MintPlan plan, CancellationToken cancellationToken);

    /// <summary>Takes back a value that was minted and that nothing uses.</summary>
    /// <exception cref="MintException">It could not.</exception>
    Task TakeBackAsync(MintContext context, string mark, CancellationToken cancellationToken);

    /// <summary>Takes back the value before, now that another is proven. Answers with a sentence for the log.</summary>
    /// <exception cref="MintException">It could not.</exception>
    Task<string> RetireAsync(MintContext context, SecretValue old, CancellationToken cancellationToken);
}

/// <summary>What will be made.</summary>
/// <param name="Mark">What names it on the other side; empty where nothing there has to be taken back.</param>
/// <param name="Draft">What the provider needs to make it, in memory only; null for nothing.</param>
internal sealed record MintPlan(string Mark, SecretValue? Draft);

/// <summary>What a provider is given.</summary>
internal sealed record MintContext
{
    /// <summary>Setting that the credential feeds.</summary>
    public required string Key { get; init; }

    /// <summary>Settings of the provider.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Value in use; null where none is.</summary>
    public SecretValue? Current { get; init; }

    /// <summary>Values that may be in use, that one among them: none of them may be taken back.</summary>
    public IReadOnlyList<SecretValue> InUse { get; init; } = [];

    /// <summary>Values that other credentials of the portal have on the same other side.</summary>
    public IReadOnlyList<SecretValue> OfOthers { get; init; } = [];

    /// <summary>The provider's own credential; null where it has none.</summary>
    public SecretValue? Admin { get; init; }

    /// <summary>A setting; empty for none.</summary>
    public string Setting(string name) => Settings.GetValueOrDefault(name, "");
}
