using System.Globalization;
using System.Text;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Catalog;

/// <summary>docs/settings.md is made of the same table as form, checks and values; with UPDATE_DOCS=1 this writes it.</summary>
public sealed class SettingsPageTests
{
    [Fact]
    public void Page_OfTheSettings_IsWhatTheTableSays()
    {
        var path = Path.Combine(Repository.Root, "docs", "settings.md");
        var page = Page();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, page);
        }

        Assert.True(File.ReadAllText(path) == page, "docs/settings.md is not what settings.csv says. Run this test with UPDATE_DOCS=1.");
    }

    private static string Page()
    {
        var text = new StringBuilder(
            """
            # Settings

            Made from `src/Provisioning/UseCases/Catalog/settings.csv`, from which the form, the checks, `GET /api/v1/settings` and the rendered values come too.
            A secret goes to the vault and reaches the gateway by reference. *Needed* names the condition under which a request without it is
            refused; *read* the one under which the gateway reads it at all. *Since* is the first version of Portkey's chart whose values name it;
            a chart that names its settings and lacks that one is not given it.


            """
        );
        foreach (var group in SettingsCatalog.All.GroupBy(s => s.View.Group, StringComparer.Ordinal))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"## {group.Key}\n\n| setting | what it is | values | needed | read | since |\n|---|---|---|---|---|---|\n"
            );
            foreach (var setting in group)
            {
                var view = setting.View;
                var name =
                    $"`{view.Key}`{(view.IsSecret ? " (secret)" : "")}{(view.Editions.Count == 1 && view.Editions[0] == Edition.Oss ? " (open source)" : "")}";
                var values =
                    view.AllowedValues.Count > 0 ? string.Join(", ", view.AllowedValues.Select(v => v.Length == 0 ? "empty" : $"`{v}`"))
                    : view.Example.Length > 0 ? $"such as `{view.Example}`"
                    : "";
                var needed =
                    view.RequiredWhen.Length > 0 ? EnumNames(view.RequiredWhen)
                    : view.Required ? "always"
                    : "";
                var guide = setting.GuideName.Length > 0 ? $" The guide calls it `{setting.GuideName}`." : "";
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"| {name} | {view.Help}{guide} | {string.Join(", ", new[] { values, view.Default.Length > 0 ? $"default `{view.Default}`" : "" }.Where(v => v.Length > 0))} | {needed} | {(view.AppliesWhen.Length > 0 ? EnumNames(view.AppliesWhen) : "")} | {view.Since} |\n"
                );
            }

            text.Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string EnumNames(string condition) =>
        SettingCondition.EnumNames(condition).Replace("edition is enterprise", "in the enterprise edition", StringComparison.Ordinal);
}
