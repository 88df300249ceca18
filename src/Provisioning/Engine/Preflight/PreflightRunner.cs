using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Engine.Preflight.Jobs;
using Portkey.Portal.Provisioning.Engine.SecretDelivery;
using UnreachableException = Portkey.Portal.Provisioning.Engine.Preflight.Checks.UnreachableException;

namespace Portkey.Portal.Provisioning.Engine.Preflight;

/// <summary>Runs every check that applies, all at once, each for a limited time. Results never hold a secret.</summary>
public sealed class PreflightRunner : IPreflight
{
    private const string OtherNetwork = "Checked over the portal's network: this says little about what pods reach over the cluster's.";

    private readonly IPreflightCheck[] checks;
    private readonly ISecretVault vault;
    private readonly PreflightOptions options;

    /// <summary>Makes it.</summary>
    public PreflightRunner(ISecretVault vault, OutboundGuard guard, IOptions<PreflightOptions> options, VaultAddresses? vaults = null)
    {
        (this.vault, this.options) = (vault, options.Value);
        checks =
        [
            new ClusterCheck(),
            new NamespaceCheck(),
            new KindsCheck(),
            new PermissionsCheck(),
            new QuotaCheck(),
            new NodesCheck(),
            new StorageClassCheck(),
            new IngressClassCheck(),
            new EndpointCheck(),
            new TeamObjectsCheck(),
            new EgressCheck(this.options),
            new ImageCheck(guard),
            new SecretsCheck(),
            new PullSecretCheck(),
            new SecretDeliveryCheck(vaults),
            new RedisCheck(guard, this.options),
            new BlobCheck(guard, this.options),
            new S3Check(guard, this.options),
            new MongoCheck(guard, this.options),
            new ClickHouseCheck(guard),
            new VectorCheck(guard, this.options),
            new EmbeddingCheck(guard, this.options),
            new TelemetryCheck(guard),
            new ControlPlaneCheck(guard, this.options),
            new HostNameCheck(),
            new ClusterNetworkCheck(this.options),
        ];
    }

    /// <summary>Runs every check.</summary>
    public async Task<IReadOnlyList<CheckResult>> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        await ReadSecretsAsync(subject, cancellationToken);
        var redactor = Redactor.With(subject.Secrets.Values);
        var results = await Task.WhenAll(checks.Select(c => RunAsync(c, subject, redactor, cancellationToken)));
        return [.. results.OfType<CheckResult>()];
    }

    /// <summary>One check by its id; null where it does not apply.</summary>
    public async Task<CheckResult?> RunOneAsync(string id, PreflightSubject subject, CancellationToken cancellationToken)
    {
        await ReadSecretsAsync(subject, cancellationToken);
        return await RunAsync(id, subject, cancellationToken);
    }

    /// <summary>One check by its id, on secrets that are there already; null where it does not apply.</summary>
    internal async Task<CheckResult?> RunAsync(string id, PreflightSubject subject, CancellationToken cancellationToken) =>
        await RunAsync(checks.Single(c => c.Id == id), subject, Redactor.With(subject.Secrets.Values), cancellationToken);

    private async Task<CheckResult?> RunAsync(
        IPreflightCheck check,
        PreflightSubject subject,
        Redactor redactor,
        CancellationToken cancellationToken
    )
    {
        var clock = Stopwatch.StartNew();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(check.Limit ?? options.Timeout);
        Verdict verdict;
        Exception? transient = null;
        try
        {
            if (!check.AppliesTo(subject))
            {
                return null;
            }

            // WaitAsync, because a library that ignores cancellation must not hold up the others.
            verdict = await Task.Run(() => check.RunAsync(subject, limit.Token), CancellationToken.None).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception problem)
        {
            verdict = OfProblem(check, problem);
            transient =
                problem is ClusterException { IsTransient: true } && check is ClusterCheck ? problem
                : problem is OperationCanceledException && check is ClusterCheck ? new ClusterUnreachableException(verdict.Message, problem)
                : problem is VaultException { IsTransient: true } ? problem
                : null;
        }

        return new CheckResult(
            check.Id,
            check.Title,
            verdict.Status,
            StoredText.Fit(redactor.Redact(verdict.Message), 1000),
            StoredText.Fit(redactor.Redact(verdict.Cure), 500),
            clock.ElapsedMilliseconds
        )
        {
            Code = verdict.Code,
            Images = verdict.Images,
            Works = verdict.Works,
            Transient = transient,
            LookedFrom = verdict.From ?? check.From,
            Caveat = (verdict.From ?? check.From) == LookedFrom.Portal && check.IsOfTheNetwork && SaysLittle(verdict) ? OtherNetwork : "",
        };
    }

    // What a store itself answered, such as a wrong password, holds from anywhere; that there was an answer, or none, does not.
    private static bool SaysLittle(Verdict verdict) =>
        verdict.Status is CheckStatus.Passed or CheckStatus.Warning || verdict.Code == "unreachable";

    private Verdict OfProblem(IPreflightCheck check, Exception problem) =>
        problem switch
        {
            AddressRefusedException => Verdict.Fail(
                problem.Message,
                $"Give another address. An administrator may allow the range under {PreflightOptions.Section}:AllowedRanges.",
                "address-refused"
            ),
            OperationCanceledException when check is ClusterCheck => Verdict.Fail(
                $"The API server did not answer within {options.TimeoutSeconds} s.",
                "Check that it runs and can be reached from the portal.",
                "cluster-unreachable"
            ),
            OperationCanceledException or TimeoutException => Unreached($"There was no answer within {options.TimeoutSeconds} s."),
            UnreachableException => Unreached(problem.Message),
            HttpRequestException { InnerException: AddressRefusedException refused } => OfProblem(check, refused),
            HttpRequestException or SocketException or IOException or AuthenticationException => Unreached(
                $"It cannot be reached: {problem.GetBaseException().Message}"
            ),
            ClusterForbiddenException => Verdict.Warn(
                $"It could not be determined: {problem.Message}",
                "Give the portal's service account the rules of infra/charts/portal."
            ),
            ClusterException cluster when check is ClusterCheck => Verdict.Fail(
                problem.Message,
                "Have an administrator look at the cluster's connection.",
                cluster.Code
            ),
            ClusterException => Verdict.Warn($"It could not be determined: {problem.Message}", ""),
            VaultException => Verdict.Fail(problem.Message, "Look at the vault, then check again.", "vault-unavailable"),

            // A check that fails says nothing about what it checks. The type alone: a library's message may quote what it was
            // given.
            _ => Verdict.Warn($"The check itself failed ({problem.GetType().Name}).", "Report this; the portal's log has no more details."),
        };

    private Verdict Unreached(string message) =>
        options.RequireReachable
            ? Verdict.Fail(message, "Check the address, its firewall, and that it can be reached from the portal.", "unreachable")
            : Verdict.Warn(
                message,
                "The portal cannot tell whether the gateway will reach it. Check the address and its firewall for the cluster's network."
            );

    private async Task ReadSecretsAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var (values, unread) = (
            new ConcurrentDictionary<string, SecretValue>(StringComparer.Ordinal),
            new ConcurrentDictionary<string, VaultException>(StringComparer.Ordinal)
        );
        await Parallel.ForEachAsync(
            subject.Pins,
            cancellationToken,
            async (pin, ct) =>
            {
                try
                {
                    values[pin.Key] = await vault.GetAsync(pin.Value.VaultName, pin.Value.VaultVersion, ct);
                }
                catch (VaultException problem)
                {
                    unread[pin.Key] = problem;
                }
            }
        );
        (subject.Secrets, subject.Unread) = (values, unread);
    }
}
