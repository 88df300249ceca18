using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>A variable that the settings table does not name, before and after.</summary>
/// <param name="Key">Name of the environment variable.</param>
/// <param name="IsSecret">Kept in the vault; then versions such as <c>v3</c> stand in place of values.</param>
/// <param name="Before">In what runs; empty for not there, or for an empty value.</param>
/// <param name="After">As asked for; empty for not there, or for an empty value.</param>
/// <param name="Change">Whether it comes, goes, changes, or stays.</param>
public sealed record UnknownVariable(string Key, bool IsSecret, string Before, string After, VariableChange Change);

/// <summary>How a variable changes.</summary>
public enum VariableChange
{
    /// <summary>Was not there.</summary>
    Added,

    /// <summary>Gets another value.</summary>
    Changed,

    /// <summary>Is removed.</summary>
    Removed,

    /// <summary>As it was.</summary>
    Unchanged,
}

/// <summary>Finds variables that a spec passes on although the portal does not know them: approvers are told their names. Pure.</summary>
public static class UnknownVariables
{
    /// <summary>Whether neither the settings table nor a family of variables that Portkey documents holds this name.</summary>
    public static bool IsUnknown(string key) =>
        !SettingsCatalog.ByKey.ContainsKey(key) && !VariableRules.IsOfFamily(key) && VariableRules.WhyNot(key) is null;

    /// <summary>Why no environment may be given a variable of this name, plain or secret; null where it may.</summary>
    public static string? WhyNot(string key) => SettingsCatalog.ByKey.ContainsKey(key) ? null : VariableRules.WhyNot(key);

    /// <summary>The known setting that was probably meant; null where none is close.</summary>
    public static string? Meant(string key) => VariableRules.Near(key);

    /// <summary>By name, plain ones first; a variable that becomes a secret is in both.</summary>
    /// <param name="before">Spec of what runs; null for nothing.</param>
    /// <param name="secretsBefore">Versions of its secrets by key.</param>
    /// <param name="after">Spec that is asked for; null for a removal.</param>
    /// <param name="secretsAfter">Versions of its secrets by key.</param>
    public static IReadOnlyList<UnknownVariable> Compare(
        EnvironmentSpec? before,
        IReadOnlyDictionary<string, string> secretsBefore,
        EnvironmentSpec? after,
        IReadOnlyDictionary<string, string> secretsAfter
    ) =>
        [
            .. Compare(before?.Settings, after?.Settings, isSecret: false),
            .. Compare(secretsBefore, after is null ? null : secretsAfter, isSecret: true),
        ];

    private static IEnumerable<UnknownVariable> Compare(
        IReadOnlyDictionary<string, string>? before,
        IReadOnlyDictionary<string, string>? after,
        bool isSecret
    )
    {
        foreach (var key in (before?.Keys ?? []).Union(after?.Keys ?? []).Where(IsUnknown).Order(StringComparer.Ordinal))
        {
            var (was, now) = (before?.GetValueOrDefault(key), after?.GetValueOrDefault(key));
            var change =
                was is null ? VariableChange.Added
                : now is null ? VariableChange.Removed
                : was == now ? VariableChange.Unchanged
                : VariableChange.Changed;
            yield return new UnknownVariable(key, isSecret, was ?? "", now ?? "", change);
        }
    }
}
