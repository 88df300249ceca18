using Portkey.Portal.Provisioning.UseCases.Catalog;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Catalog;

/// <summary>The settings table agrees with itself.</summary>
public sealed class SettingsCatalogTests
{
    [Fact]
    public void All_ExamplesAndDefaults_PassTheirOwnRules() =>
        Assert.All(
            SettingsCatalog.All,
            s =>
            {
                foreach (var value in new[] { s.View.Example, s.View.Default }.Where(v => v.Length > 0))
                {
                    Assert.Null(SettingPatterns.Check(s.Pattern, value));
                    Assert.True(s.View.AllowedValues.Count == 0 || s.View.AllowedValues.Contains(value), $"{s.Key}: {value}");
                }
            }
        );

    [Fact]
    public void All_Secrets_HaveNoDefault() =>
        Assert.All(SettingsCatalog.All.Where(s => s.View.IsSecret), s => Assert.Equal("", s.View.Default));

    [Fact]
    public void All_Conditions_NameSettingsAndTheirAllowedValues() =>
        Assert.All(
            SettingsCatalog
                .All.Where(s => s.View.RequiredWhen.Length > 0)
                .Concat(SettingsCatalog.All.Where(s => s.View.AppliesWhen.Length > 0))
                .SelectMany(s => $"{s.View.RequiredWhen};{s.View.AppliesWhen}".Split(';', '&').Where(t => t.Length > 0)),
            term =>
            {
                var (name, values) = (term.Split('=')[0], term.Split('=')[1].Split('|'));
                Assert.All(
                    values,
                    value =>
                        Assert.Contains(value, name == "edition" ? ["oss", "enterprise"] : SettingsCatalog.ByKey[name].View.AllowedValues)
                );
            }
        );

    [Fact]
    public void All_Titles_AndHelpAreThereForPeople() =>
        Assert.All(SettingsCatalog.All, s => Assert.True(s.View.Title.Length > 0 && s.View.Help.Length > 0, s.Key));
}
