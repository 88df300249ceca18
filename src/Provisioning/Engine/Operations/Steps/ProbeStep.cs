using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.Operations.Steps;

/// <summary>
/// The proof that a rotation needs before the old version may go: every pod that serves was started with the new version, and whatever
/// the credential opens accepts the new value, tried live.
/// </summary>
internal sealed class ProbeStep(IPreflight checks, IRollouts rollouts, TimeProvider time, IOptions<RotationOptions> options)
    : IOperationStep
{
    private const int Tries = 3;

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(2);

    public static StepInfo Info { get; } = new("probe", "Try the new version", typeof(ProbeStep));

    StepInfo IOperationStep.Info => Info;

    public async Task<StepResult> RunAsync(OperationContext context, CancellationToken cancellationToken)
    {
        var changed = context.ChangedKeys;
        await PodsAsync(context, changed, cancellationToken);
        foreach (var check in changed.Select(LiveChecks.Of).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            await ProveAsync(context, check, changed, cancellationToken);
        }

        foreach (var key in changed.Where(k => LiveChecks.Of(k) is null))
        {
            context.Log.Write($"{key} v{context.Pins[key].Number}: the gateway started with it and answers.");
        }

        return StepResult.Done;
    }

    private async Task ProveAsync(
        OperationContext context,
        string check,
        IReadOnlyList<string> changed,
        CancellationToken cancellationToken
    )
    {
        var subject = PreflightStep.SubjectOf(context, zones: 1);
        for (var attempt = 1; ; attempt++)
        {
            var result = await checks.RunOneAsync(check, subject, cancellationToken);
            if (result is null)
            {
                return; // the settings do not use it
            }

            var keys = string.Join(", ", changed.Where(k => LiveChecks.Of(k) == check).Select(k => $"{k} v{context.Pins[k].Number}"));
            if (result.Works)
            {
                context.Log.Write($"{keys}: {result.Message}");
                return;
            }

            // A restart of the store or a short network outage must not undo a rotation.
            if (attempt < Tries && result.Status != CheckStatus.Skipped)
            {
                await Task.Delay(Between, time, cancellationToken);
                continue;
            }

            if (result.Status == CheckStatus.Failed)
            {
                throw new OperationFailedException("probe-failed", $"{keys} does not work: {result.Message} {result.Cure}".TrimEnd());
            }

            if (!options.Value.AcceptUnproven)
            {
                throw new OperationFailedException(
                    "not-proven",
                    $"{keys} could not be tried: {result.Message} The old version is disabled only after that. Let the portal reach it, or have an administrator set {RotationOptions.Section}:AcceptUnproven."
                );
            }

            context.Log.Write(
                $"{keys} could not be tried: {result.Message} It is accepted on the gateway's own answer, as configured.",
                Severity.Warning
            );
            return;
        }
    }

    // A Secret is named by its versions and pods name their Secret, so a pod tells which versions it was started with.
    private async Task PodsAsync(OperationContext context, IReadOnlyList<string> changed, CancellationToken cancellationToken)
    {
        var approved = ManifestYaml.Parse(context.Revision!.Content.ManifestYaml);
        var expected = new[]
        {
            changed.Any(k => k != SettingKeys.RegistryPassword) ? SecretPins.ClusterSecretName(context.ReleaseName, context.Pins) : null,
            changed.Contains(SettingKeys.RegistryPassword, StringComparer.Ordinal) ? context.PullSecret?.Name : null,
        }
            .OfType<string>()
            .Where(n => approved.Any(o => SecretNames.Names(o, n)))
            .ToList();
        var pods = await rollouts.RunningAsync(context.Cluster, context.Namespace, context.ReleaseName, cancellationToken);
        foreach (var name in expected)
        {
            var kind = name.StartsWith($"{context.ReleaseName}-pull-", StringComparison.Ordinal)
                ? $"{context.ReleaseName}-pull-"
                : $"{context.ReleaseName}-env-";
            var users = pods.Where(p => p.Secrets.Any(s => s.StartsWith(kind, StringComparison.Ordinal))).ToList();
            var stale = users.Where(p => !p.Secrets.Contains(name)).Select(p => p.Name).ToList();
            if (users.Count == 0 || stale.Count > 0)
            {
                throw new OperationFailedException(
                    "pods-not-rotated",
                    users.Count == 0
                        ? $"No running pod was started with Secret {name}, so nothing proves the new version."
                        : $"Pods {string.Join(", ", stale)} still run with the old version."
                );
            }

            context.Log.Write($"{Plural.Of(users.Count, "pod runs", "pods run")} with Secret {name}.");
        }
    }
}

/// <summary>Which check tries a secret's value on its target.</summary>
internal static class LiveChecks
{
    /// <summary>Id of the check; null where only the gateway itself can use the value.</summary>
    public static string? Of(string key) =>
        key switch
        {
            "REDIS_URL" or "REDIS_PASSWORD" => "redis",
            "AZURE_STORAGE_KEY" or "AZURE_ENTRA_CLIENT_SECRET" => "blob",
            "LOG_STORE_ACCESS_KEY" or "LOG_STORE_SECRET_KEY" => "s3",
            "MONGO_DB_CONNECTION_URL" => "mongo",
            "ANALYTICS_STORE_PASSWORD" => "clickhouse",
            "VECTOR_STORE_API_KEY" => "vector-store",
            "SEMANTIC_CACHE_EMBEDDING_API_KEY" => "embeddings",
            _ => null,
        };
}
