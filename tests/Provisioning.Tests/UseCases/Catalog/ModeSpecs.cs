using System.Globalization;
using CsvHelper;
using CsvHelper.Configuration.Attributes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Tests.Charts;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Catalog;

/// <summary>One setting in one mode of use, a row of <c>settings-by-mode.csv</c>.</summary>
public sealed class ModeRow
{
    [Name("group")]
    public string Group { get; init; } = "";

    [Name("mode")]
    public string Mode { get; init; } = "";

    [Name("key")]
    public string Key { get; init; } = "";

    [Name("need")]
    public string Need { get; init; } = "";

    [Name("secret")]
    public string Secret { get; init; } = "";

    public static IReadOnlyList<ModeRow> All { get; } = Load();

    public override string ToString() => $"{Group} {Mode} {Key}";

    private static List<ModeRow> Load()
    {
        using var csv = new CsvReader(
            File.OpenText(Path.Combine(RepositoryFiles.TestData(".."), "UseCases", "Catalog", "settings-by-mode.csv")),
            CultureInfo.InvariantCulture
        );
        return [.. csv.GetRecords<ModeRow>()];
    }
}

/// <summary>A spec for each mode: what the mode needs, and nothing else.</summary>
internal static class ModeSpecs
{
    private static readonly Profile Dev = Requests.Inputs.Profile("dev");

    /// <summary>The settings that put a gateway into a mode.</summary>
    public static IReadOnlyDictionary<string, string> Entering(string group, string mode) =>
        (group, mode) switch
        {
            ("server", "mcp") => Map(("SERVER_MODE", "all")),
            ("log-store", "azure/key") => Map(("LOG_STORE", "azure")),
            ("log-store", "azure/s3") => Map(("LOG_STORE", "azure")),
            ("log-store", "none") => Map(("LOG_STORE", "")),
            ("log-store", _) when mode.StartsWith("azure/", StringComparison.Ordinal) => Map(
                ("LOG_STORE", "azure"),
                ("AZURE_AUTH_MODE", mode[6..])
            ),
            ("log-store", _) => Map(("LOG_STORE", mode)),
            ("analytics", "otel") => Map(("OTEL_PUSH_ENABLED", "true")),
            ("analytics", _) => Map(("ANALYTICS_STORE", mode)),
            ("cache", _) when mode.StartsWith("azure-redis/", StringComparison.Ordinal) => Map(
                ("CACHE_STORE", "azure-redis"),
                ("AZURE_REDIS_AUTH_MODE", mode[12..])
            ),
            ("cache", "azure-redis") => Map(("CACHE_STORE", mode), ("AZURE_REDIS_AUTH_MODE", "workload")),
            ("cache", _) => Map(("CACHE_STORE", mode)),
            ("semantic-cache", "all") => Map(("VECTOR_STORE", "pinecone")),
            ("semantic-cache", _) => Map(("VECTOR_STORE", mode)),
            ("image-pull", _) => Map(("REGISTRY_USERNAME", "portkey-customer")),
            _ => Map(),
        };

    /// <summary>A whole spec in a mode: whatever the validator misses is filled in.</summary>
    public static (EnvironmentSpec Spec, Dictionary<string, string> Secrets) For(
        IReadOnlyDictionary<string, string> entering,
        SpecChart? chart = null
    )
    {
        var settings = entering.ToDictionary(StringComparer.Ordinal);
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var rounds = 0; rounds < 5; rounds++)
        {
            var spec = new EnvironmentSpec { Edition = Edition.Enterprise, Settings = settings };
            var problems = SpecValidator.Judge(new SpecCandidate(spec, Dev, secrets, new HashSet<string>()) { Chart = chart }).Problems;
            if (problems.Count == 0)
            {
                return (spec, secrets);
            }

            foreach (var problem in problems)
            {
                var key = problem.Field[(problem.Field.LastIndexOf('.') + 1)..];
                (SettingsCatalog.ByKey[key].View.IsSecret ? secrets : settings)[key] = Sample(key);
            }
        }

        throw new InvalidOperationException($"No valid spec follows from {string.Join(", ", entering)}.");
    }

    /// <summary>A legal value of a setting.</summary>
    public static string Sample(string key)
    {
        var setting = SettingsCatalog.ByKey[key];
        return key == "REDIS_URL"
            ? "redis://cache.example.com:6379"
            : setting.View.AllowedValues.LastOrDefault(v => v.Length > 0)
                ?? (
                    setting.View.Example.Length > 0
                        ? setting.View.Example
                        : setting.Pattern switch
                        {
                            "guid" => "11111111-2222-4333-8444-555555555555",
                            "http-url" => "https://service.example.com",
                            "positive-integer" => "1536",
                            "fraction" => "0.95",
                            "mongo-url" => "mongodb://user:pass@cosmos.example.com:10255",
                            _ => $"sample-{key.ToLowerInvariant().Replace('_', '-')}",
                        }
                );
    }

    /// <summary>Sets one more setting on top.</summary>
    public static void Set(string key, string? value, Dictionary<string, string> settings, Dictionary<string, string> secrets) =>
        (SettingsCatalog.ByKey[key].View.IsSecret ? secrets : settings)[key] = value ?? Sample(key);

    public static Dictionary<string, string> Map(params (string Key, string Value)[] entries) =>
        entries.ToDictionary(e => e.Key, e => e.Value, StringComparer.Ordinal);

    public static IEnumerable<FieldProblem> Judge(
        EnvironmentSpec spec,
        IReadOnlyDictionary<string, string> secrets,
        SpecChart? chart = null
    ) => SpecValidator.Judge(new SpecCandidate(spec, Dev, secrets, new HashSet<string>()) { Chart = chart }).Problems;
}
