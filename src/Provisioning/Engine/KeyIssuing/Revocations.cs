using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Credentials;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>
/// The provider's part of a rotation's end: the old value is revoked when the new one is proven, the new one when it failed. A
/// failure there never undoes a rotation: that the value is still valid is a finding.
/// </summary>
internal sealed partial class Revocations(
    UnitOfWork work,
    ISecretVault vault,
    IEnumerable<IKeyIssuer> providers,
    TimeProvider time,
    ILogger<Revocations> logger
)
{
    private const int Tries = 3;

    /// <summary>Time for one credential, retries included.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Revokes an old version, before the vault disables it. Returns what to log; empty where it has no
    /// provider.</summary>
    /// <param name="reference">Credential.</param>
    /// <param name="old">Version that nothing may use any more.</param>
    /// <param name="kept">Vault version that is proven.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<(string Text, Severity Severity)> RetireAsync(
        SecretReference reference,
        SecretVersion old,
        string kept,
        CancellationToken cancellationToken
    )
    {
        if (providers.FirstOrDefault(p => p.Id == reference.Provider) is not { } provider)
        {
            return ("", Severity.Info);
        }

        try
        {
            var said = await TryAsync(
                async ct =>
                {
                    // By the rows the previous version is still current; the one that is kept is what counts.
                    var scope = await work.ReadAsync(db => IssueScope.ReadAsync(db, reference.Id, ct), ct);
                    var context = await scope.OpenAsync(vault, [kept], ct);
                    var value = await ValueAsync(reference.VaultName, kept, ct);
                    return value is null || await ValueAsync(reference.VaultName, old.VaultVersion, ct) is not { } gone
                        ? $"{reference.Key} v{old.Number} was disabled already."
                        : await provider.RetireAsync(context with { Current = value, InUse = [value] }, gone, ct);
                },
                cancellationToken
            );
            return (said, Severity.Info);
        }
        catch (IssueException problem)
        {
            await FindAsync(reference, old, old.ProviderMark ?? "", problem, cancellationToken);
            return (
                $"{reference.Key} v{old.Number} is out of use, but could not be revoked at the provider: {problem.Message}",
                Severity.Warning
            );
        }
    }

    /// <summary>Revokes a version that a failed rotation brought, where it was issued. Returns what to log; empty where it was not
    /// issued.</summary>
    public async Task<(string Text, Severity Severity)> TakeBackAsync(
        SecretReference reference,
        SecretVersion failed,
        CancellationToken cancellationToken
    )
    {
        if (
            providers.FirstOrDefault(p => p.Id == reference.Provider) is not { } provider
            || failed.ProviderMark is not { } mark
            || failed.State != SecretVersionState.Pending
        )
        {
            return ("", Severity.Info);
        }

        var what = $"{reference.Key} v{failed.Number}";
        try
        {
            await TryAsync(
                async ct =>
                {
                    var scope = await work.ReadAsync(db => IssueScope.ReadAsync(db, reference.Id, ct), ct);
                    var context = await scope.OpenAsync(vault, [], ct);

                    // The caller has made sure that no pods run with it.
                    await provider.TakeBackAsync(context with { InUse = context.Current is null ? [] : [context.Current] }, mark, ct);
                    return "";
                },
                cancellationToken
            );
        }
        catch (IssueException problem)
        {
            await FindAsync(reference, failed, mark, problem, cancellationToken);
            return ($"{what} could not be revoked at the provider: {problem.Message}", Severity.Warning);
        }

        try
        {
            await vault.DisableAsync(reference.VaultName, failed.VaultVersion, cancellationToken);
        }
        catch (VaultException problem)
        {
            LogNotDisabled(logger, reference.Id, failed.Number, problem.Message); // it opens nothing, and what differs is found
        }

        var now = Now;
        await work.WriteAsync(
            db =>
                db.SecretVersions.Where(v =>
                        v.SecretReferenceId == reference.Id && v.Number == failed.Number && v.State == SecretVersionState.Pending
                    )
                    .ExecuteUpdateAsync(
                        s => s.SetProperty(v => v.State, SecretVersionState.Disabled).SetProperty(v => v.DisabledAt, now),
                        cancellationToken
                    ),
            cancellationToken
        );
        return ($"{what}, which was made for this rotation, is revoked.", Severity.Info);
    }

    private async Task<string> TryAsync(Func<CancellationToken, Task<string>> act, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await act(limit.Token);
                }
                catch (IssueException problem) when (problem.IsTransient && attempt < Tries)
                {
                    await Task.Delay(TimeSpan.FromSeconds(attempt), limit.Token);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IssueException("provider-slow", "The provider did not finish in time.", isTransient: true);
        }
    }

    private async Task<SecretValue?> ValueAsync(string name, string version, CancellationToken cancellationToken)
    {
        try
        {
            return await vault.GetAsync(name, version, cancellationToken);
        }
        catch (VaultException problem)
        {
            return problem.Failure is VaultFailure.Disabled or VaultFailure.NotFound
                ? null
                : throw new IssueException(problem.Code, problem.Message, problem.IsTransient);
        }
    }

    // With its mark recorded, the next issuance tries once more.
    private async Task FindAsync(
        SecretReference reference,
        SecretVersion version,
        string mark,
        IssueException problem,
        CancellationToken cancellationToken
    )
    {
        if (mark.Length > 0)
        {
            await work.WriteAsync(db => ProviderMarks.AddAsync(db, reference.Id, mark, Now, cancellationToken), cancellationToken);
        }

        await work.WriteAsync(
            db =>
                RotationFindings.PutAsync(
                    db,
                    reference,
                    RotationFindings.Revocation,
                    Severity.Warning,
                    $"v{version.Number} is not used any more, but still valid: {problem.Message} Revoke it by hand{(mark.Length > 0 ? ", or make another new value, which tries it again" : "")}.",
                    Now,
                    cancellationToken
                ),
            cancellationToken
        );
        LogNotRevoked(logger, reference.Key, reference.Id, version.Number, problem.Code);
    }

    [LoggerMessage(1213, LogLevel.Warning, "Credential {Key} ({Id}): v{Number} could not be revoked at the provider ({Code}).")]
    private static partial void LogNotRevoked(ILogger logger, string key, Guid id, int number, string code);

    [LoggerMessage(1214, LogLevel.Warning, "Credential {Id}: v{Number} is revoked, but the vault did not disable it: {Reason}")]
    private static partial void LogNotDisabled(ILogger logger, Guid id, int number, string reason);
}
