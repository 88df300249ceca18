using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.NewRequest;

/// <summary>One line of what was said, by the words of the form.</summary>
/// <param name="Label">What the form calls it.</param>
/// <param name="Words">What was said.</param>
/// <param name="Step">Step on which it is changed; empty where it cannot be.</param>
/// <param name="Element">Element of that step.</param>
/// <param name="IsSaid">Whether somebody said it; else it is what comes by itself.</param>
internal sealed record ReviewFact(string Label, string Words, string Step, string Element, bool IsSaid)
{
    /// <summary>Name of the setting or secret, for those who know it by that; empty for others.</summary>
    public string Key { get; init; } = "";

    /// <summary>Part of the spec that it is about; empty for others.</summary>
    public string Path { get; init; } = "";
}

/// <summary>What the review takes its words from.</summary>
/// <param name="State">What was said.</param>
/// <param name="Settings">Settings that the chart takes.</param>
/// <param name="ToCome">Secrets whose values are entered on the last page.</param>
/// <param name="Kept">Secrets that are in the vault already, by their version.</param>
public sealed record ReviewSource(
    WizardState State,
    IReadOnlyList<SettingView> Settings,
    IReadOnlyList<SettingView> ToCome,
    IReadOnlyDictionary<string, string> Kept
)
{
    /// <summary>Teams to choose from.</summary>
    public IReadOnlyList<TeamView> Teams { get; init; } = [];

    /// <summary>Clusters to choose from.</summary>
    public IReadOnlyList<ClusterView> Clusters { get; init; } = [];

    /// <summary>Profile that is chosen; null where it is not known.</summary>
    public ProfileView? Profile { get; init; }

    /// <summary>Chart version that is chosen; null where none is.</summary>
    public ChartView? Chart { get; init; }
}

/// <summary>
/// Everything that a request says, by step and in the words of the form. It goes through the whole spec, so that a field that is added to
/// it is here without anything being added.
/// </summary>
internal static class ReviewFacts
{
    // Shown also when nobody said anything: what comes by itself is what runs.
    private static readonly HashSet<string> AlwaysShown = new(StringComparer.Ordinal)
    {
        "replicas",
        "resources",
        "imageTag",
        "network.exposure",
        "network.egress",
    };

    /// <summary>Those that are said, and the few that matter anyway.</summary>
    public static IEnumerable<ReviewFact> Shown(ReviewSource source, string step) => Of(source, step).Where(f => f.IsSaid);

    /// <summary>All of a step, also what was left as it is.</summary>
    public static IReadOnlyList<ReviewFact> Of(ReviewSource source, string step) =>
        step switch
        {
            "where" => Where(source),
            "settings" => [.. SettingsOf(source)],
            "secrets" => [.. SecretsOf(source)],
            "size" => [.. ProfileOf(source), .. Parts(source).Where(f => f.Step == step || IsResources(f))],
            _ => [.. Parts(source).Where(f => f.Step == step && !IsResources(f))],
        };

    private static List<ReviewFact> Where(ReviewSource source)
    {
        var state = source.State;
        ReviewFact Fact(string path, string words) =>
            WizardFields.Of(path) is var field && state.IsChange
                ? new ReviewFact(field.Label, words, "", "", true)
                : new ReviewFact(field.Label, words, field.Step, field.Element, true);

        return
        [
            Fact("spec.edition", state.Edition == Edition.Oss ? "Open source" : "Enterprise"),
            Fact("team", source.Teams.FirstOrDefault(t => t.Name == state.Team)?.DisplayName ?? state.Team),
            Fact("name", state.Name),
            Fact("cluster", source.Clusters.FirstOrDefault(c => c.Name == state.Cluster)?.DisplayName ?? state.Cluster),
            .. source.Chart is { } chart
                ? [Fact("chartVersion", $"{chart.Name} {chart.Version}{(chart.IsDefault ? " (default)" : "")}")]
                : (ReviewFact[])[],
        ];
    }

