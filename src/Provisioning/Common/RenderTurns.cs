using Microsoft.Extensions.Options;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>
/// Places for what people have rendered: checks, previews, proposals, trials of charts. They are apart from the places of operations, and
/// people share them in turn, so that one who sends many holds up nobody but themselves.
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

    /// <summary>Waits for the person's turn; disposing what it answers with ends it.</summary>
    /// <exception cref="TooManyRequestsException">As much of this person's waits as may.</exception>
    public Task<IDisposable> TakeAsync(Caller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        return turns.TakeAsync(caller.PersonId, cancellationToken);
    }
}
