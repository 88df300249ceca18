using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Preflight;

namespace Portkey.Portal.Provisioning.Operations;

/// <summary>The last look before anything is touched: between proposal and approval, days may have passed.</summary>
internal sealed class PreflightStep(PreflightRunner runner, UnitOfWork work)
{
    public async Task RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        if (context.PreflightPassed)
        {
            context.Log.Write("An earlier attempt passed preflight.");
            return;
        }

        var revision = context.Revision!;
        var spec = PortalJson.Read<EnvironmentSpec>(revision.SpecJson);
        var zones = spec.Scheduling?.Zones ?? await ZonesAsync(revision.Profile, cancellationToken);
        var results = await runner.RunAsync(SubjectOf(context, zones), cancellationToken);
        foreach (var result in results)
        {
            var (word, severity) = result.Status switch
            {
                CheckStatus.Failed => ("failed", Severity.Error),
                CheckStatus.Warning => ("warning", Severity.Warning),
                CheckStatus.Skipped => ("not checked", Severity.Info),
                _ => ("ok", Severity.Info),
            };
            context.Log.Write($"{result.Title}: {word}. {result.Message} {result.Cure}".TrimEnd(), severity);
        }

        if (results.Select(r => r.Transient).FirstOrDefault(t => t is not null) is { } transient)
        {
            throw transient;
        }

        var failed = results.Where(r => r.Status == CheckStatus.Failed).ToList();
        if (failed.Count > 0)
        {
            throw new OperationFailedException(failed[0].Code, $"Preflight stopped it before anything was changed. {string.Join(" ", failed.Select(f => $"{f.Message} {f.Cure}"))}");
        }
    }

    /// <summary>The revision that is to be applied, with the secrets that it pins.</summary>
    public static PreflightSubject SubjectOf(OperationContext context, int zones) => new(PortalJson.Read<EnvironmentSpec>(context.Revision!.SpecJson), context.Revision.ManifestYaml)
    {
        Cluster = context.Cluster, Namespace = context.Namespace, EnvironmentId = context.Environment.Id, ReleaseName = context.ReleaseName, Zones = zones, Pins = context.Pins, Sync = context.Sync,
    };

    private Task<int> ZonesAsync(string profile, CancellationToken cancellationToken) =>
        work.ReadAsync(async db => (await Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.FirstOrDefaultAsync(db.Profiles, p => p.Name == profile, cancellationToken))?.Zones ?? 1, cancellationToken);
}
