using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>Something that was understood differently from how it was written. Never holds the value of a secret.</summary>
/// <param name="Field">Where it was, such as <c>environment.data.LOG_STORE</c>.</param>
/// <param name="Was">What was written.</param>
/// <param name="Now">What it became.</param>
/// <param name="Why">Why, for people.</param>
public sealed record Correction(string Field, string Was, string Now, string Why);

/// <summary>Something that was left out.</summary>
/// <param name="Field">Where it was.</param>
/// <param name="Why">Why, for people.</param>
public sealed record Dropped(string Field, string Why);

/// <summary>Result of an import.</summary>
/// <param name="Id">Id to name in the request that uses it, for the secrets that were found.</param>
/// <param name="Spec">Spec, without secrets.</param>
/// <param name="Corrections">What was understood differently.</param>
/// <param name="Dropped">What was left out.</param>
/// <param name="Secrets">Names of the secrets that were found; their values are in the vault.</param>
/// <param name="Problems">What still stands in the way of a request with this spec, for a development environment.</param>
/// <param name="Findings">What is worth knowing.</param>
public sealed record ImportView(
    Guid Id,
    EnvironmentSpec Spec,
    IReadOnlyList<Correction> Corrections,
    IReadOnlyList<Dropped> Dropped,
    IReadOnlyList<string> Secrets,
    IReadOnlyList<FieldProblem> Problems,
    IReadOnlyList<FindingView> Findings
)
{
    /// <summary>Where each leaf of the file that is understood as it is written went: its path, and its place in the spec. With
    /// corrections, dropped and secretPaths it names every leaf once.</summary>
    public IReadOnlyDictionary<string, string> Kept { get; init; } = new Dictionary<string, string>();

    /// <summary>Where the secrets were: path and name. Where one was corrected, too, its path is there instead.</summary>
    public IReadOnlyDictionary<string, string> SecretPaths { get; init; } = new Dictionary<string, string>();
}

/// <summary>What a text was read as; the secrets go to the vault from here.</summary>
internal sealed record Imported(
    EnvironmentSpec Spec,
    IReadOnlyDictionary<string, SecretValue> Secrets,
    AccountLists Account,
    IReadOnlyList<FieldProblem> Problems
)
{
    /// <summary>Where what was kept went, by path.</summary>
    public IReadOnlyDictionary<string, string> Kept => Account.Kept;

    /// <summary>What was understood differently.</summary>
    public IReadOnlyList<Correction> Corrections => Account.Corrections;

    /// <summary>What was left out.</summary>
    public IReadOnlyList<Dropped> Dropped => Account.Dropped;
}
