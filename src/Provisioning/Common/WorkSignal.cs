using System.Threading.Channels;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>
/// Says that the queue may hold work. It carries no data and may ring needlessly or not at all: the table is the queue, and the
/// reconciler rings every few seconds for whatever was missed.
/// </summary>
public class WorkSignal
{
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );

    /// <summary>Rings; never waits.</summary>
    public void Ring() => signal.Writer.TryWrite(true);

    internal async Task WaitAsync(CancellationToken cancellationToken) => await signal.Reader.ReadAsync(cancellationToken);
}
