using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Web.Components.Shared;

namespace Portkey.Portal.Web.Features.Requests;

/// <summary>What a line of the summary is about; an approver reads them in this order.</summary>
internal enum SummaryPart
{
    /// <summary>Who reaches it, and whom it reaches.</summary>
    Exposure,

    /// <summary>Versions of secrets.</summary>
    Secrets,

    /// <summary>Pods, and what each asks for.</summary>
    Size,

    /// <summary>Dollars a month.</summary>
    Cost,

    /// <summary>Chart version.</summary>
    Chart,

    /// <summary>Images of its containers.</summary>
    Image,

    /// <summary>Settings.</summary>
    Settings,

    /// <summary>The rest of the spec.</summary>
    Other,
}

/// <summary>One thing that changes.</summary>
/// <param name="Part">What it is about.</param>
/// <param name="What">Its name for people.</param>
/// <param name="Before">As it is; empty for nothing.</param>
/// <param name="After">As it will be; empty for nothing.</param>
internal sealed record SummaryLine(SummaryPart Part, string What, string Before, string After)
{
    /// <summary>Its name for machines, where it has one; empty otherwise.</summary>
    public string Key { get; init; } = "";

    /// <summary>What to know about it; empty for nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>Whether the note is a warning.</summary>
    public bool Warns { get; init; }
}

/// <summary>What a request changes, in words: what stands first on its page.</summary>
/// <param name="Lead">One or two sentences.</param>
/// <param name="Lines">Each thing that changes, the weightiest first.</param>
/// <param name="Same">What stays as it is, as a sentence; empty where nothing does.</param>
internal sealed record ChangeSummary(string Lead, IReadOnlyList<SummaryLine> Lines, string Same)
{
    private static readonly SummaryPart[] SaidWhenSame =
    [
        SummaryPart.Exposure,
        SummaryPart.Secrets,
        SummaryPart.Size,
        SummaryPart.Cost,
        SummaryPart.Chart,
        SummaryPart.Image,
        SummaryPart.Settings,
    ];

    public static ChangeSummary Of(RequestView request, PreviewView preview)
    {
        List<SummaryLine> lines = [.. SpecLines(preview), .. Secrets(preview), .. Size(preview), .. Cost(preview), .. Rendered(preview)];
        lines = [.. lines.OrderBy(l => l.Part)];
        return new ChangeSummary(LeadOf(request, preview, lines), lines, SameOf(preview, lines));
    }

    private static string LeadOf(RequestView request, PreviewView preview, List<SummaryLine> lines)
    {
        var name = request.EnvironmentName;
        var edition = request.Edition == Edition.Oss ? "open-source" : "enterprise";
        return request.Kind switch
        {
            RequestKind.Create => $"A new {edition} gateway for team {request.Team} on cluster {request.Cluster}.",
            RequestKind.Delete =>
                $"{name} is deleted for good: the gateway and everything else in namespace {request.Namespace}. Callers get no answer from then on; its secrets are disabled. The history stays.",
            RequestKind.Rotate when lines is [{ Part: SummaryPart.Secrets } only] =>
                $"{only.Key} goes from {only.Before} to {only.After}. {only.Before} stays valid until {only.After} was seen to work, and is disabled then.",
            RequestKind.Rollback => preview.ToRevision is { } revision
                ? $"{name} goes back from revision v{request.BaseRevision} to what revision v{revision} was."
                : $"{name} goes back from revision v{request.BaseRevision} to what it was before.",
            _ when lines.TrueForAll(l => l.Part == SummaryPart.Cost) => Silent(preview),
            RequestKind.Upgrade => $"{name} gets another version of its chart.",
            _ => $"Changes {Parts(lines)} of {name}.",
        };
    }