    private static IEnumerable<ReviewFact> ProfileOf(ReviewSource source)
    {
        var field = WizardFields.Of("profile");
        yield return new ReviewFact(
            field.Label,
            source.Profile?.DisplayName ?? source.State.Profile,
            field.Step,
            field.Element,
            true
        );
    }

    private static IEnumerable<ReviewFact> Parts(ReviewSource source)
    {
        var spec = source.State.Spec();
        var usual = SpecChanges
            .PartsOf(new EnvironmentSpec { Edition = spec.Edition })
            .ToDictionary(p => p.Path, p => p.Words, StringComparer.Ordinal);
        foreach (var part in SpecChanges.PartsOf(spec).Where(p => p.Path != "edition"))
        {
            var field = WizardFields.Of($"spec.{part.Path}");
            var isSaid = part.Words != usual[part.Path];
            // Autoscaling is a number of pods, too: one line is enough.
            var shown = isSaid || (AlwaysShown.Contains(part.Path) && !(part.Path == "replicas" && spec.Autoscaling is not null));
            yield return new ReviewFact(
                field.Step == "yaml" ? part.What : field.Label,
                isSaid ? part.Words : ByItself(part, source),
                field.Step,
                field.Element,
                shown
            )
            {
                Path = part.Path,
            };
        }
    }

    // They stand with the size, although the YAML view alone changes them.
    private static bool IsResources(ReviewFact fact) => fact.Path == "resources";

    // What "as the profile says" comes to.
    private static string ByItself(SpecPart part, ReviewSource source) =>
        part.Path switch
        {
            "replicas" when source.Profile is { } profile => $"{ProfileText.Pods(profile)}, as the profile says",
            "resources" when source.Profile is { } profile => $"{ProfileText.Resources(profile)}, as the profile says",
            "graceSeconds" when source.Profile is { } profile => $"{profile.GraceSeconds} s, as the profile says",
            "imageTag" when source.Chart is { ImageTag.Length: > 0 } chart => $"{chart.ImageTag}, as the chart says",
            "imageRepository" => "Portkey's own",
            _ => part.Words,
        };

    private static IEnumerable<ReviewFact> SettingsOf(ReviewSource source)
    {
        var sent = source.State.Spec().Settings;
        bool IsThere(SettingView setting) => SettingRules.IsShown(setting, source.State) || sent.ContainsKey(setting.Key);
        foreach (var setting in source.Settings.Where(s => !s.IsSecret && IsThere(s)))
        {
            yield return new ReviewFact(
                setting.Title,
                sent.GetValueOrDefault(setting.Key, setting.Default),
                "settings",
                $"field-setting-{setting.Key}",
                sent.ContainsKey(setting.Key)
            )
            {
                Key = setting.Key,
            };
        }

        foreach (var (key, value) in sent.Where(s => source.Settings.All(k => k.Key != s.Key || k.IsSecret)))
        {
            yield return new ReviewFact(
                SettingsCatalog.TitleOf(key),
                UnknownVariables.IsUnknown(key) ? $"{value} · not known to the portal" : value,
                "settings",
                WizardFields.Of($"spec.settings.{key}").Element,
                true
            )
            {
                Key = key,
            };
        }
    }

    private static IEnumerable<ReviewFact> SecretsOf(ReviewSource source)
    {
        var state = source.State;
        var said = source
            .ToCome.Select(s => (s.Key, Words: source.Kept.ContainsKey(s.Key) ? "gets a new value, entered below" : "entered below"))
            .Concat(state.Shared.Select(s => (s.Key, Words: $"shared credential {s.Value}")))
            .ToList();
        return said.Concat(
                source.Kept.Where(k => said.TrueForAll(s => s.Key != k.Key)).Select(k => (k.Key, Words: $"stays as it is ({k.Value})"))
            )
            .OrderBy(s => s.Key, StringComparer.Ordinal)
            .Select(s => new ReviewFact(SettingsCatalog.TitleOf(s.Key), s.Words, "secrets", "wizard-step", true) { Key = s.Key });
    }
}
