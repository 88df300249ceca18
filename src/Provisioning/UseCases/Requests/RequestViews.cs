using System.Text.Json.Nodes;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>A proposal as it comes in. Secret values go to the vault before anything is stored in SQL.</summary>
public sealed record ProposeCommand
{
    /// <summary>What is proposed.</summary>
    public required RequestKind Kind { get; init; }

    /// <summary>Team name; for a create.</summary>
    public string? Team { get; init; }

    /// <summary>Environment name; for a create.</summary>
    public string? Name { get; init; }

    /// <summary>Cluster name; for a create. Null for the only one.</summary>
    public string? Cluster { get; init; }

    /// <summary>Profile name; null keeps the present one.</summary>
    public string? Profile { get; init; }

    /// <summary>Environment, for everything but a create.</summary>
    public Guid? EnvironmentId { get; init; }

    /// <summary>Chart version as in the catalogue; null for the edition's default (create) or the present one.</summary>
    public string? ChartVersion { get; init; }

    /// <summary>Spec; null keeps the present one.</summary>
    public EnvironmentSpec? Spec { get; init; }

    /// <summary>Import whose secrets a create takes; null for none.</summary>
    public Guid? ImportId { get; init; }

    /// <summary>New secret values by key.</summary>
    public IReadOnlyDictionary<string, SecretValue> Secrets { get; init; } = new Dictionary<string, SecretValue>();

    /// <summary>Key of the secret to rotate to its newest stored version.</summary>
    public string? RotateKey { get; init; }

    /// <summary>Whether its provider is to make a new value first; what asks for that is not the same as what does not.</summary>
    public bool Issue { get; init; }

    /// <summary>Versions that a rotation of a shared credential brings, by key; those of everything else stay.</summary>
    internal IReadOnlyDictionary<string, SecretPin>? SharedVersions { get; init; }

    /// <summary>Revision to go back to, for a rollback.</summary>
    public int? ToRevision { get; init; }

    /// <summary>Why.</summary>
    public string Reason { get; init; } = "";

    /// <summary>In place of the caller's own rights, for what the portal proposes by itself; nothing outside of it can set it.</summary>
    internal Access? Acting { get; init; }

    /// <summary>Caller's idempotency key; null for none.</summary>
    public string? IdempotencyKey { get; init; }
}

/// <summary>A request in a list.</summary>
public sealed record RequestRow(
    Guid Id,
    RequestKind Kind,
    RequestState State,
    Guid EnvironmentId,
    string EnvironmentName,
    string Team,
    string Cluster,
    string Profile,
    string RequestedBy,
    string RequestedByName,
    DateTime RequestedAt,
    string Digest,
    Guid? OperationId,
    PreflightSummary? Preflight
);

/// <summary>A request in full.</summary>
public sealed record RequestView(
    Guid Id,
    RequestKind Kind,
    RequestState State,
    Guid EnvironmentId,
    string EnvironmentName,
    Guid TeamId,
    string Team,
    string Cluster,
    string Namespace,
    string Profile,
    Edition Edition,
    string Chart,
    int BaseRevision,
    EnvironmentSpec Spec,
    IReadOnlyDictionary<string, string> SecretVersions,
    string Digest,
    IReadOnlyList<FindingView> Findings,
    PolicyView Policy,
    string Reason,
    string RequestedBy,
    string RequestedByName,
    DateTime RequestedAt,
    DateTime? DecidedAt,
    Guid? OperationId,
    string Outcome,
    IReadOnlyList<DecisionView> Decisions,
    DecisionRights May,
    PreflightView? Preflight
)
{
    /// <summary>Rotation of a shared credential that it is part of, and that is decided on in its place; null for none.</summary>
    public Guid? RotationId { get; init; }

    /// <summary>Images of all its containers, each with its digest: the one that the text pins, or else the one that preflight found; empty
    /// for a removal.</summary>
    public IReadOnlyList<RequestImage> Images { get; init; } = [];

    /// <summary>Variables that it asks for and the portal does not know, which are handed on as they are; of secrets the name. Empty for a
    /// removal.</summary>
    public IReadOnlyList<UnknownVariableName> UnknownVariables { get; init; } = [];

    /// <summary>Whether it was rejected or taken back, and the caller may ask for the same once more.</summary>
    public bool MayAskAgain { get; init; }
}

