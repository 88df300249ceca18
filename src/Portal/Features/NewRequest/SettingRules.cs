using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>Which settings the wizard shows. The service judges; this only keeps the page short.</summary>
internal static class SettingRules
{
    public static bool AppliesTo(SettingView setting, Edition edition) => setting.Editions.Count == 0 || setting.Editions.Contains(edition);

    /// <summary>A secret that the settings table does not name.</summary>
    public static SettingView Unknown(string key) =>
        new(key, "", key, "Not known to the portal; it is passed on to the gateway as it is.", true, [], false, "", "", [], "", "", "");

    public static bool IsRequired(SettingView setting, WizardState state) =>
        AppliesTo(setting, state.Edition)
        && (setting.RequiredWhen.Length == 0 ? setting.Required : SettingCondition.Holds(setting.RequiredWhen, state.Edition, state.Value));

    /// <summary>Shown: whatever the gateway reads with the other settings as they are, and what is filled in already.</summary>
    public static bool IsShown(SettingView setting, WizardState state) =>
        AppliesTo(setting, state.Edition)
        && setting.AllowedValues.Count != 1 // nothing to choose
        && (
            IsRequired(setting, state)
            || state.Value(setting.Key).Length > 0
            || SettingCondition.Holds(setting.AppliesWhen, state.Edition, state.Value)
        );
}
