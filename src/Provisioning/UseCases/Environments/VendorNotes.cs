using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Vendor notes that apply to a spec. Pure.</summary>
public static class VendorNotes
{
    private const string DataService = "dataservice";

    private static readonly Profile NoProfile = new()
    {
        Name = "",
        DisplayName = "",
        Description = "",
        Order = 0,
        Replicas = 1,
        MaxReplicas = 1,
        Zones = 1,
        CpuRequest = "",
        CpuLimit = "",
        MemoryRequest = "",
        MemoryLimit = "",
        NodeCpu = 1,
        NodeMemoryGiB = 1,
        BuiltInRedisAllowed = true,
    };

    /// <summary>Judges a spec against all of them: one that blocks is a problem, the others are findings.</summary>
    internal static void Judge(SpecCandidate candidate, List<FieldProblem> problems, List<FindingView> findings)
    {
        var spec = candidate.Spec;
        if (spec.Edition != Edition.Enterprise)
        {
            return; // the table is about the enterprise images
        }

        var tag = spec.ImageTag ?? candidate.ChartImageTag;
        var gateway = VersionRange.Parse(tag);
        if (gateway is null && tag.Length > 0)
        {
            findings.Add(
                new(
                    Severity.Info,
                    "validation",
                    "spec.imageTag",
                    $"The version of {tag} is unknown, so the vendor's notes about versions were not looked up."
                )
            );
        }

        var dataService = VersionRange.Parse(spec.DataServiceImage?.Tag ?? candidate.ChartDataServiceTag);
        foreach (var note in VendorNote.All)
        {
            var version = note.Component switch
            {
                "gateway" => gateway,
                DataService => spec.DataService ? dataService : null,
                "chart" => VersionRange.Parse(candidate.ChartVersion),
                _ => null,
            };
            if (version is null || !note.Range.Contains(version))
            {
                continue;
            }

            var (field, text) = (FieldOf(note), note.EnumNames);
            var isMet = IsMet(note, spec, candidate, dataService);
            if (note.Severity == Severity.Error && isMet is false)
            {
                problems.Add(new(field, text));
            }
            else if (isMet is not true)
            {
                findings.Add(new(note.Severity == Severity.Error ? Severity.Warning : note.Severity, "vendor", field, text));
            }
            else if (
                note.Severity == Severity.Error
                && note.Component == "gateway"
                && note.Needs.StartsWith(DataService, StringComparison.Ordinal)
                && candidate.Running is { } running
            )
            {
                First(note, running, tag, problems, findings);
            }
        }
    }

    /// <summary>What the notes say of a revision that runs, as findings: one that would block is an error.</summary>
    /// <param name="spec">Its spec.</param>
    /// <param name="chartVersion">Version of its chart.</param>
    /// <param name="chartImageTag">Tag that the chart pins.</param>
    /// <param name="running">What its manifest starts.</param>
    /// <param name="secrets">Keys of its secrets.</param>
    internal static IReadOnlyList<FindingView> OfRunning(
        EnvironmentSpec spec,
        string chartVersion,
        string chartImageTag,
        RunningImages running,
        IEnumerable<string> secrets
    )
    {
        var (problems, findings) = (new List<FieldProblem>(), new List<FindingView>());
        var candidate = new SpecCandidate(
            spec,
            NoProfile,
            secrets.ToDictionary(k => k, _ => "", StringComparer.Ordinal),
            new HashSet<string>()
        )
        {
            ChartImageTag = running.Gateway.Length > 0 ? running.Gateway : chartImageTag,
            ChartVersion = chartVersion,
            ChartDataServiceTag = running.DataService,
        };
        Judge(candidate, problems, findings);
        return [.. problems.Select(p => new FindingView(Severity.Error, "vendor", p.Field, p.Message)), .. findings];
    }

    // Both in one rollout start at once: a prerequisite must be applied before.
    private static void First(VendorNote note, RunningImages running, string tag, List<FieldProblem> problems, List<FindingView> findings)
    {
        if (VersionRange.Parse(running.Gateway) is not { } present || note.Range.Contains(present))
        {
            return;
        }

        var runs = VersionRange.Parse(running.DataService);
        var needs = note.Needs[DataService.Length..];
        if (runs is null && running.DataService.Length > 0)
        {
            findings.Add(
                new(
                    Severity.Warning,
                    "vendor",
                    FieldOf(note),
                    $"{note.EnumNames} The version of its data service cannot be read from {running.DataService}."
                )
            );
        }
        else if (runs is null || !VersionRange.Of(needs).Contains(runs))
        {
            problems.Add(
                new(
                    FieldOf(note),
                    $"{note.EnumNames} Here {(runs is null ? "no data service runs yet" : $"data service {runs} runs")}, with gateway {running.Gateway}. First ask for a change to a data service {needs} that leaves the gateway at {running.Gateway}; when that is applied, ask for {tag}."
                )
            );
        }
    }

    private static string FieldOf(VendorNote note) =>
        note.Component switch
        {
            "gateway" => "spec.imageTag",
            DataService => "spec.dataServiceImage.tag",
            _ => "chartVersion",
        };

    // Null where the spec does not say.
    private static bool? IsMet(VendorNote note, EnvironmentSpec spec, SpecCandidate candidate, Version? dataService)
    {
        if (note.Needs.Length == 0)
        {
            return false;
        }

        if (note.Needs.StartsWith(DataService, StringComparison.Ordinal))
        {
            return spec.DataService && dataService is not null
                ? VersionRange.Of(note.Needs[DataService.Length..]).Contains(dataService)
                : null;
        }

        var (before, after) = note.Needs.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star
            ? (note.Needs[..star], note.Needs[(star + 1)..])
            : (note.Needs, (string?)null);
        return spec
            .Settings.Where(s => s.Value.Length > 0)
            .Select(s => s.Key)
            .Concat(candidate.NewSecrets.Keys)
            .Any(k =>
                after is null
                    ? k == before
                    : k.Length >= before.Length + after.Length
                        && k.StartsWith(before, StringComparison.Ordinal)
                        && k.EndsWith(after, StringComparison.Ordinal)
            );
    }
}
