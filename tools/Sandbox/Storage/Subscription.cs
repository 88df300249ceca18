using System.Threading.Channels;

namespace Portkey.Portal.Sandbox.Storage;

/// <summary>A reader of the change feed. Dispose it to stop; it ends by itself when the reader falls hopelessly behind.</summary>
internal sealed class Subscription(ObjectStore store, ResourceType? type) : IDisposable
{
    private const int Capacity = 8192;

    private readonly Channel<WatchEvent> _channel = Channel.CreateBounded<WatchEvent>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
    );

    public ChannelReader<WatchEvent> Events => _channel.Reader;

    public IAsyncEnumerable<WatchEvent> ReadAllAsync(CancellationToken cancellation) => _channel.Reader.ReadAllAsync(cancellation);

    public void Dispose()
    {
        store.Unsubscribe(this);
        _channel.Writer.TryComplete();
    }

    /// <summary>Called under the store's lock.</summary>
    internal void Offer(WatchEvent change)
    {
        if ((type is null || type == change.Type) && !_channel.Writer.TryWrite(change))
        {
            // A watcher that lost an event may not go on as if nothing happened: it ends and its owner lists again.
            _channel.Writer.TryComplete();
        }
    }
}
