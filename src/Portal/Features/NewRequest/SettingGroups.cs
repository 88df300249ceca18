using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>In which order the settings are asked for: what most people look at first, the rest by group, folded.</summary>
internal static class SettingGroups
{
    /// <summary>
    /// Whether it stands among what most people need: that by itself, or because it belongs to a choice that is made there. Never because
    /// of what is filled in, so that no field moves away under the hands of whoever fills it in.
    /// </summary>
    public static bool IsFirst(SettingView setting) =>
        SettingsCatalog.ByKey.TryGetValue(setting.Key, out var known)
        && !known.IsRare
        && (known.IsUsual || (setting.Required && setting.RequiredWhen.Length == 0) || Choosers(setting).Any(IsUsual));

    public static bool IsRare(SettingView setting) => SettingsCatalog.ByKey.TryGetValue(setting.Key, out var known) && known.IsRare;

    /// <summary>Name of a group for people.</summary>
    public static string TitleOf(string group) => group.Length == 0 ? "Other" : char.ToUpperInvariant(group[0]) + group[1..].Replace('-', ' ');

    /// <summary>What of these is filled in, in a few words for a fold that is shut.</summary>
    public static string Given(IReadOnlyCollection<SettingView> settings, WizardState state)
    {
        var given = settings.Where(s => state.Settings.GetValueOrDefault(s.Key, "").Length > 0).ToList();
        var words = string.Join(", ", given.Take(3).Select(s => $"{s.Title}: {Short(state.Settings[s.Key])}"));
        return given.Count == 0 ? $"{Plural.Of(settings.Count, "setting")}, none given"
            : given.Count > 3 ? $"{words} and {given.Count - 3} more"
            : words;
    }

    /// <summary>Whether a setting has to do with these words.</summary>
    public static bool Has(SettingView setting, string words) =>
        words
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .All(w =>
                setting.Key.Contains(w, StringComparison.OrdinalIgnoreCase)
                || setting.Title.Contains(w, StringComparison.OrdinalIgnoreCase)
                || setting.Help.Contains(w, StringComparison.OrdinalIgnoreCase)
                || TitleOf(setting.Group).Contains(w, StringComparison.OrdinalIgnoreCase)
            );

    private static bool IsUsual(string key) => SettingsCatalog.ByKey.TryGetValue(key, out var known) && known.IsUsual;

    private static IEnumerable<string> Choosers(SettingView setting) =>
        setting.AppliesWhen.Split([';', '&'], StringSplitOptions.RemoveEmptyEntries).Select(term => term.Split('=')[0]);

    private static string Short(string value) => value.Length > 24 ? $"{value[..23]}…" : value;
}
