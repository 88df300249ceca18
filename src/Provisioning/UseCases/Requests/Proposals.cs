using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Helm;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>Makes change requests out of commands.</summary>
public sealed class Proposals(
    UnitOfWork work,
    Renderer renderer,
    ImagePins images,
    RenderTurns turns,
    ISecretWriter vault,
    CommandFingerprint fingerprints,
    AuditTrail audit,
    ReservedNamespaces reserved,
    CostEstimate costs,
    ClusterVersions versions,
    PreflightSignal preflights,
    LiveUpdates live,
    TimeProvider time
)
{
    /// <summary>Validates a command without making anything.</summary>
    public async Task<CheckView> CheckAsync(Caller caller, ProposeCommand command, CancellationToken cancellationToken)
    {
        try
        {
            var (target, findings) = await JudgeInTurnAsync(caller, command, cancellationToken);
            var pins = PinsAfter(target, command, new Dictionary<string, SecretPin>());
            foreach (var (key, value) in command.Secrets)
            {
                pins[key] = new SecretPin(NameOf(target, key), NextNumber(target, key), "not-stored")
                {
                    Address = EgressNeeds.AddressOf(value.Reveal()),
                };
            }

            var rendered = await RenderAsync(caller, command, target, pins, cancellationToken);
            var notes = WithDraining(command, findings, target, rendered, pins);
            var taken = await work.ReadAsync(
                async db =>
                    await RequestEndpoints.OfManifestAsync(
                        db,
                        await AccessAsync(db, caller, command, cancellationToken),
                        command,
                        target,
                        rendered.Manifest,
                        cancellationToken
                    ),
                cancellationToken
            );
            if (taken.Count > 0)
            {
                return new CheckView(taken, notes, 0, 0, [], []);
            }

            var changes =
                command.Kind == RequestKind.Create
                    ? []
                    : ManifestDiff.Compare(target.ApprovedManifest, rendered.Manifest).Where(o => o.Change != DiffChange.Unchanged);
            var cost = costs.OfManifest(rendered.Manifest, target.Profile, target.Spec.Scheduling?.Zones);
            return new CheckView(
                [],
                notes,
                cost?.Usd ?? 0,
                cost?.Nodes ?? 0,
                [.. ManifestDiff.Objects(rendered.Manifest).Select(o => $"{o.Kind} {o.Name}")],
                [.. changes]
            )
            {
                Cost = cost,
            };
        }
        catch (InvalidInputException e)
        {
            return new CheckView(e.Problems, [], 0, 0, [], []);
        }
        catch (ConflictException e)
        {
            return new CheckView(
                [new FieldProblem(command.Kind == RequestKind.Create ? "name" : "environmentId", e.Message)],
                [],
                0,
                0,
                [],
                []
            );
        }
    }

    /// <summary>Makes the request and returns its id; a repeated idempotency key returns the first one's.</summary>
    public async Task<Guid> ProposeAsync(Caller caller, ProposeCommand command, CancellationToken cancellationToken)
    {
        if (await RepeatedAsync(caller, command, cancellationToken) is { } made)
        {
            return made;
        }

        var (target, findings) = await JudgeAsync(caller, command, cancellationToken);
        var stored = new Dictionary<string, SecretPin>(StringComparer.Ordinal);
        try
        {
            foreach (var (key, value) in command.Secrets)
            {
                var name = NameOf(target, key);
                stored[key] = new SecretPin(
                    name,
                    NextNumber(target, key),
                    await vault.StoreAsync(name, value, new SecretAttributes(target.EnvironmentId.ToString(), key), cancellationToken)
                )
                {
                    Address = EgressNeeds.AddressOf(value.Reveal()),
                };
            }

            var pins = PinsAfter(target, command, stored);
            var rendered = await RenderAsync(caller, command, target, pins, cancellationToken);
            var proposal = new PreparedProposal(
                command,
                target,
                WithDraining(command, findings, target, rendered, pins),
                stored,
                pins,
                rendered
            );
            var (id, isNew) = await work.WriteAsync(
                db => WriteAsync(db, caller, proposal, cancellationToken),
                cancellationToken,
                "propose"
            );
            if (!isNew)
            {
                await DiscardAsync(stored);
            }

            preflights.Ring();
            live.Publish(id, target.EnvironmentId);
            return id;
        }
        catch (Exception e) when (VaultWrites.HasWrittenNothing(e) || e is HelmException or ChartException or ClusterException)
        {
            await DiscardAsync(stored);
            throw;
        }
    }

    /// <summary>Judges and renders one that stores no secrets, for a caller that writes several at once.</summary>
    internal async Task<PreparedProposal> PrepareAsync(Caller caller, ProposeCommand command, CancellationToken cancellationToken)
    {
        var (target, findings) = await JudgeAsync(caller, command, cancellationToken);
        var none = new Dictionary<string, SecretPin>();
        var pins = PinsAfter(target, command, none);
        var rendered = await RenderAsync(caller, command, target, pins, cancellationToken);
        return new PreparedProposal(command, target, WithDraining(command, findings, target, rendered, pins), none, pins, rendered);
    }

    private static IReadOnlyList<FindingView> WithDraining(
        ProposeCommand command,
        IReadOnlyList<FindingView> findings,
        RequestTarget target,
        Rendered rendered,
        IReadOnlyDictionary<string, SecretPin> pins
    ) => command.Kind == RequestKind.Delete ? findings : [.. findings, .. Draining.Findings(rendered.Manifest, InputOf(target, pins))];

    // Digests, and the version of a cluster that no sweep has seen, are looked up outside the turn; the second rendering has digests in
    // values and manifests alike.
    private async Task<Rendered> RenderAsync(
        Caller caller,
        ProposeCommand command,
        RequestTarget target,
        Dictionary<string, SecretPin> pins,
        CancellationToken cancellationToken
    )
    {
        var input = InputOf(target, pins) with { KubernetesVersion = await versions.OfAsync(target.Cluster, cancellationToken) };
        var rendered = await RenderAsync(caller, input, cancellationToken);
        if (!images.IsOn || command.Kind == RequestKind.Delete)
        {
            return rendered;
        }

        var digests = await images.FindAsync(command, target, pins, rendered.Manifest, cancellationToken);
        return digests.Count == 0 ? rendered : await RenderAsync(caller, input with { ImageDigests = digests }, cancellationToken);
    }

    // The turn covers no use of the vault, a registry or a cluster: one that is slow must not keep others from having something rendered.
    private async Task<Rendered> RenderAsync(Caller caller, RenderInput input, CancellationToken cancellationToken)
    {
        using var turn = await turns.TakeAsync(caller, cancellationToken);
        return await renderer.RenderAsync(input, cancellationToken);
    }

    private async Task<(RequestTarget Target, IReadOnlyList<FindingView> Findings)> JudgeInTurnAsync(
        Caller caller,
        ProposeCommand command,
        CancellationToken cancellationToken
    )
    {
        using var turn = await turns.TakeAsync(caller, cancellationToken);
        return await JudgeAsync(caller, command, cancellationToken);
    }

    /// <summary>Whether the same was asked for before under the same idempotency key.</summary>
    internal async Task<bool> IsRepeatedAsync(Caller caller, ProposeCommand command, CancellationToken cancellationToken) =>
        await RepeatedAsync(caller, command, cancellationToken) is not null;

    private async Task<(RequestTarget Target, IReadOnlyList<FindingView> Findings)> JudgeAsync(
        Caller caller,
        ProposeCommand command,
        CancellationToken cancellationToken
    )
    {
        var problems = new List<FieldProblem>();
        if (command.Reason.Length > 1000)
        {
            problems.Add(new("reason", $"The reason has {command.Reason.Length} characters; at most 1000 are allowed."));
        }

        var target = await work.ReadAsync(
            async db =>
            {
                var access = await AccessAsync(db, caller, command, cancellationToken);
                var found = await RequestTargets.ResolveAsync(db, access, command, problems, cancellationToken);
                problems.AddRange(await RequestEndpoints.OfSpecAsync(db, access, command, found, cancellationToken));
                return found;
            },
            cancellationToken
        );
        if (reserved.Holds(target.Namespace))
        {
            problems.Add(
                command.Kind == RequestKind.Create
                    ? new("name", $"{ReservedNamespaces.WhyNot(target.Namespace)} Choose another name.")
                    : throw new ConflictException(
                        "namespace-reserved",
                        $"{ReservedNamespaces.WhyNot(target.Namespace)} An operator must manage {target.Name} by hand."
                    )
            );
        }

        var findings = new List<FindingView>();
        if (command.Kind is not RequestKind.Delete)
        {
            var secrets = command.Secrets.ToDictionary(s => s.Key, s => s.Value.Reveal());
            var facts = await renderer.FactsAsync(target.Chart, cancellationToken);
            var chart = new SpecChart($"{target.Chart.Name} {target.Chart.Version}", facts);
            var (wrong, notes) = SpecValidator.Judge(
                new SpecCandidate(
                    target.Spec,
                    target.Profile,
                    secrets,
                    target.CurrentSecrets.Keys.Concat(target.ImportedSecrets.Keys).ToHashSet()
                )
                {
                    ImportedSecrets = target.ImportedSecrets.Keys.ToHashSet(),
                    Chart = chart,
                    KnownProviders = [.. renderer.Providers.Keys],
                    Policy = PolicyOf(command),
                    Now = time.GetUtcNow(),
                    ChartDataServiceTag = facts.DataServiceTag,
                    Running = target.RunningManifest.Length == 0 ? null : RunningImages.Of(target.RunningManifest),
                    ChartImageTag = target.Chart.ImageTag,
                    ChartVersion = target.Chart.Version,
                    ProviderRanges = renderer.Providers,
                    Services = renderer.Services,
                    StoredAddresses = SecretPins.Addresses(PinsAfter(target, command, new Dictionary<string, SecretPin>())),
                }
            );
            problems.AddRange(wrong);
            findings.AddRange(notes);
            NodeFit.Judge(
                target.Spec,
                target.Profile,
                target.Cluster.Name,
                PortalJson.Read<List<NodeRoom>>(target.Cluster.NodesJson),
                problems,
                findings
            );
            var zones = target.Spec.Scheduling?.Zones ?? target.Profile.Zones;
            if (target.Cluster.Zones < zones)
            {
                problems.Add(
                    new(
                        "cluster",
                        $"The pods should be spread over {zones} zones, but {target.Cluster.Name} has {target.Cluster.Zones}. Choose another cluster or profile."
                    )
                );
            }
        }

        if (target.IsAsApproved)
        {
            problems.Add(
                new(
                    "spec",
                    $"Nothing differs from revision {target.BaseRevision} of {target.Name}. Change something, or leave it as it is."
                )
            );
        }

        if (command is { Kind: RequestKind.Rotate, SharedVersions: null })
        {
            CheckRotation(target, command, problems);
        }

        if (problems.Count > 0)
        {
            throw new InvalidInputException(problems);
        }

        await work.ReadAsync(
            async db =>
            {
                await RefuseTakenAsync(db, target, command.Kind, cancellationToken);
                return true;
            },
            cancellationToken
        );
        return (target, findings);
    }

    // A forbidden variable cannot be requested; a rotation requests none, and must not stop where an old revision has one.
    private SpecPolicy PolicyOf(ProposeCommand command) =>
        command.Kind == RequestKind.Rotate ? renderer.Policy with { UnknownVariables = true } : renderer.Policy;

    private static void CheckRotation(RequestTarget target, ProposeCommand command, List<FieldProblem> problems)
    {
        var reference = target.References.GetValueOrDefault(command.RotateKey ?? "");
        if (target.Spec.SharedSecrets?.GetValueOrDefault(command.RotateKey ?? "") is { } shared)
        {
            problems.Add(
                new(
                    "key",
                    $"It is taken from shared credential {shared}. Rotate that one: it reaches every environment that uses it, in waves."
                )
            );
        }
        else if (reference is null || !VariableRules.IsCarried(reference.Key, isSecret: true))
        {
            problems.Add(
                new(
                    "key",
                    $"The gateway here uses no secret of this name. There are: {string.Join(", ", target.References.Keys.Where(k => VariableRules.IsCarried(k, isSecret: true)).Order(StringComparer.Ordinal))}."
                )
            );
        }
        else if (
            Newest(reference) is not { } newest
            || newest.Number <= (target.CurrentSecrets.GetValueOrDefault(reference.Key)?.Number ?? 0)
        )
        {
            problems.Add(
                new(
                    "key",
                    $"{reference.Key} has no newer version to rotate to. Store one first: PUT /api/v1/environments/{target.EnvironmentId}/secrets/{reference.Key}, or the Secrets tab."
                )
            );
        }
    }

    private static async Task RefuseTakenAsync(
        PortalDbContext db,
        RequestTarget target,
        RequestKind kind,
        CancellationToken cancellationToken
    )
    {
        if (
            kind == RequestKind.Create
            && await db.Environments.AnyAsync(
                e => e.ClusterId == target.Cluster.Id && e.Namespace == target.Namespace && e.State != EnvironmentState.Deleted,
                cancellationToken
            )
        )
        {
            throw new ConflictException("name-taken", $"The name {target.Name} is taken on {target.Cluster.Name}. Choose another name.");
        }

        if (
            await db.ChangeRequests.AnyAsync(
                r => r.ClusterId == target.Cluster.Id && r.Namespace == target.Namespace && r.State == RequestState.Pending,
                cancellationToken
            )
        )
        {
            throw kind == RequestKind.Create
                ? new ConflictException(
                    "name-taken",
                    $"The name {target.Name} is already used by a request that waits for a decision. Choose another name, or cancel that request."
                )
                : new ConflictException(
                    "request-pending",
                    $"Another request for {target.Name} waits for a decision. Decide or cancel it first."
                );
        }
    }

    private async Task<(Guid Id, bool IsNew)> WriteAsync(
        PortalDbContext db,
        Caller caller,
        PreparedProposal proposal,
        CancellationToken cancellationToken
    )
    {
        if (await RepeatedAsync(db, caller, proposal.Command, cancellationToken) is { } made)
        {
            return (made, false); // a double click: the first one won the race
        }

        var request = await AddAsync(db, caller, proposal, cancellationToken);
        if (proposal.Command.IdempotencyKey is { } key)
        {
            db.IdempotencyRecords.Add(
                new IdempotencyRecord
                {
                    PersonId = caller.PersonId,
                    Key = key,
                    RequestHash = fingerprints.Seal(proposal.Command),
                    ResultId = request.Id,
                    At = request.RequestedAt,
                }
            );
        }

        return (request.Id, true);
    }

    /// <summary>Records a proposal within the caller's transaction.</summary>
    internal async Task<ChangeRequest> AddAsync(
        PortalDbContext db,
        Caller caller,
        PreparedProposal proposal,
        CancellationToken cancellationToken
    )
    {
        var (command, target, findings, stored, pins, rendered) = proposal;
        await RefuseTakenAsync(db, target, command.Kind, cancellationToken);
        var now = time.GetUtcNow().UtcDateTime;
        if (
            command.ImportId is { } import
            && await db
                .Imports.Where(i => i.Id == import && i.UsedAt == null)
                .ExecuteUpdateAsync(s => s.SetProperty(i => i.UsedAt, now), cancellationToken) == 0
        )
        {
            throw new InvalidInputException("import", "A request has used this import already. Import the file again.");
        }

        foreach (var (key, pin) in stored.Concat(target.ImportedSecrets))
        {
            await SecretRows.AddVersionAsync(
                db,
                target.EnvironmentId,
                target.Team.Id,
                key,
                pin,
                caller.PersonId,
                now,
                expiresAt: null,
                cancellationToken
            );
        }

        await db.SaveChangesAsync(cancellationToken); // so that what is pinned is there to be named
        var specJson = PortalJson.Write(target.Spec);
        var request = new ChangeRequest
        {
            Kind = command.Kind,
            TeamId = target.Team.Id,
            EnvironmentId = target.EnvironmentId,
            EnvironmentName = target.Name,
            ClusterId = target.Cluster.Id,
            Namespace = target.Namespace,
            BaseRevision = target.BaseRevision,
            Content = new EnvironmentContent
            {
                Profile = target.Profile.Name,
                SpecJson = specJson,
                StorageAccount = target.Spec.Settings.GetValueOrDefault(SettingKeys.StorageAccount, ""),
                ChartVersionId = target.Chart.Id,
                ValuesYaml = rendered.Values,
                ManifestYaml = rendered.Manifest,
                Digest = ContentDigest.Of(
                    new ApprovedContent
                    {
                        Kind = command.Kind,
                        EnvironmentId = target.EnvironmentId,
                        ClusterId = target.Cluster.Id,
                        Namespace = target.Namespace,
                        Release = target.Release,
                        Profile = target.Profile.Name,
                        BaseRevision = target.BaseRevision,
                        SpecJson = specJson,
                        ChartDigest = target.Chart.Digest,
                        ValuesYaml = rendered.Values,
                        ManifestYaml = rendered.Manifest,
                        SecretVersionsJson = SecretPins.Write(pins),
                    }
                ),
            },
            Secrets = await SecretPins.RowsAsync(db, pins, cancellationToken),
            FindingsJson = PortalJson.Write(findings),
            PolicyJson = PortalJson.Write(ApprovalPolicy.For(command.Kind)),
            Reason = command.Reason.Trim(),
            RequestedBy = caller.PersonId,
            RequestedAt = now,
        };
        db.ChangeRequests.Add(request);
        await RequestEndpoints.TakeAsync(
            db,
            () => AccessAsync(db, caller, command, cancellationToken),
            command,
            target,
            request,
            cancellationToken
        );
        if (command.Kind != RequestKind.Delete)
        {
            PreflightRuns.Queue(db, request.Id, caller.PersonId, now);
        }

        await audit.AppendAsync(
            db,
            caller,
            new AuditEntry(
                "request.proposed",
                "request",
                request.Id.ToString(),
                $"{command.Kind.ToString().ToLowerInvariant()} {target.Name}"
            )
            {
                EnvironmentId = target.EnvironmentId,
                TeamId = target.Team.Id,
                After = new
                {
                    state = request.State,
                    kind = request.Kind,
                    profile = request.Content.Profile,
                    chart = target.Chart.Version,
                    secrets = SecretPins.Versions(request.Secrets),
                    baseRevision = request.BaseRevision,
                },
                Reason = request.Reason,
                RequestDigest = request.Content.Digest,
            },
            cancellationToken
        );
        return request;
    }

    private static async Task<Access> AccessAsync(
        PortalDbContext db,
        Caller caller,
        ProposeCommand command,
        CancellationToken cancellationToken
    ) => command.Acting ?? await PeopleService.RequireAsync(db, caller, cancellationToken);

    private static Dictionary<string, SecretPin> PinsAfter(
        RequestTarget target,
        ProposeCommand command,
        IReadOnlyDictionary<string, SecretPin> stored
    )
    {
        var pins = target.CurrentSecrets.Concat(target.ImportedSecrets).ToDictionary(StringComparer.Ordinal);
        foreach (var (key, pin) in stored.Concat(command.SharedVersions ?? new Dictionary<string, SecretPin>()))
        {
            pins[key] = pin;
        }

        if (
            command.Kind == RequestKind.Rotate
            && target.References.GetValueOrDefault(command.RotateKey ?? "") is { } reference
            && Newest(reference) is { } newest
        )
        {
            pins[reference.Key] = SecretPins.Of(reference, newest);
        }

        return pins;
    }

    private static int NextNumber(RequestTarget target, string key) =>
        (target.References.GetValueOrDefault(key)?.Versions.Max(v => v.Number) ?? 0) + 1;

    private static SecretVersion? Newest(SecretReference reference) =>
        reference.Versions.Where(v => v.State != SecretVersionState.Disabled).MaxBy(v => v.Number);

    private string NameOf(RequestTarget target, string key) =>
        target.References.GetValueOrDefault(key)?.VaultName ?? vault.NameFor(target.Team.Name, VaultNames.Of(target.EnvironmentId, key));

    private Task DiscardAsync(IReadOnlyDictionary<string, SecretPin> stored) =>
        vault.DiscardAsync([.. stored.Values.Select(p => new StoredSecret(p.VaultName, p.VaultVersion))]);

    private Task<Guid?> RepeatedAsync(Caller caller, ProposeCommand command, CancellationToken cancellationToken) =>
        work.ReadAsync(db => RepeatedAsync(db, caller, command, cancellationToken), cancellationToken);

    private async Task<Guid?> RepeatedAsync(PortalDbContext db, Caller caller, ProposeCommand command, CancellationToken cancellationToken)
    {
        if (command.IdempotencyKey is not { } key)
        {
            return null;
        }

        if (key.Length is 0 or > 200)
        {
            throw new InvalidInputException("Idempotency-Key", "Use 1 to 200 characters.");
        }

        var record = await db
            .IdempotencyRecords.AsNoTracking()
            .FirstOrDefaultAsync(r => r.PersonId == caller.PersonId && r.Key == key, cancellationToken);
        return record is null ? null
            : fingerprints.IsSame(record.RequestHash, command) ? record.ResultId
            : throw new ConflictException(
                "idempotency-key-reused",
                $"Request {record.ResultId} was already made under this Idempotency-Key, with other content; nothing was changed. Use a new key for a new request."
            );
    }

    private static RenderInput InputOf(RequestTarget t, IReadOnlyDictionary<string, SecretPin> pins) =>
        new(t.EnvironmentId, t.Namespace, t.Release, t.Spec, t.Profile, t.Chart, pins);
}

/// <summary>A proposal that was validated and rendered, and is not recorded yet.</summary>
internal sealed record PreparedProposal(
    ProposeCommand Command,
    RequestTarget Target,
    IReadOnlyList<FindingView> Findings,
    IReadOnlyDictionary<string, SecretPin> Stored,
    IReadOnlyDictionary<string, SecretPin> Pins,
    Rendered Rendered
);
