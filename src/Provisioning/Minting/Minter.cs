using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Audit;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Credentials;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Provisioning.Minting;

/// <summary>
/// Has a provider make a new value and stores it as a new version. What will be made is written down before it is made, so that after a crash
/// the next who mints takes back what came to nothing; one worker at a time is at one credential.
/// </summary>
internal sealed partial class Minter(
    UnitOfWork work, ISecretVault vault, IEnumerable<IMintProvider> providers, AuditTrail audit, LiveUpdates live, Failpoints failpoints, IOptions<MintingOptions> options, TimeProvider time, ILogger<Minter> logger)
{
    // A few calls, each with its own limit. The right outlasts it, so that nobody else begins while this one is at it.
    private TimeSpan Limit => 4 * options.Value.Timeout;

    private TimeSpan Lease => 5 * options.Value.Timeout;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Mints; answers with the number of the version.</summary>
    /// <param name="caller">Who is written down as having stored it.</param>
    /// <param name="id">Credential.</param>
    /// <param name="wish">Wish that this fulfils; null for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="MintException">It could not be; nothing that was made stays valid, as far as that could be reached.</exception>
    public async Task<int> MintAsync(Caller caller, Guid id, Guid? wish, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        var lease = Guid.NewGuid().ToString("N");
        await ClaimAsync(id, lease, limit.Token);
        try
        {
            var scope = await work.ReadAsync(db => MintScope.ReadAsync(db, id, limit.Token), limit.Token);
            var provider = ProviderOf(scope.Reference);
            await RefuseAsync(scope, limit.Token);
            var context = await scope.OpenAsync(vault, [], limit.Token);
            await CleanAsync(scope, provider, context, limit.Token);

            var plan = await provider.PlanAsync(context, limit.Token);
            await NoteAsync(id, plan.Mark, limit.Token);
            await failpoints.HitAsync("mint.noted", limit.Token);
            return await MakeAsync(caller, scope, provider, context, plan, wish, lease, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MintException("provider-slow", $"The provider did not come to an end within {Limit.TotalSeconds:0} s. Try again later.", isTransient: true);
        }
        finally
        {
            await ReleaseAsync(id, lease);
        }
    }

    private async Task<int> MakeAsync(Caller caller, MintScope scope, IMintProvider provider, MintContext context, MintPlan plan, Guid? wish, string lease, CancellationToken cancellationToken)
    {
        var (id, key, name) = (scope.Reference.Id, scope.Reference.Key, scope.Reference.VaultName);
        var stored = "";
        try
        {
            var value = await provider.MintAsync(context, plan, cancellationToken);
            await failpoints.HitAsync("mint.made", cancellationToken);
            if (SettingsCatalog.ByKey.TryGetValue(key, out var setting) && SpecValidator.CheckSecret(setting, value.Reveal()) is { } wrong)
            {
                throw new MintException("minted-unfit", $"What the provider made does not fit {key}: {wrong}");
            }

            stored = await vault.SetAsync(name, value, new SecretAttributes(scope.Reference.EnvironmentId?.ToString() ?? "", key), cancellationToken);
            await failpoints.HitAsync("mint.stored", cancellationToken);
            var number = await WriteAsync(caller, id, scope.Name, plan.Mark, stored, wish, lease, cancellationToken);
            LogMinted(logger, key, id, number, provider.Id);
            live.Publish(scope.Reference.EnvironmentId is { } environment ? [environment, id] : [id]);
            return number;
        }
        catch (Exception problem) when (problem is MintException or VaultException)
        {
            // Only these are sure to have written no version.
            await UndoAsync(id, provider, context, plan.Mark, name, stored);
            throw problem as MintException ?? new MintException(((VaultException)problem).Code, $"The vault did not take the new value: {problem.Message}", ((VaultException)problem).IsTransient);
        }
    }

    // The version, that it was minted, the end of the wish and the audit are one transaction.
    private Task<int> WriteAsync(Caller caller, Guid id, string name, string mark, string vaultVersion, Guid? wish, string lease, CancellationToken cancellationToken) => work.WriteAsync(
        async db =>
        {
            var reference = await db.SecretReferences.AsNoTracking().Include(r => r.Versions).FirstAsync(r => r.Id == id, cancellationToken);
            var state = ProviderState.Of(reference);
            if (state.Lease?.Owner != lease)
            {
                throw new MintException("minting", "Another worker has taken over; what was made here is not used.", isTransient: true);
            }

            var number = reference.Versions.Select(v => v.Number).DefaultIfEmpty().Max() + 1;
            db.SecretVersions.Add(new SecretVersion { SecretReferenceId = id, Number = number, VaultVersion = vaultVersion, State = SecretVersionState.Pending, CreatedBy = caller.PersonId, CreatedAt = Now });
            var done = state.Wanted is { } wanted && wanted.Id == wish;
            await ProviderStates.WriteAsync(
                db,
                reference,
                state with
                {
                    Open = [.. state.Open.Where(m => m != mark)],
                    Minted = state.Minted.Append(KeyValuePair.Create(number, mark)).ToDictionary(),
                    Lease = null,
                    NotBefore = null,
                    Wanted = done ? null : state.Wanted,
                    Last = done ? new MintOutcome(wish!.Value, $"v{number}", "", "", Now) : state.Last,
                },
                cancellationToken);
            await RotationFindings.ResolveAsync(db, reference, RotationFindings.Due, Now, cancellationToken);
            await audit.AppendAsync(
                db,
                caller,
                new AuditEntry("secret.minted", "secret", reference.VaultName, name) { EnvironmentId = reference.EnvironmentId, TeamId = reference.TeamId, After = new { version = $"v{number}", provider = reference.Provider } },
                cancellationToken);
            return number;
        },
        cancellationToken,
        "minted");

    private async Task RefuseAsync(MintScope scope, CancellationToken cancellationToken)
    {
        if (scope.Where?.State is EnvironmentState.Deleting or EnvironmentState.Deleted)
        {
            throw new MintException("environment-gone", $"{scope.Where.Name} is {scope.Where.State.ToString().ToLowerInvariant()}; it takes no new secrets.");
        }

        var open = await work.ReadAsync(
            async db => await OpenRotations.FindAsync(db, scope.Reference, scope.Current?.Number ?? 0, cancellationToken) is not null || await OpenRotations.OfSharedAsync(db, scope.Reference.Id, cancellationToken),
            cancellationToken);
        if (open)
        {
            throw new MintException("rotation-open", $"A request that brings another version of {scope.Name} waits or is under way. Let it end, or cancel it, before another value is made.");
        }
    }

    // What was made before and came to nothing: by a worker that died, or stored and never used.
    private async Task CleanAsync(MintScope scope, IMintProvider provider, MintContext context, CancellationToken cancellationToken)
    {
        var (id, current) = (scope.Reference.Id, scope.Current?.Number ?? 0);
        foreach (var mark in scope.State.Open)
        {
            await provider.TakeBackAsync(context, mark, cancellationToken);
            await ProviderStates.ChangeAsync(work, id, s => s with { Open = [.. s.Open.Where(m => m != mark)] }, cancellationToken);
        }

        if (scope.State.Open.Count > 0)
        {
            await work.WriteAsync(db => RotationFindings.ResolveAsync(db, scope.Reference, RotationFindings.Revocation, Now, cancellationToken), cancellationToken);
        }

        foreach (var version in scope.Reference.Versions.Where(v => v.State == SecretVersionState.Pending && v.Number > current && scope.State.Minted.ContainsKey(v.Number) && !scope.InDoubt.Contains(v.Number)).ToList())
        {
            await provider.TakeBackAsync(context, scope.State.Minted[version.Number], cancellationToken);
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
            throw new MintException(problem.Code, problem.Message, problem.IsTransient);
        }

        var now = Now;
        await work.WriteAsync(
            db => db.SecretVersions.Where(v => v.SecretReferenceId == reference.Id && v.Number == version.Number)
                .ExecuteUpdateAsync(s => s.SetProperty(v => v.State, SecretVersionState.Disabled).SetProperty(v => v.DisabledAt, now), cancellationToken),
            cancellationToken);
    }

    private async Task UndoAsync(Guid id, IMintProvider provider, MintContext context, string mark, string name, string stored)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            await provider.TakeBackAsync(context, mark, limit.Token);
            await ProviderStates.ChangeAsync(work, id, s => s with { Open = [.. s.Open.Where(m => m != mark)] }, limit.Token);
            if (stored.Length > 0)
            {
                await vault.DisableAsync(name, stored, limit.Token);
            }
        }
        catch (Exception problem) when (problem is MintException or VaultException or OperationCanceledException)
        {
            LogNotUndone(logger, id, provider.Id); // it is written down, and taken back by whoever mints next
        }
    }

    private Task<ProviderState> NoteAsync(Guid id, string mark, CancellationToken cancellationToken) => ProviderStates.ChangeAsync(
        work, id, s => mark.Length == 0 || s.Open.Contains(mark, StringComparer.Ordinal) ? null : s with { Open = [.. s.Open, mark] }, cancellationToken, "mint-noted");

    private async Task ClaimAsync(Guid id, string mine, CancellationToken cancellationToken)
    {
        var now = Now;
        var held = await ProviderStates.ChangeAsync(work, id, s => s.Lease is { } lease && lease.Until > now ? null : s with { Lease = new MintLease(mine, now + Lease) }, cancellationToken);
        if (held.Lease?.Owner != mine)
        {
            throw new MintException("minting", "A new value of this credential is being made already.", isTransient: true);
        }
    }

    private async Task ReleaseAsync(Guid id, string mine)
    {
        try
        {
            await ProviderStates.ChangeAsync(work, id, s => s.Lease?.Owner == mine ? s with { Lease = null } : null, CancellationToken.None);
        }
        catch (Exception problem) when (problem is DbUpdateException or System.Data.Common.DbException)
        {
            LogNotReleased(logger, id); // it runs out
        }
    }

    private IMintProvider ProviderOf(SecretReference reference) => providers.FirstOrDefault(p => p.Id == reference.Provider)
        ?? throw new MintException("no-provider", $"Nothing can make new values of {reference.Key}: no provider is set.");

    [LoggerMessage(1210, LogLevel.Information, "Credential {Key} ({Id}): v{Number} was made by {Provider}.")]
    private static partial void LogMinted(ILogger logger, string key, Guid id, int number, string provider);

    [LoggerMessage(1211, LogLevel.Warning, "Credential {Id}: what {Provider} made could not be taken back at once; the next who mints does it.")]
    private static partial void LogNotUndone(ILogger logger, Guid id, string provider);

    [LoggerMessage(1212, LogLevel.Warning, "Credential {Id}: the right to mint could not be given back; it runs out by itself.")]
    private static partial void LogNotReleased(ILogger logger, Guid id);
}