/// <summary>An image of a request.</summary>
/// <param name="Image">Registry, repository and tag.</param>
/// <param name="Digest">Such as <c>sha256:…</c>; empty while none is known.</param>
/// <param name="IsPinned">Whether the digest is part of the approved text, so that nothing else can be pulled.</param>
public sealed record RequestImage(string Image, string Digest, bool IsPinned);

/// <summary>A variable that the settings table does not name, plain or kept in the vault.</summary>
public sealed record UnknownVariableName(string Key, bool IsSecret);

/// <summary>The rule in force when the request was made.</summary>
/// <param name="Name">Rule.</param>
/// <param name="Approvals">Approvals needed.</param>
/// <param name="Explanation">For people.</param>
public sealed record PolicyView(string Name, int Approvals, string Explanation);

/// <summary>One decision.</summary>
public sealed record DecisionView(string By, string ByName, Decision Decision, string Digest, string Reason, DateTime At);

/// <summary>What would be applied, beside what runs.</summary>
/// <param name="Values">Helm values, YAML.</param>
/// <param name="Manifest">Rendered manifests, YAML.</param>
/// <param name="Objects">Difference by object.</param>
/// <param name="Secrets">Secrets by key, versions before and after.</param>
/// <param name="Digest">Digest that an approval must name.</param>
/// <param name="Before">Size of what runs; null where nothing does.</param>
/// <param name="After">Size of what is proposed; null for a removal.</param>
public sealed record PreviewView(
    string Values,
    string Manifest,
    IReadOnlyList<ObjectDiff> Objects,
    IReadOnlyList<SecretDiff> Secrets,
    string Digest,
    SizeView? Before,
    SizeView? After
)
{
    /// <summary>Objects that Helm creates at certain points, apart from the others, with when; for a removal, those of what
    /// runs.</summary>
    public IReadOnlyList<HelmHook> Hooks { get; init; } = [];

    /// <summary>Variables that the portal does not know, before and after; of secrets versions only.</summary>
    public IReadOnlyList<UnknownVariable> UnknownVariables { get; init; } = [];

    /// <summary>Whether the revision that it starts from is stored as it was approved. Where it is not, everything is shown as
    /// new.</summary>
    public bool IsBaseAsApproved { get; init; } = true;

    /// <summary>What is approved now; null where nothing is, or where it is not stored as it was approved.</summary>
    public PreviewSide? From { get; init; }

    /// <summary>What is asked for; null for a removal.</summary>
    public PreviewSide? To { get; init; }

    /// <summary>Revision that a rollback goes back to; null for everything else.</summary>
    public int? ToRevision { get; init; }
}

/// <summary>One side of a change: what is approved, or what is asked for.</summary>
/// <param name="Profile">Profile.</param>
/// <param name="Chart">Name and version of the chart.</param>
/// <param name="Spec">Spec, without values of secrets.</param>
/// <param name="Images">Images of all its containers.</param>
public sealed record PreviewSide(string Profile, string Chart, EnvironmentSpec Spec, IReadOnlyList<string> Images);

/// <summary>Size of a gateway: pods, or the least of them with autoscaling, what each requests, and the estimated cost in US dollars a
/// month.</summary>
public sealed record SizeView(int Pods, int MaxPods, string CpuRequest, string MemoryRequest, int MonthlyCostUsd)
{
    /// <summary>What it costs, with the assumptions; null where a pod fits no node that the portal knows.</summary>
    public MonthlyCost? Cost { get; init; }
}

/// <summary>One secret before and after; versions such as <c>v3</c>, empty where there is none.</summary>
public sealed record SecretDiff(string Key, string Before, string After);