    private static string Parts(List<SummaryLine> lines)
    {
        List<string> parts =
        [
            .. lines
                .GroupBy(l => l.Part)
                .Select(g =>
                    g.Key switch
                    {
                        SummaryPart.Exposure => "the network",
                        SummaryPart.Secrets => Plural.Of(g.Count(), "secret"),
                        SummaryPart.Size => "the size",
                        SummaryPart.Chart => "the chart",
                        SummaryPart.Image => "the image",
                        SummaryPart.Settings => Plural.Of(g.Count(), "setting"),
                        SummaryPart.Other => Plural.Of(g.Count(), "more part"),
                        _ => "",
                    }
                )
                .Where(p => p.Length > 0),
        ];
        return parts.Count < 2 ? string.Concat(parts) : $"{string.Join(", ", parts[..^1])} and {parts[^1]}";
    }

    // A newer portal may render the same spec differently.
    private static string Silent(PreviewView preview) =>
        preview.Objects.Count(o => o.Change != DiffChange.Unchanged) is var objects && objects > 0
            ? $"Nothing changes in what was asked for, but {Plural.Of(objects, "object is", "objects are")} rendered differently. Read the difference below."
            : "Nothing changes.";

    private static string SameOf(PreviewView preview, List<SummaryLine> lines)
    {
        if (preview.From is null || preview.To is null)
        {
            return "";
        }

        var same = SaidWhenSame.Where(p => lines.TrueForAll(l => l.Part != p)).Select(p => p.ToString().ToLowerInvariant()).ToList();
        return same.Count == 0 ? ""
            : same is [var one] ? $"As before: {one}."
            : $"As before: {string.Join(", ", same[..^1])} and {same[^1]}.";
    }

    private static IEnumerable<SummaryLine> SpecLines(PreviewView preview)
    {
        if (preview.To is not { } to)
        {
            return preview.From is { } from ? [Reach(from.Spec.Network, "")] : [];
        }

        if (preview.From is { } before)
        {
            return SpecChanges
                .WithPaths(before.Profile, before.Spec, to.Profile, to.Spec)
                .Where(IsShown)
                .Select(c => Line(c, before.Spec, to.Spec));
        }

        // For something new, everything that was asked for: what is left to the profile and the portal is nobody's choice.
        var nothing = new EnvironmentSpec { Edition = to.Spec.Edition };
        return SpecChanges
            .WithPaths("", nothing, to.Profile, to.Spec)
            .Where(c => c.Change.After.Length > 0 && c.Path != "network.exposure" && IsShown(c))
            .Select(c => Line((c.Path, c.Change with { Before = "" }), null, to.Spec))
            .Prepend(Reach(null, to.Spec.Network));

        // In numbers it is said below.
        bool IsShown((string Path, SpecChange Change) c) =>
            c.Path != "replicas" || preview.After is null || preview.Before?.Pods == preview.After.Pods;
    }

    private static SummaryLine Reach(NetworkSpec before, string after) =>
        new(SummaryPart.Exposure, "Reached", SpecChanges.ReachText(before), after);

    private static SummaryLine Reach(NetworkSpec? before, NetworkSpec after) =>
        new(SummaryPart.Exposure, "Reached", before is null ? "" : SpecChanges.ReachText(before), SpecChanges.ReachText(after))
        {
            Note = Opens(before, after),
            Warns = true,
        };

    private static string Opens(NetworkSpec? before, NetworkSpec after) =>
        after.Exposure == Exposure.Internal
        || (before?.Exposure == after.Exposure && before.InternalLoadBalancer == after.InternalLoadBalancer)
            ? ""
        : after is { Exposure: Exposure.LoadBalancer, InternalLoadBalancer: false, AllowedRanges.Count: 0 } ? "Anyone on the internet may call it."
        : "It is reached from outside the cluster.";

