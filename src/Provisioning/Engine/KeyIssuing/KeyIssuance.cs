using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>
/// Has a provider make a new value and stores it as a new version. What will be made is recorded before it is made, so that after a
/// crash the next issuance revokes what was left; one worker at a time works on a credential.
/// </summary>
internal sealed partial class KeyIssuance(
    UnitOfWork work,
    ISecretVault vault,
    IEnumerable<IKeyIssuer> providers,
    AuditTrail audit,
    LiveUpdates live,
    Failpoints failpoints,
    IOptions<KeyIssuingOptions> options,
    TimeProvider time,
    ILogger<KeyIssuance> logger
)
{
    // A few calls, each with its own limit. The right lasts longer, so that nobody else begins while this one is working.
    private TimeSpan Limit => 4 * options.Value.Timeout;

    private TimeSpan Lease => 5 * options.Value.Timeout;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Issues; returns the number of the version.</summary>
    /// <param name="caller">Who is written down as having stored it.</param>
    /// <param name="id">Credential.</param>
    /// <param name="request">AccessRequest that this fulfils; null for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="IssueException">It could not be; nothing that was made stays valid, as far as that could be reached.</exception>
    public async Task<int> IssueAsync(Caller caller, Guid id, Guid? request, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var lease = Guid.NewGuid().ToString("N");
        await ClaimAsync(id, lease, limit.Token);
        try
        {
            var scope = await work.ReadAsync(db => IssueScope.ReadAsync(db, id, limit.Token), limit.Token);
            var provider = ProviderOf(scope.Reference);
            await RefuseAsync(scope, limit.Token);
            var context = await scope.OpenAsync(vault, [], limit.Token);
            await CleanAsync(scope, provider, context, limit.Token);

            var plan = await provider.PlanAsync(context, limit.Token);
            await NoteAsync(id, plan.Mark, limit.Token);
            await failpoints.HitAsync("issue.noted", limit.Token);
            return await MakeAsync(caller, scope, provider, context, plan, request, lease, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IssueException(
                "provider-slow",
                $"The provider did not finish within {Limit.TotalSeconds:0} s. Try again later.",
                isTransient: true
            );
        }
        finally
        {
            await ReleaseAsync(id, lease);
        }
    }

    private async Task<int> MakeAsync(
        Caller caller,
        IssueScope scope,
        IKeyIssuer provider,
        IssueContext context,
        IssuePlan plan,
        Guid? request,
        string lease,
        CancellationToken cancellationToken
    )
    {
        var (id, key, name) = (scope.Reference.Id, scope.Reference.Key, scope.Reference.VaultName);
        var stored = "";
        try
        {
            var value = await provider.IssueAsync(context, plan, cancellationToken);
            await failpoints.HitAsync("issue.made", cancellationToken);
            if (SettingsCatalog.ByKey.TryGetValue(key, out var setting) && SpecValidator.CheckSecret(setting, value.Reveal()) is { } wrong)
            {
                throw new IssueException("issued-unfit", $"What the provider made does not fit {key}: {wrong}");
            }

            stored = await vault.SetAsync(
                name,
                value,
                new SecretAttributes(scope.Reference.EnvironmentId?.ToString() ?? "", key),
                cancellationToken
            );
            await failpoints.HitAsync("issue.stored", cancellationToken);
            var number = await WriteAsync(
                caller,
                id,
                scope.Name,
                plan.Mark,
                (stored, EgressNeeds.AddressOf(value.Reveal()) ?? ""),
                request,
                lease,
                cancellationToken
            );
            LogIssued(logger, key, id, number, provider.Id);
            live.Publish(scope.Reference.EnvironmentId is { } environment ? [environment, id] : [id]);
            return number;
        }
        catch (Exception problem) when (problem is IssueException or VaultException)
        {
            // Only these are sure to have written no version.
            await UndoAsync(id, provider, context, plan.Mark, name, stored);
            throw problem as IssueException
                ?? new IssueException(
                    ((VaultException)problem).Code,
                    $"The vault did not take the new value: {problem.Message}",
                    ((VaultException)problem).IsTransient
                );
        }
    }

    // The version, that it was issued, the end of the request and the audit are one transaction.
    private Task<int> WriteAsync(
        Caller caller,
        Guid id,
        string name,
        string mark,
        (string VaultVersion, string Address) stored,
        Guid? request,
        string lease,
        CancellationToken cancellationToken
    ) =>
        work.WriteAsync(
            async db =>
            {
                var reference = await db
                    .SecretReferences.AsNoTracking()
                    .Include(r => r.Versions)
                    .FirstAsync(r => r.Id == id, cancellationToken);
                if (
                    await db
                        .SecretReferences.Where(r => r.Id == id)
                        .GiveBackAsync(lease, cancellationToken, s => s.SetProperty(r => r.RotateNotBefore, (DateTime?)null)) == 0
                )
                {
                    throw new IssueException(
                        "issuing",
                        "Another worker has taken over; what was made here is not used.",
                        isTransient: true
                    );
                }

                var number = reference.Versions.Select(v => v.Number).DefaultIfEmpty().Max() + 1;
                db.SecretVersions.Add(
                    new SecretVersion
                    {
                        SecretReferenceId = id,
                        Number = number,
                        VaultVersion = stored.VaultVersion,
                        Address = stored.Address,
                        State = SecretVersionState.Pending,
                        CreatedBy = caller.PersonId,
                        CreatedAt = Now,
                        ProviderMark = mark,
                    }
                );
                await ProviderMarks.RemoveAsync(db, id, mark, cancellationToken);
                if (request is { } asked)
                {
                    await IssueRequests.EndAsync(db, id, asked, number, ("", ""), Now, cancellationToken);
                }

                await RotationFindings.ResolveAsync(db, reference, RotationFindings.Due, Now, cancellationToken);
                await audit.AppendAsync(
                    db,
                    caller,
                    new AuditEntry("secret.issued", "secret", reference.VaultName, name)
                    {
                        EnvironmentId = reference.EnvironmentId,
                        TeamId = reference.TeamId,
                        After = new { version = $"v{number}", provider = reference.Provider },
                    },
                    cancellationToken
                );
                return number;
            },
            cancellationToken,
            "issued"
        );

    private async Task RefuseAsync(IssueScope scope, CancellationToken cancellationToken)
    {
        if (scope.Where?.State is EnvironmentState.Deleting or EnvironmentState.Deleted)
        {
            throw new IssueException(
                "environment-gone",
                $"{scope.Where.Name} is {scope.Where.State.ToString().ToLowerInvariant()}; it takes no new secrets."
            );
        }

        var open = await work.ReadAsync(
            async db =>
                await OpenRotations.FindAsync(db, scope.Reference, scope.Current?.Number ?? 0, cancellationToken) is not null
                || await OpenRotations.OfSharedAsync(db, scope.Reference.Id, cancellationToken),
            cancellationToken
        );
        if (open)
        {
            throw new IssueException(
                "rotation-open",
                $"A request with another version of {scope.Name} waits or is under way. Let it end, or cancel it, before another value is made."
            );
        }
    }

    // What was made before and left over: by a worker that died, or stored and never used.
    private async Task CleanAsync(IssueScope scope, IKeyIssuer provider, IssueContext context, CancellationToken cancellationToken)
    {
        var (id, current) = (scope.Reference.Id, scope.Current?.Number ?? 0);
        foreach (var mark in scope.Marks)
        {
            await provider.TakeBackAsync(context, mark, cancellationToken);
            await work.WriteAsync(db => ProviderMarks.RemoveAsync(db, id, mark, cancellationToken), cancellationToken);
        }

        if (scope.Marks.Count > 0)
        {
            await work.WriteAsync(
                db => RotationFindings.ResolveAsync(db, scope.Reference, RotationFindings.Revocation, Now, cancellationToken),
                cancellationToken
            );
        }

        foreach (
            var version in scope
                .Reference.Versions.Where(v =>
                    v.State == SecretVersionState.Pending
                    && v.Number > current
                    && v.ProviderMark is not null
                    && !scope.InDoubt.Contains(v.Number)
                )
                .ToList()
        )
        {
            await provider.TakeBackAsync(context, version.ProviderMark!, cancellationToken);
            await DisableAsync(scope.Reference, version, cancellationToken);
        }
    }

    private async Task DisableAsync(SecretReference reference, SecretVersion version, CancellationToken cancellationToken)
    {
        try
        {
            await vault.DisableAsync(reference.VaultName, version.VaultVersion, cancellationToken);
        }
        catch (VaultException problem)
        {
            throw new IssueException(problem.Code, problem.Message, problem.IsTransient);
        }

        var now = Now;
        await work.WriteAsync(
            db =>
                db.SecretVersions.Where(v => v.SecretReferenceId == reference.Id && v.Number == version.Number)
                    .ExecuteUpdateAsync(
                        s => s.SetProperty(v => v.State, SecretVersionState.Disabled).SetProperty(v => v.DisabledAt, now),
                        cancellationToken
                    ),
            cancellationToken
        );
    }

    private async Task UndoAsync(Guid id, IKeyIssuer provider, IssueContext context, string mark, string name, string stored)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await provider.TakeBackAsync(context, mark, limit.Token);
            await work.WriteAsync(db => ProviderMarks.RemoveAsync(db, id, mark, limit.Token), limit.Token);
            if (stored.Length > 0)
            {
                await vault.DisableAsync(name, stored, limit.Token);
            }
        }
        catch (Exception problem) when (problem is IssueException or VaultException or OperationCanceledException)
        {
            LogNotUndone(logger, id, provider.Id); // it is recorded, and the next issuance revokes it
        }
    }

    private Task NoteAsync(Guid id, string mark, CancellationToken cancellationToken) =>
        work.WriteAsync(db => ProviderMarks.AddAsync(db, id, mark, Now, cancellationToken), cancellationToken, "issue-noted");

    // A new row version with it, so that a concurrent change of provider or settings fails.
    private async Task ClaimAsync(Guid id, string mine, CancellationToken cancellationToken)
    {
        var next = Guid.NewGuid();
        if (
            await work.WriteAsync(
                db =>
                    db.SecretReferences.Where(r => r.Id == id)
                        .TakeAsync(mine, Lease, cancellationToken, s => s.SetProperty(r => r.Version, next)),
                cancellationToken
            ) == 0
        )
        {
            throw new IssueException("issuing", "A new value of this credential is being made already.", isTransient: true);
        }
    }

    private async Task ReleaseAsync(Guid id, string mine)
    {
        try
        {
            await work.WriteAsync(
                db => db.SecretReferences.Where(r => r.Id == id).GiveBackAsync(mine, CancellationToken.None),
                CancellationToken.None
            );
        }
        catch (Exception problem) when (problem is DbUpdateException or System.Data.Common.DbException)
        {
            LogNotReleased(logger, id); // it expires
        }
    }

    private IKeyIssuer ProviderOf(SecretReference reference) =>
        providers.FirstOrDefault(p => p.Id == reference.Provider)
        ?? throw new IssueException("no-provider", $"Nothing can make new values of {reference.Key}: no provider is set.");

    [LoggerMessage(1210, LogLevel.Information, "Credential {Key} ({Id}): v{Number} was made by {Provider}.")]
    private static partial void LogIssued(ILogger logger, string key, Guid id, int number, string provider);

    [LoggerMessage(
        1211,
        LogLevel.Warning,
        "Credential {Id}: what {Provider} made could not be revoked at once; the next issuance revokes it."
    )]
    private static partial void LogNotUndone(ILogger logger, Guid id, string provider);

    [LoggerMessage(1212, LogLevel.Warning, "Credential {Id}: the right to issue could not be released; it expires by itself.")]
    private static partial void LogNotReleased(ILogger logger, Guid id);
}
