using System.Globalization;
using System.Text.RegularExpressions;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>What each provider takes: settings and their forms, and which credentials it is for. All problems are reported at once, by
/// field.</summary>
public static partial class ProviderRules
{
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        [ProviderNames.Random] = ["length", "alphabet"],
        [ProviderNames.RedisAcl] = ["user", "admin"],
        [ProviderNames.AzureStorage] = ["subscription", "resourceGroup", "account"],
    };

    /// <summary>Providers that can issue for a setting.</summary>
    public static IReadOnlyList<string> For(string key) => [.. ProviderNames.All.Where(p => Suits(p, key))];

    /// <summary>Everything that is wrong; empty for none.</summary>
    public static IReadOnlyList<FieldProblem> Check(string key, string provider, IReadOnlyDictionary<string, string> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (!Known.TryGetValue(provider, out var names))
        {
            return
            [
                new FieldProblem(
                    "provider",
                    $"There is no provider of this name. For {key} there are: {string.Join(", ", For(key))}. Empty for none."
                ),
            ];
        }

        var problems = new List<FieldProblem>();
        if (!Suits(provider, key))
        {
            problems.Add(
                new(
                    "provider",
                    $"{provider} cannot make values of {key}. There are: {(For(key) is { Count: > 0 } others ? string.Join(", ", others) : "none")}."
                )
            );
        }

        problems.AddRange(
            settings
                .Keys.Where(k => !names.Contains(k, StringComparer.Ordinal))
                .Select(k => new FieldProblem(
                    $"settings.{k}",
                    $"There is no such setting. Settings of {provider}: {string.Join(", ", names)}."
                ))
        );
        foreach (var name in names)
        {
            if (WrongWith(name, settings.GetValueOrDefault(name, "")) is { } wrong)
            {
                problems.Add(new($"settings.{name}", wrong));
            }
        }

        return problems;
    }

    private static bool Suits(string provider, string key) =>
        provider switch
        {
            ProviderNames.RedisAcl => key is "REDIS_URL" or "REDIS_PASSWORD",
            ProviderNames.AzureStorage => key == "AZURE_STORAGE_KEY",
            _ => SettingsCatalog.ByKey.TryGetValue(key, out var setting)
                && setting.View.IsSecret
                && SpecValidator.CheckSecret(setting, new string('a', RandomValues.DefaultLength)) is null,
        };

    private static string? WrongWith(string name, string value) =>
        name switch
        {
            "length" => value.Length == 0
            || (
                int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                && n is >= RandomValues.Shortest and <= RandomValues.Longest
            )
                ? null
                : $"Use a number from {RandomValues.Shortest} to {RandomValues.Longest}, or leave it out for {RandomValues.DefaultLength}.",
            "alphabet" => value.Length == 0 || RandomValues.Alphabets.ContainsKey(value)
                ? null
                : $"Use one of: {string.Join(", ", RandomValues.Alphabets.Keys.Order(StringComparer.Ordinal))}.",
            "user" => RedisUser().IsMatch(value)
                ? null
                : "Name the ACL user whose password it is, such as gateway, or default: at most 64 characters, without spaces.",
            "admin" => value.Length == 0 || Guid.TryParse(value, out _)
                ? null
                : $"Give the id of a credential {SettingKeys.RedisAdminUrl}, or leave it out for the environment's own.",
            "subscription" => Guid.TryParseExact(value, "D", out _)
                ? null
                : "Give the subscription's id, such as 00000000-0000-0000-0000-000000000000.",
            "resourceGroup" => ResourceGroup().IsMatch(value)
                ? null
                : "Give the resource group: letters, digits, and - _ ( ) . inside, at most 90 characters.",
            _ => SettingPatterns.Check("azure-account", value),
        };

    [GeneratedRegex(@"\A[!-~]{1,64}\z")]
    private static partial Regex RedisUser();

    [GeneratedRegex(@"\A[A-Za-z0-9_()-](?:[A-Za-z0-9_().-]{0,88}[A-Za-z0-9_()-])?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex ResourceGroup();
}
