using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Credentials;

namespace Portkey.Portal.Provisioning.Minting;

/// <summary>Changes what is written down about a provider's work; of two who change it at once, the second reads it anew.</summary>
internal static class ProviderStates
{
    /// <summary>Changes it in a transaction of its own; null from <paramref name="change"/> leaves it. Answers with what holds then.</summary>
    public static Task<ProviderState> ChangeAsync(UnitOfWork work, Guid id, Func<ProviderState, ProviderState?> change, CancellationToken cancellationToken, string failpoint = "") => work.WriteAsync(
        async db =>
        {
            var reference = await db.SecretReferences.AsNoTracking().FirstAsync(r => r.Id == id, cancellationToken);
            var before = ProviderState.Of(reference);
            if (change(before) is not { } after)
            {
                return before;
            }

            await WriteAsync(db, reference, after, cancellationToken);
            return after;
        },
        cancellationToken,
        failpoint);

    /// <summary>Writes it in the caller's transaction, with the time at which it is due.</summary>
    /// <param name="db">Context.</param>
    /// <param name="reference">As it was read, not tracked.</param>
    /// <param name="state">What is to be.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="DbUpdateConcurrencyException">Somebody changed it since; the unit of work begins anew.</exception>
    public static async Task WriteAsync(PortalDbContext db, SecretReference reference, ProviderState state, CancellationToken cancellationToken)
    {
        var (json, before) = (state.ToJson(), reference.ProviderJson);
        var due = CredentialDue.Of(reference, state);
        if (await db.SecretReferences.Where(r => r.Id == reference.Id && r.ProviderJson == before)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.ProviderJson, json).SetProperty(r => r.DueAt, due), cancellationToken) == 0)
        {
            throw new DbUpdateConcurrencyException("Somebody else wrote down how far the provider is.");
        }
    }
}
