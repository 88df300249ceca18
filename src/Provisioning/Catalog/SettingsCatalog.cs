using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration.Attributes;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Catalog;

/// <summary>One gateway setting with its rules, a row of <c>settings.csv</c>.</summary>
/// <param name="View">What pages and API show.</param>
/// <param name="Pattern">Name of the rule in <see cref="SettingPatterns"/>; empty for none.</param>
public sealed record Setting(SettingView View, string Pattern)
{
    /// <summary>Portkey's name.</summary>
    public string Key => View.Key;

    /// <summary>Applies to the edition.</summary>
    public bool AppliesTo(Edition edition) => View.Editions.Contains(edition);

    /// <summary>Whether the other settings make this one needed.</summary>
    /// <param name="edition">Edition.</param>
    /// <param name="value">Value of another setting, empty when it is not set.</param>
    public bool IsRequired(Edition edition, Func<string, string> value)
    {
        if (View.RequiredWhen.Length == 0)
        {
            return View.Required && AppliesTo(edition);
        }

        // A condition reads NAME=value|value&NAME=value; an empty value means 'not set'.
        return AppliesTo(edition) && View.RequiredWhen.Split('&').All(term =>
        {
            var (name, values) = (term[..term.IndexOf('=')], term[(term.IndexOf('=') + 1)..].Split('|'));
            return values.Contains(name == "edition" ? edition.ToString().ToLowerInvariant() : value(name));
        });
    }
}

/// <summary>Every setting the portal knows, read once from its own table.</summary>
public static class SettingsCatalog
{
    /// <summary>All, in the order of the table.</summary>
    public static IReadOnlyList<Setting> All { get; } = Load();

    /// <summary>By name.</summary>
    public static IReadOnlyDictionary<string, Setting> ByKey { get; } = All.ToDictionary(s => s.Key, StringComparer.Ordinal);

    private static List<Setting> Load()
    {
        using var stream = typeof(SettingsCatalog).Assembly.GetManifestResourceStream("settings.csv")!;
        using var csv = new CsvReader(new StreamReader(stream), CultureInfo.InvariantCulture);
        return [.. csv.GetRecords<Row>().Select(r => new Setting(
            new SettingView(
                r.Key, r.Group, r.Title, r.Help, r.Secret == "yes",
                r.Edition switch { "oss" => [Edition.Oss], "enterprise" => [Edition.Enterprise], _ => [Edition.Oss, Edition.Enterprise] },
                r.Required == "yes", r.RequiredWhen, r.Allowed.Length == 0 ? [] : r.Allowed.Split('|'), r.Default, r.Example),
            r.Pattern))];
    }

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
