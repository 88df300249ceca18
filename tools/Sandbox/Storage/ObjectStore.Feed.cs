using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Storage;

/// <summary>The change feed: live subscribers, and a bounded history for watches that resume.</summary>
internal sealed partial class ObjectStore
{
    private const int HistoryLength = 4096;

    private readonly Queue<WatchEvent> _history = new();
    private readonly List<Subscription> _subscriptions = [];
    private long _oldest = 1;

    /// <summary>The resource version up to which the history is forgotten.</summary>
    public long OldestVersion
    {
        get
        {
            lock (_gate)
            {
                return _oldest;
            }
        }
    }

    /// <summary>Called after each change, under the lock: be brief.</summary>
    internal Action? Changed { get; set; }

    /// <summary>
    /// Follows the changes of one type, or of all, from now on; or from just after a resource version, which is 410
    /// when that is longer ago than the history reaches.
    /// </summary>
    public Subscription Subscribe(ResourceType? type = null, long? after = null)
    {
        lock (_gate)
        {
            var subscription = new Subscription(this, type);
            if (after is { } version)
            {
                if (version < _oldest)
                {
                    throw KubeStatusException.Expired(version, _oldest);
                }

                foreach (var change in _history)
                {
                    if (change.ResourceVersion > version)
                    {
                        subscription.Offer(change);
                    }
                }
            }

            _subscriptions.Add(subscription);
            return subscription;
        }
    }

    /// <summary>The current objects and every change after them, with nothing lost or twice in between.</summary>
    public (List<JsonObject> Items, long ResourceVersion, Subscription Changes) ListAndSubscribe(
        ResourceType type,
        string? ns = null,
        LabelSelector? labels = null,
        FieldSelector? fields = null
    )
    {
        lock (_gate)
        {
            var (items, version) = PeekAll(type, ns, labels, fields);
            return (items, version, Subscribe(type));
        }
    }

    internal void Unsubscribe(Subscription subscription)
    {
        lock (_gate)
        {
            _subscriptions.Remove(subscription);
        }
    }

    /// <summary>Forgets the history, as compaction does: every older watch gets 410.</summary>
    internal void Compact()
    {
        lock (_gate)
        {
            _history.Clear();
            _oldest = _version;
        }
    }

    private void Publish(WatchEvent change)
    {
        _history.Enqueue(change);
        if (_history.Count > HistoryLength)
        {
            _oldest = _history.Dequeue().ResourceVersion;
        }

        foreach (var subscription in _subscriptions)
        {
            subscription.Offer(change);
        }

        Changed?.Invoke();
    }

    /// <summary>Everything there is, for the snapshot file. The objects are shared: read only.</summary>
    internal (long ResourceVersion, List<(ResourceType Type, JsonObject Item)> Items) Export()
    {
        lock (_gate)
        {
            // Definitions first: whoever reads the file has to know a kind before its objects.
            return (
                _version,
                [
                    .. _tables
                        .OrderBy(t => t.Key == ResourceTypes.CustomResourceDefinitions ? 0 : 1)
                        .SelectMany(t => t.Value.Values, (t, item) => (t.Key, item)),
                ]
            );
        }
    }

    /// <summary>Takes over a snapshot at start. Earlier watches cannot resume: clients list again.</summary>
    internal void Import(long version, IEnumerable<(ResourceType Type, JsonObject Item)> items)
    {
        lock (_gate)
        {
            foreach (var (type, item) in items)
            {
                Table(type)[KeyOf(type, item.Namespace(), item.Name())] = item;
                if (type == ResourceTypes.CustomResourceDefinitions)
                {
                    ResourceTypes.Learn(item);
                }
            }

            _version = Math.Max(_version, version);
            _oldest = _version;
        }
    }
}
