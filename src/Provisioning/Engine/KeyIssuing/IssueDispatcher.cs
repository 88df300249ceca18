using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Teams;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>Makes the values that people wait for, first come, first served.</summary>
internal sealed partial class IssueDispatcher(
    UnitOfWork work,
    KeyIssuance issuance,
    IssueSignal signal,
    LiveUpdates live,
    TimeProvider time,
    ILogger<IssueDispatcher> logger
) : Dispatcher(signal, logger)
{
    private const int AtOnce = 4;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    /// <summary>Fulfils what waits; returns how many.</summary>
    internal async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var waiting = await work.ReadAsync(db => Waiting(db).Take(AtOnce).ToListAsync(cancellationToken), cancellationToken);
        await Task.WhenAll(waiting.Select(r => FulfilAsync(r, cancellationToken)));
        return waiting.Count;
    }

    /// <summary>What waits.</summary>
    internal static IQueryable<IssueRequest> Waiting(PortalDbContext db) =>
        db.IssueRequests.Where(r => r.EndedAt == null).OrderBy(r => r.RequestedAt);

    /// <inheritdoc/>
    protected override Task TurnAsync(CancellationToken stoppingToken) => RunAsync(stoppingToken);

    private async Task FulfilAsync(IssueRequest request, CancellationToken cancellationToken)
    {
        var credential = request.SecretReferenceId;
        try
        {
            // The requester may have lost the right since.
            await work.ReadAsync(
                async db =>
                {
                    CredentialRules.RequireManage(
                        await PeopleService.RequireAsync(db, CallerOf(request), cancellationToken),
                        await db.SecretReferences.FirstAsync(r => r.Id == credential, cancellationToken)
                    );
                    return true;
                },
                cancellationToken
            );
            await issuance.IssueAsync(CallerOf(request), credential, request.Id, cancellationToken);
        }
        catch (IssueException problem) when (problem.Code == "issuing")
        {
            return; // another worker is on it
        }
        catch (IssueException problem)
        {
            await FailAsync(request, problem.Code, problem.Message, cancellationToken);
        }
        catch (ForbiddenException problem)
        {
            await FailAsync(request, problem.Code, problem.Message, cancellationToken);
        }
        catch (Exception problem)
            when (problem
                    is not (
                        OperationCanceledException
                        or System.Data.Common.DbException
                        or DbUpdateException
                        or TimeoutException
                        or OutOfMemoryException
                    )
            )
        {
            LogUnexpected(Logger, credential, problem.GetType().Name); // its message may quote its input
            await FailAsync(
                request,
                "internal",
                "Something unexpected went wrong in the portal itself; its log has the details under the credential's id.",
                cancellationToken
            );
        }

        live.Publish(credential);
    }

    private Task FailAsync(IssueRequest request, string code, string message, CancellationToken cancellationToken) =>
        work.WriteAsync(
            db =>
                IssueRequests.EndAsync(
                    db,
                    request.SecretReferenceId,
                    request.Id,
                    number: null,
                    (code, StoredText.Fit(message, 600)),
                    Now,
                    cancellationToken
                ),
            cancellationToken
        );

    private static Caller CallerOf(IssueRequest request) => new(request.RequestedBy, request.SourceAddress, request.CorrelationId);

    [LoggerMessage(1216, LogLevel.Error, "Credential {Id}: making a new value failed unexpectedly ({Type}).")]
    private static partial void LogUnexpected(ILogger logger, Guid id, string type);
}
