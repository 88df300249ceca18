using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Credentials;
using Portkey.Portal.Provisioning.Teams;

namespace Portkey.Portal.Provisioning.Minting;

/// <summary>Says that somebody waits for a new value; the reconciler rings for whatever was missed.</summary>
public sealed class MintBell : Doorbell;

/// <summary>What came of asking for a new value.</summary>
/// <param name="Version">Version that was stored, such as <c>v4</c>; empty while it is being made.</param>
/// <param name="UnderWay">Whether it is being made still; it goes on by itself.</param>
public sealed record MintView(string Version, bool UnderWay);

/// <summary>
/// Takes wishes for new values. Making one needs secrets that only workers may read, so a wish is a row, and whoever asked waits a while for
/// what comes of it.
/// </summary>
public sealed class MintDesk(UnitOfWork work, MintBell bell, LiveUpdates live, TimeProvider time)
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(150);

    /// <summary>How long it waits before it says that the value is being made still.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Has a new value made and stored as a new version; nothing uses it before a rotation is approved.</summary>
    /// <exception cref="ConflictException">It could not be made; the code says why.</exception>
    public async Task<MintView> MintAsync(Caller caller, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        var wish = await work.WriteAsync(
            async db =>
            {
                var (reference, access) = await CredentialService.FindAsync(db, caller, id, cancellationToken);
                CredentialRules.RequireManage(access, reference);
                if (reference.Provider.Length == 0)
                {
                    throw new ConflictException("no-provider", $"Nothing can make new values of {reference.Key}: set a provider first, or store a value yourself.");
                }

                var state = ProviderState.Of(reference);
                if (state.Wanted is { } waiting)
                {
                    return waiting.Id; // a double click: both wait for the same one
                }

                var wanted = new MintWish(Guid.NewGuid(), caller.PersonId, time.GetUtcNow().UtcDateTime, caller.SourceAddress, caller.CorrelationId);
                await ProviderStates.WriteAsync(db, reference, state with { Wanted = wanted }, cancellationToken);
                return wanted.Id;
            },
            cancellationToken);
        bell.Ring();
        live.Publish(id);
        return await WaitAsync(id, wish, cancellationToken);
    }

    /// <summary>For a rotation that brings a new value: has one made, unless one was and waits to be used. What is wrong with the rotation itself is for it to say.</summary>
    /// <exception cref="ConflictException">It could not be made, or is being made still.</exception>
    public async Task ForRotationAsync(Caller caller, Guid environment, string key, CancellationToken cancellationToken)
    {
        var wanted = await work.ReadAsync(
            async db =>
            {
                var access = await PeopleService.RequireAsync(db, caller, cancellationToken);
                var found = await db.SecretReferences.AsNoTracking().Include(r => r.Versions).FirstOrDefaultAsync(r => r.EnvironmentId == environment && r.Key == key, cancellationToken);
                if (found is null || CredentialRules.WhyNotManage(access, found.TeamId).Length > 0)
                {
                    return null;
                }

                if (found.Provider.Length == 0)
                {
                    throw new InvalidInputException("mint", $"Nothing can make new values of {key}: set a provider first, or store a value and leave this out.");
                }

                var current = found.Versions.Where(v => v.State == SecretVersionState.Current).Select(v => v.Number).DefaultIfEmpty().Max();
                var isMade = ProviderState.Of(found).Minted.Keys.Any(n => n > current && found.Versions.Any(v => v.Number == n && v.State == SecretVersionState.Pending));
                return isMade || await OpenRotations.FindAsync(db, found, current, cancellationToken) is not null ? null : found;
            },
            cancellationToken);
        if (wanted is not null && (await MintAsync(caller, wanted.Id, cancellationToken)).UnderWay)
        {
            throw new ConflictException("minting", $"The new value of {key} is being made still. Ask for the rotation again in a minute; it will take that value.");
        }
    }

    private async Task<MintView> WaitAsync(Guid id, Guid wish, CancellationToken cancellationToken)
    {
        var until = time.GetTimestamp();
        while (true)
        {
            var state = await work.ReadAsync(async db => ProviderState.Of(await db.SecretReferences.AsNoTracking().FirstAsync(r => r.Id == id, cancellationToken)), cancellationToken);
            if (state.Last is { } last && last.Id == wish)
            {
                return last.Code.Length == 0 ? new MintView(last.Version, UnderWay: false) : throw new ConflictException(last.Code, last.Message);
            }

            if (time.GetElapsedTime(until) >= Patience)
            {
                return new MintView("", UnderWay: true);
            }

            await Task.Delay(Between, time, cancellationToken);
        }
    }
}
