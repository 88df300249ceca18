using System.Collections.Concurrent;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>
/// Tells pages of this process that something changed, so that they read again. It carries no data: what a page shows always comes
/// from the database, with its authorisation. Other processes are covered by the pages' own slow polling.
/// </summary>
public sealed class LiveUpdates
{
    private readonly ConcurrentDictionary<Guid, (string Topic, Action Changed)> subscribers = new();

    /// <summary>Topic of everything.</summary>
    public const string All = "*";

    /// <summary>Calls back, on any thread, after each change of the topic: an environment's, request's or operation's id, or
    /// <see cref="All"/>.</summary>
    public IDisposable Subscribe(string topic, Action changed)
    {
        var key = Guid.NewGuid();
        subscribers[key] = (topic, changed);
        return new Subscription(() => subscribers.TryRemove(key, out _));
    }

    /// <summary>Tells the topic's subscribers and those of everything. Call it after the commit.</summary>
    public void Publish(params IEnumerable<Guid> ids)
    {
        var topics = ids.Select(i => i.ToString()).ToHashSet(StringComparer.Ordinal);
        foreach (var (topic, changed) in subscribers.Values)
        {
            if (topic == All || topics.Contains(topic))
            {
                changed();
            }
        }
    }

    private sealed class Subscription(Action dispose) : IDisposable
    {
        public void Dispose() => dispose();
    }
}
