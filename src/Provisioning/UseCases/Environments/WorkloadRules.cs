using System.Globalization;
using System.Text.RegularExpressions;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Environments;

/// <summary>Rules for resources, scheduling, probes, labels and further environment variables. Pure.</summary>
internal static partial class WorkloadRules
{
    private const int MostEntries = 50;

    // What the portal and the charts write themselves.
    private static readonly string[] Reserved =
    [
        "app.kubernetes.io/",
        "helm.sh/",
        "meta.helm.sh/",
        "kubectl.kubernetes.io/",
        "portal.portkey.ai/",
        KnownClouds.OfClusters.Rules.IdentityPrefix,
    ];

    private static readonly string[] Effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

    public static void Judge(EnvironmentSpec spec, Profile profile, List<FieldProblem> problems)
    {
        Resources(spec.Resources, profile, problems);
        Scheduling(spec.Scheduling, profile, problems);
        Marks("spec.labels", spec.Labels, LabelValue(), problems);
        Marks("spec.annotations", spec.Annotations, null, problems);
        Names("spec.envFrom.secrets", spec.EnvFrom?.Secrets ?? [], problems);
        Names("spec.envFrom.configMaps", spec.EnvFrom?.ConfigMaps ?? [], problems);
        if (spec is { DataService: true, Edition: Edition.Oss })
        {
            problems.Add(
                new("spec.dataService", "The data service belongs to the enterprise gateway. Leave it out, or choose edition enterprise.")
            );
        }
    }

    private static void Resources(ResourcesSpec? own, Profile profile, List<FieldProblem> problems)
    {
        if (own is null)
        {
            return;
        }

        var before = problems.Count;
        foreach (
            var (name, value, units) in new[]
            {
                ("cpuRequest", own.CpuRequest, "500m or 2"),
                ("cpuLimit", own.CpuLimit, "500m or 2"),
                ("memoryRequest", own.MemoryRequest, "512Mi or 2Gi"),
                ("memoryLimit", own.MemoryLimit, "512Mi or 2Gi"),
            }
        )
        {
            if (value is not null && Amount(value) is not > 0)
            {
                problems.Add(new($"spec.resources.{name}", $"Use a Kubernetes quantity greater than 0, such as {units}."));
            }
        }

        foreach (
            var (name, request, limit) in new[]
            {
                ("cpu", own.CpuRequest ?? profile.CpuRequest, own.CpuLimit ?? profile.CpuLimit),
                ("memory", own.MemoryRequest ?? profile.MemoryRequest, own.MemoryLimit ?? profile.MemoryLimit),
            }
        )
        {
            if (problems.Count == before && Amount(request) > Amount(limit))
            {
                problems.Add(
                    new(
                        $"spec.resources.{name}Limit",
                        $"The limit {limit} is less than the request {request}. Raise it, or lower the request."
                    )
                );
            }
        }

        if (
            problems.Count == before
            && Amount(own.CpuRequest ?? profile.CpuRequest) is { } cpu
            && Amount(own.MemoryRequest ?? profile.MemoryRequest) is { } memory
            && NodeSizes.WhyNot(cpu, memory) is { Length: > 0 } whyNot
        )
        {
            problems.Add(
                new(
                    own.MemoryRequest is null || NodeSizes.WhyNot(cpu, 0).Length > 0
                        ? "spec.resources.cpuRequest"
                        : "spec.resources.memoryRequest",
                    whyNot
                )
            );
        }
    }

    private static void Scheduling(SchedulingSpec? scheduling, Profile profile, List<FieldProblem> problems)
    {
        if (scheduling is null)
        {
            return;
        }

        if (scheduling.Zones >= 1 && scheduling.Zones < profile.Zones)
        {
            problems.Add(
                new(
                    "spec.scheduling.zones",
                    $"Profile {profile.Name} promises {profile.Zones} zones. Ask for as many, or choose a smaller profile."
                )
            );
        }

        Marks("spec.scheduling.nodeSelector", scheduling.NodeSelector, LabelValue(), problems, reserve: false);
        for (var i = 0; i < scheduling.Tolerations.Count; i++)
        {
            var (one, field) = (scheduling.Tolerations[i], $"spec.scheduling.tolerations[{i}]");
            if (!QualifiedName().IsMatch(one.Key))
            {
                problems.Add(new($"{field}.key", "Use the key of a taint, such as workload or example.com/gpu."));
            }

            if (one.Value is not null && !LabelValue().IsMatch(one.Value))
            {
                problems.Add(new($"{field}.value", "Use letters, digits, hyphens, underscores and dots, at most 63 characters."));
            }

            if (one.Effect is not null && !Effects.Contains(one.Effect, StringComparer.Ordinal))
            {
                problems.Add(new($"{field}.effect", $"Use one of {string.Join(", ", Effects)}, or leave it out for all of them."));
            }
        }
    }

    internal static void Marks(
        string field,
        IReadOnlyDictionary<string, string>? marks,
        Regex? rule,
        List<FieldProblem> problems,
        bool reserve = true
    )
    {
        if (marks?.Count > MostEntries)
        {
            problems.Add(new(field, $"There are {marks.Count} entries; at most {MostEntries} are allowed."));
        }

        foreach (var (key, value) in marks ?? new Dictionary<string, string>())
        {
            if (!QualifiedName().IsMatch(key))
            {
                problems.Add(
                    new(
                        $"{field}.{key}",
                        "Use a name such as cost-center or example.com/owner: letters, digits, hyphens, underscores and dots, at most 63 after the slash."
                    )
                );
            }
            else if (reserve && Array.Exists(Reserved, p => key.StartsWith(p, StringComparison.Ordinal)))
            {
                problems.Add(new($"{field}.{key}", "The portal and its charts write this one themselves. Use another name."));
            }
            else if (rule is not null && !rule.IsMatch(value))
            {
                problems.Add(
                    new(
                        $"{field}.{key}",
                        "Use letters, digits, hyphens, underscores and dots, starting and ending with a letter or digit, at most 63 characters."
                    )
                );
            }
            else if (value.Any(char.IsControl))
            {
                problems.Add(new($"{field}.{key}", "The value holds control characters or line breaks. Remove them."));
            }
        }
    }

    private static void Names(string field, IReadOnlyList<string> names, List<FieldProblem> problems)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i].Length > 253 || !names[i].Split('.').All(SettingPatterns.IsDnsLabel))
            {
                problems.Add(
                    new($"{field}[{i}]", "Use the name of an object in the namespace: lower-case letters, digits, hyphens and dots.")
                );
            }
        }
    }

    /// <summary>A Kubernetes quantity as a number; null where it is not one.</summary>
    internal static decimal? Amount(string quantity)
    {
        var match = Quantity().Match(quantity);
        if (
            !match.Success
            || !decimal.TryParse(match.Groups["number"].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        )
        {
            return null;
        }

        return match.Groups["unit"].Value switch
        {
            "m" => number / 1000,
            "k" => number * 1000,
            "M" => number * 1_000_000,
            "G" => number * 1_000_000_000,
            "Ki" => number * 1024,
            "Mi" => number * 1024 * 1024,
            "Gi" => number * 1024 * 1024 * 1024,
            _ => number,
        };
    }

    [GeneratedRegex(@"\A(?<number>[0-9]{1,9}(\.[0-9]{1,3})?)(?<unit>m|k|M|G|Ki|Mi|Gi)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Quantity();

    [GeneratedRegex(
        @"\A([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\z",
        RegexOptions.ExplicitCapture
    )]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"\A([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex LabelValue();
}
