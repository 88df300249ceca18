using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Writes events; one that repeats is counted, and old ones go, as in a cluster.</summary>
internal sealed class EventRecorder(ObjectStore store, TimeProvider time)
{
    private static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);
    private DateTimeOffset _swept = time.GetUtcNow();

    public void Record(JsonObject about, string component, NodeEvent happening)
    {
        Sweep();
        var ns = about.Namespace() is { Length: > 0 } own ? own : "default";
        var key = string.Join('\n', about.Uid(), component, happening.Type, happening.Reason, happening.Message, happening.FieldPath);
        var now = time.GetUtcNow().Stamp();
        if (_names.TryGetValue(key, out var known))
        {
            var counted = store.Mutate(
                ResourceTypes.Events,
                ns,
                known,
                item =>
                {
                    item["count"] = (item.Int("count") ?? 1) + 1;
                    item["lastTimestamp"] = now;
                    return true;
                }
            );
            if (counted is not null)
            {
                return;
            }
        }

        var name = $"{about.Name()[..Math.Min(about.Name().Length, 230)]}.{Guid.NewGuid().ToString("N")[..16]}";
        try
        {
            store.Create(ResourceTypes.Events, Build(about, component, happening, ns, name, now));
            _names[key] = name;
        }
        catch (KubeStatusException)
        {
            // The namespace is going: nobody will read the event.
        }
    }

    private static JsonObject Build(JsonObject about, string component, NodeEvent happening, string ns, string name, string now)
    {
        var involved = new JsonObject
        {
            ["kind"] = about.Text("kind"),
            ["namespace"] = about.Text("metadata", "namespace"),
            ["name"] = about.Name(),
            ["uid"] = about.Uid(),
            ["apiVersion"] = about.Text("apiVersion"),
            ["resourceVersion"] = about.Text("metadata", "resourceVersion"),
        };
        if (happening.FieldPath is { } path)
        {
            involved["fieldPath"] = path;
        }

        var source = new JsonObject { ["component"] = component };
        if (component == "kubelet" && about.Text("spec", "nodeName") is { } host)
        {
            source["host"] = host;
        }

        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
            ["involvedObject"] = involved,
            ["reason"] = happening.Reason,
            ["message"] = happening.Message.Length > 1024 ? happening.Message[..1024] : happening.Message,
            ["source"] = source,
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
            ["type"] = happening.Type,
            ["eventTime"] = null,
            ["reportingComponent"] = component,
            ["reportingInstance"] = source.Text("host") ?? "",
        };
    }

    private void Sweep()
    {
        var now = time.GetUtcNow();
        if (now - _swept < Kept / 12)
        {
            return;
        }

        _swept = now;
        foreach (
            var old in store.PeekAll(ResourceTypes.Events).Items.Where(item => item.Time("lastTimestamp") is { } last && now - last > Kept)
        )
        {
            try
            {
                store.Delete(ResourceTypes.Events, old.Namespace(), old.Name());
            }
            catch (KubeStatusException)
            {
                // Gone already.
            }
        }

        foreach (var (key, name) in _names)
        {
            if (!store.PeekAll(ResourceTypes.Events).Items.Exists(item => item.Name() == name))
            {
                _names.TryRemove(key, out _);
            }
        }
    }
}