    private static SummaryLine Line((string Path, SpecChange Change) c, EnvironmentSpec? before, EnvironmentSpec after)
    {
        var (path, change) = c;
        var part = PartOf(path);
        if (path == "network.exposure")
        {
            return Reach(before?.Network, after.Network);
        }

        var key = part is SummaryPart.Settings or SummaryPart.Secrets ? path[(path.IndexOf('.', StringComparison.Ordinal) + 1)..] : "";
        return new SummaryLine(part, key.Length > 0 ? SettingsCatalog.TitleOf(key) : change.What, change.Before, change.After)
        {
            Key = key,
            Note = part == SummaryPart.Settings && UnknownVariables.IsUnknown(key) ? "The portal does not know it." : "",
            Warns = true,
        };
    }

    private static SummaryPart PartOf(string path) =>
        path switch
        {
            _ when path.StartsWith("settings.", StringComparison.Ordinal) => SummaryPart.Settings,
            _ when path.StartsWith("sharedSecrets.", StringComparison.Ordinal) => SummaryPart.Secrets,
            _ when path.StartsWith("network.", StringComparison.Ordinal) => SummaryPart.Exposure,
            "replicas" or "autoscaling" or "resources" or "profile" or "scheduling.zones" => SummaryPart.Size,
            "imageTag" or "imageRepository" or "dataServiceImage" => SummaryPart.Image,
            _ => SummaryPart.Other,
        };

    private static IEnumerable<SummaryLine> Secrets(PreviewView preview) =>
        preview
            .Secrets.Where(s => s.Before != s.After)
            .Select(s => new SummaryLine(SummaryPart.Secrets, SettingsCatalog.TitleOf(s.Key), s.Before, s.After) { Key = s.Key });

    private static IEnumerable<SummaryLine> Size(PreviewView preview)
    {
        if (Differ(s => Pods(s)) is var (before, after))
        {
            yield return new(SummaryPart.Size, "Pods", before, after);
        }

        if (Differ(s => $"CPU {s.CpuRequest}, memory {s.MemoryRequest}") is var (small, large) && preview.After is not null)
        {
            yield return new(SummaryPart.Size, "Each pod asks for", small, large);
        }

        (string Before, string After)? Differ(Func<SizeView, string> part)
        {
            var (was, willBe) = (preview.Before is { } b ? part(b) : "", preview.After is { } a ? part(a) : "");
            return was == willBe ? null : (was, willBe);
        }
    }

    private static string Pods(SizeView size) => size.MaxPods > size.Pods ? $"{size.Pods} to {size.MaxPods}" : $"{size.Pods}";

    private static IEnumerable<SummaryLine> Cost(PreviewView preview)
    {
        var (before, after) = (preview.Before?.Cost, preview.After?.Cost);
        if ((before is null && after is null) || CostText.Of(before) == CostText.Of(after))
        {
            yield break;
        }

        var more = (after?.Usd ?? 0) - (before?.Usd ?? 0);
        yield return new SummaryLine(
            SummaryPart.Cost,
            "Estimated cost",
            before is null ? "" : CostText.Of(before),
            after is null ? "" : CostText.Of(after)
        )
        {
            Note =
                before is null || more == 0 ? ""
                : more > 0 ? $"${more} a month more"
                : $"${-more} a month less",
        };
    }

    private static IEnumerable<SummaryLine> Rendered(PreviewView preview)
    {
        if (preview.To is not { } to)
        {
            yield break;
        }

        if (preview.From?.Chart != to.Chart)
        {
            yield return new(SummaryPart.Chart, "Chart", preview.From?.Chart ?? "", to.Chart);
        }

        var (gone, come) = (preview.From?.Images.Except(to.Images).ToList() ?? [], to.Images.Except(preview.From?.Images ?? []).ToList());
        if (gone.Count + come.Count > 0)
        {
            yield return new(
                SummaryPart.Image,
                Plural.Word(Math.Max(gone.Count, come.Count), "Image"),
                string.Join(", ", gone.Select(Short)),
                string.Join(", ", come.Select(Short))
            );
        }
    }

    // A digest has a place of its own beside it.
    private static string Short(string image)
    {
        var at = image.IndexOf("@sha256:", StringComparison.Ordinal);
        return at < 0 || image.Length < at + 20 ? image : image[..(at + 16)] + "…";
    }
}
