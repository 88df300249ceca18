using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Credentials;
using Portkey.Portal.Provisioning.Teams;

namespace Portkey.Portal.Provisioning.Minting;

/// <summary>Makes the values that people wait for. A wish is due when it was made, so that the index on what is due finds it.</summary>
internal sealed partial class MintDispatcher(UnitOfWork work, Minter minter, MintBell bell, LiveUpdates live, TimeProvider time, ILogger<MintDispatcher> logger) : BackgroundService
{
    private const int AtOnce = 4;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Fulfils what waits; answers with how many.</summary>
    internal async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var now = Now;
        var waiting = await work.ReadAsync(
            db => db.SecretReferences.Where(r => r.DueAt <= now && r.Provider != "" && r.ProviderJson.Contains("\"wanted\":{")).OrderBy(r => r.DueAt).Take(AtOnce).ToListAsync(cancellationToken),
            cancellationToken);
        await Task.WhenAll(waiting.Select(r => FulfilAsync(r, cancellationToken)));
        return waiting.Count;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await bell.WaitAsync(stoppingToken);
                await RunAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception problem) when (problem is System.Data.Common.DbException or DbUpdateException or TimeoutException)
            {
                LogUnavailable(logger, problem); // the reconciler rings again
            }
        }
    }

    private async Task FulfilAsync(SecretReference reference, CancellationToken cancellationToken)
    {
        if (ProviderState.Of(reference).Wanted is not { } wish)
        {
            return;
        }

        try
        {
            // Who asked may have lost the right since.
            await work.ReadAsync(
                async db =>
                {
                    CredentialRules.RequireManage(await PeopleService.RequireAsync(db, CallerOf(wish), cancellationToken), reference);
                    return true;
                },
                cancellationToken);
            await minter.MintAsync(CallerOf(wish), reference.Id, wish.Id, cancellationToken);
        }
        catch (MintException problem) when (problem.Code == "minting")
        {
            return; // another worker is at it
        }
        catch (MintException problem)
        {
            await FailAsync(reference, wish, problem.Code, problem.Message, cancellationToken);
        }
        catch (ForbiddenException problem)
        {
            await FailAsync(reference, wish, problem.Code, problem.Message, cancellationToken);
        }
        catch (Exception problem) when (problem is not (OperationCanceledException or System.Data.Common.DbException or DbUpdateException or TimeoutException or OutOfMemoryException))
        {
            LogUnexpected(logger, reference.Id, problem.GetType().Name); // its words may quote what it was given
            await FailAsync(reference, wish, "internal", "Something unexpected went wrong in the portal itself; its log has the details under the credential's id.", cancellationToken);
        }

        live.Publish(reference.Id);
    }

    private async Task FailAsync(SecretReference reference, MintWish wish, string code, string message, CancellationToken cancellationToken) => await ProviderStates.ChangeAsync(
        work, reference.Id, s => s.Wanted?.Id != wish.Id ? null : s with { Wanted = null, Last = new MintOutcome(wish.Id, "", code, StoredText.Fit(message, 600), Now) }, cancellationToken);

    private static Caller CallerOf(MintWish wish) => new(wish.By, wish.Source, wish.Correlation);

    [LoggerMessage(1215, LogLevel.Error, "Wishes for new values could not be read or written; trying again at the next ring")]
    private static partial void LogUnavailable(ILogger logger, Exception exception);

    [LoggerMessage(1216, LogLevel.Error, "Credential {Id}: making a new value failed unexpectedly ({Type}).")]
    private static partial void LogUnexpected(ILogger logger, Guid id, string type);
}
