using Microsoft.Extensions.Options;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>
/// Slots for what people have rendered: checks, previews, proposals, trials of charts. They are separate from those of operations, and
/// people take turns, so that one who sends many delays nobody else.
/// </summary>
public sealed class RenderTurns
{
    private readonly FairTurns turns;

    /// <summary>Makes it.</summary>
    public RenderTurns(IOptions<ProvisioningOptions> options)
    {
        var (places, waiting) = (options.Value.RenderConcurrency, options.Value.RenderQueuePerPerson);
        turns = new FairTurns(places, Math.Max(1, places - 1), waiting);
    }

    /// <summary>Waits for the person's turn; disposing the result ends it.</summary>
    /// <exception cref="TooManyRequestsException">As many of this person's are waiting as is allowed.</exception>
    public Task<IDisposable> TakeAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return turns.TakeAsync(caller.PersonId, cancellationToken);
    }
}