/// <summary>Which requests are asked for.</summary>
public sealed record RequestFilter(
    RequestState? State = null,
    string? Team = null,
    Guid? EnvironmentId = null,
    bool WaitingForMe = false,
    bool Mine = false,
    bool OldestFirst = false
);

/// <summary>Answer of a dry run.</summary>
/// <param name="Problems">What stands in the way.</param>
/// <param name="Findings">What is worth knowing.</param>
/// <param name="MonthlyCostUsd">Estimate.</param>
/// <param name="Nodes">Nodes needed.</param>
/// <param name="Objects">Kinds and names of all that would be there; empty while there are problems.</param>
/// <param name="Changes">Objects that would differ from the approved revision, line by line; empty for a create.</param>
public sealed record CheckView(
    IReadOnlyList<FieldProblem> Problems,
    IReadOnlyList<FindingView> Findings,
    int MonthlyCostUsd,
    int Nodes,
    IReadOnlyList<string> Objects,
    IReadOnlyList<ObjectDiff> Changes
)
{
    /// <summary>What it costs, with the assumptions; null while there are problems.</summary>
    public MonthlyCost? Cost { get; init; }
}

internal static class RequestViews
{
    private static readonly Dictionary<string, string> NoSecrets = [];

    public static RequestView Of(
        ChangeRequest r,
        Access access,
        IReadOnlyDictionary<string, string> names,
        PreflightView? preflight,
        Guid? rotation
    )
    {
        var why =
            rotation is not null && r.State == RequestState.Pending
                ? "It is one of several of a rotation, which is decided on as one."
                : ApprovalPolicy.WhyNotDecide(access, r.RequestedBy, r.State);
        var spec = PortalJson.Read<EnvironmentSpec>(r.Content.SpecJson);
        return new RequestView(
            r.Id,
            r.Kind,
            r.State,
            r.EnvironmentId,
            r.EnvironmentName,
            r.TeamId,
            r.Team!.Name,
            r.Cluster!.Name,
            r.Namespace,
            r.Content.Profile,
            spec.Edition,
            $"{r.Content.ChartVersion!.Name} {r.Content.ChartVersion.Version}",
            r.BaseRevision,
            spec,
            SecretPins.Versions(r.Secrets),
            r.Content.Digest,
            [.. PortalJson.Read<List<FindingView>>(r.FindingsJson), .. preflight is null ? [] : PreflightRuns.Findings(preflight)],
            PortalJson.Read<PolicyView>(r.PolicyJson),
            r.Reason,
            r.RequestedBy,
            names.GetValueOrDefault(r.RequestedBy, r.RequestedBy),
            r.RequestedAt,
            r.DecidedAt,
            r.OperationId,
            r.Outcome,
            [
                .. r
                    .Approvals.OrderBy(a => a.At)
                    .Select(a => new DecisionView(
                        a.DecidedBy,
                        names.GetValueOrDefault(a.DecidedBy, a.DecidedBy),
                        a.Decision,
                        a.Digest,
                        a.Reason,
                        a.At
                    )),
            ],
            new DecisionRights(why.Length == 0, r.State == RequestState.Pending && rotation is null && access.CanPropose(r.TeamId), why),
            preflight
        )
        {
            RotationId = rotation,
            MayAskAgain = r.State is RequestState.Rejected or RequestState.Cancelled && rotation is null && access.CanPropose(r.TeamId),
            Images = r.Kind == RequestKind.Delete ? [] : [.. Images(r.Content.ManifestYaml, preflight)],
            UnknownVariables =
                r.Kind == RequestKind.Delete
                    ? []
                    :
                    [
                        .. UnknownVariables
                            .Compare(null, NoSecrets, spec, SecretPins.Versions(r.Secrets))
                            .Select(v => new UnknownVariableName(v.Key, v.IsSecret)),
                    ],
        };
    }

