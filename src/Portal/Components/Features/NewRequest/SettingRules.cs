using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Catalog;

namespace Portkey.Portal.Web.Components.Features.NewRequest;

/// <summary>Which settings the wizard shows. The service judges; this only keeps the page short.</summary>
internal static class SettingRules
{
    public static bool AppliesTo(SettingView setting, Edition edition) => setting.Editions.Count == 0 || setting.Editions.Contains(edition);

    public static bool IsRequired(SettingView setting, WizardState state) =>
        AppliesTo(setting, state.Edition) && (setting.Required || (setting.RequiredWhen.Length > 0 && Holds(setting.RequiredWhen, state)));

    /// <summary>Shown: needed, filled in already, or depending on nothing.</summary>
    public static bool IsShown(SettingView setting, WizardState state) =>
        AppliesTo(setting, state.Edition)
        && setting.AllowedValues.Count != 1 // nothing to choose
        && (IsRequired(setting, state) || state.Value(setting.Key).Length > 0 || setting.RequiredWhen.Length == 0 || setting.RequiredWhen.StartsWith("edition=", StringComparison.Ordinal));

    // Such as LOG_STORE=s3|gcs&AZURE_AUTH_MODE= : every part must hold, each by one of its values; nothing after '=' means empty.
    private static bool Holds(string rule, WizardState state) => rule.Split('&').All(part =>
    {
        var (key, values) = part.Split('=', 2) is [var k, var v] ? (k, v.Split('|')) : (part, []);
        var value = key == "edition" ? state.Edition.ToString().ToLowerInvariant() : state.Value(key);
        return values.Contains(value, StringComparer.Ordinal);
    });
}
