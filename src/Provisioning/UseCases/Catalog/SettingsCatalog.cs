using CsvHelper.Configuration.Attributes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Catalog;

/// <summary>One gateway setting with its rules, a row of <c>settings.csv</c>.</summary>
/// <param name="View">What pages and API show.</param>
/// <param name="Pattern">Name of the rule in <see cref="SettingPatterns"/>; empty for none.</param>
/// <param name="GuideName">What Portkey's deployment guide calls it, where that is another name; empty otherwise.</param>
/// <param name="SentAs">How it reaches the cluster.</param>
public sealed record Setting(SettingView View, string Pattern, string GuideName, SentAs SentAs)
{
    /// <summary>Portkey's name.</summary>
    public string Key => View.Key;

    /// <summary>Whether it may be given as a secret instead: addresses that can hold a password.</summary>
    public bool MayBeSecret { get; init; }

    /// <summary>Whether few need it, so that a form hides it until asked.</summary>
    public bool IsRare { get; init; }

    /// <summary>Whether most people need it, so that a form asks for it first.</summary>
    public bool IsUsual { get; init; }

    /// <summary>Applies to the edition.</summary>
    public bool AppliesTo(Edition edition) => View.Editions.Contains(edition);

    /// <summary>Whether the other settings make this one needed.</summary>
    /// <param name="edition">Edition.</param>
    /// <param name="value">Value of another setting, empty when it is not set.</param>
    public bool IsRequired(Edition edition, Func<string, string> value) =>
        View.RequiredWhen.Length == 0
            ? View.Required && AppliesTo(edition)
            : AppliesTo(edition) && SettingCondition.Holds(View.RequiredWhen, edition, value);

    /// <summary>Whether the gateway reads it with the other settings as they are.</summary>
    public bool HasEffect(Edition edition, Func<string, string> value) =>
        AppliesTo(edition) && SettingCondition.Holds(View.AppliesWhen, edition, value);
}

/// <summary>How a setting reaches the cluster.</summary>
public enum SentAs
{
    /// <summary>As an environment variable of the gateway.</summary>
    Env,

    /// <summary>In the Secret that nodes pull the image with.</summary>
    PullSecret,

    /// <summary>As an annotation of the gateway's service account.</summary>
    ServiceAccount,
}

/// <summary>Conditions of the settings table: <c>NAME=value|value&amp;NAME=value;NAME=value</c>. <c>;</c> separates alternatives, an empty
/// value means 'not set'.</summary>
public static class SettingCondition
{
    /// <summary>Whether it holds; an empty one always does.</summary>
    public static bool Holds(string condition, Edition edition, Func<string, string> value) =>
        condition.Length == 0
        || condition
            .Split(';')
            .Any(way =>
                way.Split('&')
                    .All(term =>
                    {
                        var (name, values) = (term[..term.IndexOf('=')], term[(term.IndexOf('=') + 1)..].Split('|'));
                        return values.Contains(name == "edition" ? edition.ToString().ToLowerInvariant() : value(name));
                    })
            );

    /// <summary>For people, such as <c>LOG_STORE is azure and AZURE_AUTH_MODE is empty</c>.</summary>
    public static string EnumNames(string condition) =>
        string.Join(
            ", or ",
            condition
                .Split(';')
                .Select(way =>
                    string.Join(
                        " and ",
                        way.Split('&')
                            .Select(term =>
                            {
                                var (name, values) = (term[..term.IndexOf('=')], term[(term.IndexOf('=') + 1)..].Split('|'));
                                return $"{name} is {string.Join(" or ", values.Select(v => v.Length == 0 ? "empty" : v))}";
                            })
                    )
                )
        );
}

/// <summary>Every setting the portal knows, read once from its own table.</summary>
public static class SettingsCatalog
{
    /// <summary>All, in the order of the table.</summary>
    public static IReadOnlyList<Setting> All { get; } = Load();

    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, Setting> ByKey { get; } = All.ToDictionary(s => s.Key, StringComparer.Ordinal);

    /// <summary>What a setting is called; its key where the table does not know it.</summary>
    public static string TitleOf(string key) => ByKey.TryGetValue(key, out var known) ? known.View.Title : key;

    private static List<Setting> Load() =>
        [
            .. EmbeddedTable
                .Rows<Row>("settings.csv")
                .Select(r => new Setting(
                    new SettingView(
                        r.Key,
                        r.Group,
                        r.Title,
                        r.Help,
                        r.Secret == "yes",
                        r.Edition switch
                        {
                            "oss" => [Edition.Oss],
                            "enterprise" => [Edition.Enterprise],
                            _ => [Edition.Oss, Edition.Enterprise],
                        },
                        r.Required == "yes",
                        r.RequiredWhen,
                        r.AppliesWhen,
                        r.Allowed.Length == 0 ? [] : r.Allowed.Split('|'),
                        r.Default,
                        r.Example,
                        r.Since
                    ),
                    r.Pattern,
                    r.GuideName,
                    r.SentAs switch
                    {
                        "pull-secret" => SentAs.PullSecret,
                        "service-account" => SentAs.ServiceAccount,
                        _ => SentAs.Env,
                    }
                )
                {
                    MayBeSecret = r.Secret == "either",
                    IsRare = r.NeededBy == "few",
                    IsUsual = r.NeededBy == "most",
                }),
        ];

    private sealed class Row
    {
        [Name("key")]
        public string Key { get; init; } = "";

        [Name("group")]
        public string Group { get; init; } = "";

        [Name("title")]
        public string Title { get; init; } = "";

        [Name("help")]
        public string Help { get; init; } = "";

        [Name("secret")]
        public string Secret { get; init; } = "";

        [Name("edition")]
        public string Edition { get; init; } = "";

        [Name("required")]
        public string Required { get; init; } = "";

        [Name("required-when")]
        public string RequiredWhen { get; init; } = "";

        [Name("applies-when")]
        public string AppliesWhen { get; init; } = "";

        [Name("needed-by")]
        public string NeededBy { get; init; } = "";

        [Name("since")]
        public string Since { get; init; } = "";

        [Name("guide-name")]
        public string GuideName { get; init; } = "";

        [Name("sent-as")]
        public string SentAs { get; init; } = "";

        [Name("allowed")]
        public string Allowed { get; init; } = "";

        [Name("default")]
        public string Default { get; init; } = "";

        [Name("example")]
        public string Example { get; init; } = "";

        [Name("pattern")]
        public string Pattern { get; init; } = "";
    }
}