    /// <summary>Images of a manifest, with what a preflight found of them.</summary>
    public static IEnumerable<RequestImage> Images(string manifest, PreflightView? preflight)
    {
        var found = preflight?.Checks.SelectMany(c => c.Images).ToLookup(i => i.Image, i => i.Digest, StringComparer.Ordinal);
        foreach (var image in ManifestImages.Of(RenderedParts.Objects(manifest)))
        {
            var at = image.IndexOf('@', StringComparison.Ordinal);
            yield return at >= 0
                ? new(image[..at], image[(at + 1)..], IsPinned: true)
                : new(image, found?[image].FirstOrDefault() ?? "", IsPinned: false);
        }
    }

    public static PreviewView Preview(
        ChangeRequest request,
        Revision? running,
        IReadOnlyDictionary<string, Profile> profiles,
        CostEstimate costs
    )
    {
        var (before, after) = (
            running is null ? new Dictionary<string, string>() : SecretPins.Versions(running.Secrets),
            SecretPins.Versions(request.Secrets)
        );
        var removing = request.Kind == RequestKind.Delete;
        IReadOnlyList<JsonObject> runs = running is null ? [] : ObjectsOf(running.Content);
        var asked = ObjectsOf(request.Content);
        return new PreviewView(
            request.Content.ValuesYaml,
            request.Content.ManifestYaml,
            ManifestDiff.Compare(running?.Content.ManifestYaml ?? "", removing ? "" : request.Content.ManifestYaml),
            [
                .. before
                    .Keys.Union(after.Keys)
                    .Order(StringComparer.Ordinal)
                    .Select(k => new SecretDiff(k, before.GetValueOrDefault(k, ""), removing ? "" : after.GetValueOrDefault(k, ""))),
            ],
            request.Content.Digest,
            running is null
                ? null
                : Size(running.Content.SpecJson, runs, profiles.GetValueOrDefault(running.Content.Profile), costs),
            removing
                ? null
                : Size(request.Content.SpecJson, asked, profiles.GetValueOrDefault(request.Content.Profile), costs)
        )
        {
            From = running is null ? null : Side(running.Content, runs),
            To = removing ? null : Side(request.Content, asked),
            Hooks = HelmHook.Of(removing ? running?.Content.ManifestYaml ?? "" : request.Content.ManifestYaml),
            UnknownVariables = UnknownVariables.Compare(
                running is null ? null : PortalJson.Read<EnvironmentSpec>(running.Content.SpecJson),
                before,
                removing ? null : PortalJson.Read<EnvironmentSpec>(request.Content.SpecJson),
                after
            ),
        };
    }

    // Nothing of a row that was changed outside the portal.
    private static IReadOnlyList<JsonObject> ObjectsOf(EnvironmentContent content) => ManifestItems.TryParse(content.ManifestYaml) ?? [];

    private static PreviewSide Side(EnvironmentContent content, IReadOnlyList<JsonObject> objects) =>
        new(
            content.Profile,
            $"{content.ChartVersion!.Name} {content.ChartVersion.Version}",
            PortalJson.Read<EnvironmentSpec>(content.SpecJson),
            ManifestImages.Of(objects)
        );

    private static SizeView? Size(string specJson, IReadOnlyList<JsonObject> objects, Profile? profile, CostEstimate costs)
    {
        if (profile is null)
        {
            return null; // the profile was taken away since
        }

        var spec = PortalJson.Read<EnvironmentSpec>(specJson);
        var pods = spec.Autoscaling?.Min ?? spec.Replicas ?? profile.Replicas;
        var most = spec.Autoscaling?.Max ?? (spec.Replicas is null ? Math.Max(pods, profile.MaxReplicas) : pods);
        var cost = costs.OfObjects(objects, profile, spec.Scheduling?.Zones);
        return new SizeView(
            pods,
            most,
            spec.Resources?.CpuRequest ?? profile.CpuRequest,
            spec.Resources?.MemoryRequest ?? profile.MemoryRequest,
            cost?.Usd ?? 0
        )
        {
            Cost = cost,
        };
    }
}
