using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>The last look before anything is touched: between proposal and approval, days may have passed.</summary>
internal sealed class PreflightStep(IPreflight preflight, UnitOfWork work) : IOperationStep
{
    public static StepInfo Info { get; } = new("preflight", "Preflight", typeof(PreflightStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        // Not run twice: a later attempt would look at a half-applied state.
        if (context.Passed.Contains(Info.Name))
        {
            context.Log.Write("An earlier attempt passed preflight.");
            return StepResult.Done;
        }

        var revision = context.Revision!;
        var spec = PortalJson.Read<EnvironmentSpec>(revision.Content.SpecJson);
        var zones = spec.Scheduling?.Zones ?? await ZonesAsync(revision.Content.Profile, cancellationToken);
        var results = await preflight.RunAsync(SubjectOf(context, zones), cancellationToken);
        foreach (var result in results)
        {
            var (word, severity) = result.Status switch
            {
                CheckStatus.Failed => ("failed", Severity.Error),
                CheckStatus.Warning => ("warning", Severity.Warning),
                CheckStatus.Skipped => ("not checked", Severity.Info),
                _ => ("ok", Severity.Info),
            };
            context.Log.Write($"{result.Title}: {word}, {result.LookedFromText}. {result.Message} {result.Cure}".TrimEnd(), severity);
        }

        foreach (
            var moved in MovedImages(await SeenAsync(revision.ChangeRequestId, cancellationToken), [.. results.SelectMany(r => r.Images)])
        )
        {
            context.Log.Write(moved, Severity.Warning);
        }

        if (results.Select(r => r.Transient).FirstOrDefault(t => t is not null) is { } transient)
        {
            throw transient;
        }

        var failed = results.Where(r => r.Status == CheckStatus.Failed).ToList();
        if (failed.Count > 0)
        {
            throw new OperationFailedException(
                failed[0].Code,
                $"Preflight stopped it before anything was changed. {string.Join(" ", failed.Select(f => $"{f.Message} {f.Cure}"))}"
            );
        }

        return StepResult.Done;
    }

    /// <summary>The revision that is to be applied, with the secrets that it pins.</summary>
    public static PreflightSubject SubjectOf(OperationContext context, int zones) =>
        new(PortalJson.Read<EnvironmentSpec>(context.Revision!.Content.SpecJson), context.Revision.Content.ManifestYaml)
        {
            Cluster = context.Cluster,
            Namespace = context.Namespace,
            EnvironmentId = context.Environment.Id,
            ReleaseName = context.ReleaseName,
            Zones = zones,
            Pins = context.Pins,
            Delivery = context.Delivery,
            PreflightJobs = context.PreflightJobs,
            IsApproved = true,
        };

    /// <summary>Tags that now stand for another image than when the request was checked. Pure.</summary>
    public static IEnumerable<string> MovedImages(IReadOnlyList<ImageDigest> seen, IReadOnlyList<ImageDigest> now) =>
        from image in now
        where image.Digest.Length > 0
        let before = seen.FirstOrDefault(s => s.Image == image.Image)?.Digest ?? ""
        where before.Length > 0 && before != image.Digest
        select $"{image.Image} is not the image that approvers were shown: it was {before}, and its registry now gives {image.Digest}. Find out who moved the tag. With Portal:PinImages the digest is part of what is approved.";

    private async Task<IReadOnlyList<ImageDigest>> SeenAsync(Guid request, CancellationToken cancellationToken) =>
        await work.ReadAsync(db => PreflightRuns.LatestAsync(db, request, cancellationToken), cancellationToken)
            is { State: PreflightState.Finished } run
            ? [.. PreflightRuns.View(run).Checks.SelectMany(c => c.Images)]
            : [];

    private Task<int> ZonesAsync(string profile, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
                (
                    await Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.FirstOrDefaultAsync(
                        db.Profiles,
                        p => p.Name == profile,
                        cancellationToken
                    )
                )?.Zones
                ?? 1,
            cancellationToken
        );
}
