using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Api.Pipeline;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>Streams changes, one JSON document a line, until the time is up or the caller goes.</summary>
internal sealed class WatchVerb(ObjectStore store, Faults faults, IHostApplicationLifetime lifetime)
{
    private static readonly TimeSpan _bookmarkEvery = TimeSpan.FromSeconds(60);

    public async Task WatchAsync(HttpContext context, RequestPath path)
    {
        var query = context.Request.Query;
        var watch = new Watch(
            path,
            View.Of(context.Request),
            LabelSelector.Parse(query["labelSelector"]),
            ReadFields(path, query["fieldSelector"])
        );
        var bookmarks = query["allowWatchBookmarks"] == "true";
        var initial = query["sendInitialEvents"] == "true";
        if (initial && query["resourceVersionMatch"] != "NotOlderThan")
        {
            throw new KubeStatusException(
                422,
                "Invalid",
                "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            );
        }

        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted,
            lifetime.ApplicationStopping,
            faults.Cut
        );
        cancel.CancelAfter(TimeSpan.FromSeconds(ReadTimeout(query["timeoutSeconds"])));
        context.Response.ContentType = watch.View.IsTable ? "application/json;as=Table;g=meta.k8s.io;v=v1" : Answer.Json;
        context.Response.Headers.CacheControl = "no-cache, private";
        await using var output = new WatchWriter(context.Response);

        Subscription? changes = null;
        try
        {
            changes = await StartAsync(watch, output, query["resourceVersion"].ToString(), initial, bookmarks);
            await PumpAsync(watch, changes, output, bookmarks, cancel.Token);
        }
        catch (KubeStatusException e) when (e.Code is 410 or 400)
        {
            await output.WriteAsync("ERROR", e.ToStatus());
        }
        catch (OperationCanceledException)
        {
            // Time is up: the stream just ends, as clients expect.
        }
        finally
        {
            changes?.Dispose();
        }
    }

    private async Task<Subscription> StartAsync(Watch watch, WatchWriter output, string asked, bool initial, bool bookmarks)
    {
        long after = 0;
        if (asked.Length > 0 && !long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out after))
        {
            throw KubeStatusException.BadRequest($"resourceVersion: Invalid value: \"{asked}\": must be a number");
        }

        if (after > 0 && !initial)
        {
            return store.Subscribe(watch.Path.Type, after);
        }

        var (items, version, changes) = store.ListAndSubscribe(watch.Path.Type, watch.Path.Namespace, watch.Labels, watch.Fields);
        foreach (var item in items)
        {
            await output.WriteAsync("ADDED", watch.Show(item));
        }

        if (initial && bookmarks)
        {
            await output.WriteAsync("BOOKMARK", watch.View.Bookmark(watch.Path.Type, version, initialEnd: true));
        }

        return changes;
    }

    private async Task PumpAsync(Watch watch, Subscription changes, WatchWriter output, bool bookmarks, CancellationToken cancellation)
    {
        await output.FlushAsync(cancellation);
        while (true)
        {
            var more = changes.Events.WaitToReadAsync(cancellation).AsTask();
            while (bookmarks && await Task.WhenAny(more, Task.Delay(_bookmarkEvery, cancellation)) != more)
            {
                cancellation.ThrowIfCancellationRequested();
                await output.WriteAsync("BOOKMARK", watch.View.Bookmark(watch.Path.Type, store.ResourceVersion, initialEnd: false));
                await output.FlushAsync(cancellation);
            }

            if (!await more)
            {
                return;
            }

            while (changes.Events.TryRead(out var change))
            {
                if (watch.Translate(change) is { } kind)
                {
                    await output.WriteAsync(
                        kind,
                        watch.Show(kind == "DELETED" && change.Kind is WatchKind.Modified ? Last(change) : change.Object)
                    );
                }
            }

            await output.FlushAsync(cancellation);
        }
    }

    /// <summary>An object that left the selection: its state before, at the version of the change.</summary>
    private static JsonObject Last(WatchEvent change)
    {
        var last = (JsonObject)change.Previous!.DeepClone();
        last.Meta()["resourceVersion"] = change.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        return last;
    }

    private static FieldSelector ReadFields(RequestPath path, string? text)
    {
        var single = path.Name.Length > 0 ? $"metadata.name={path.Name}" : "";
        return FieldSelector.Parse(path.Type, string.Join(',', new[] { text, single }.Where(t => !string.IsNullOrEmpty(t))));
    }

    private static double ReadTimeout(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? Math.Min(seconds, 86_400)
            : 1800 + (Random.Shared.NextDouble() * 1800);

    private sealed record Watch(RequestPath Path, View View, LabelSelector Labels, FieldSelector Fields)
    {
        private bool _shown;

        public JsonNode Show(JsonObject item)
        {
            var node = View.Event(Path.Type, item, !_shown);
            _shown = true;
            return node;
        }

        /// <summary>What a change means to this watch: entering the selection is ADDED, leaving it DELETED.</summary>
        public string? Translate(WatchEvent change)
        {
            if (Path.Namespace.Length > 0 && change.Namespace != Path.Namespace)
            {
                return null;
            }

            var now = Matches(change.Object);
            var before = change.Previous is { } previous && Matches(previous);
            return change.Kind switch
            {
                WatchKind.Added => now ? "ADDED" : null,
                WatchKind.Deleted => before || now ? "DELETED" : null,
                _ => (before, now) switch
                {
                    (true, true) => "MODIFIED",
                    (false, true) => "ADDED",
                    (true, false) => "DELETED",
                    _ => null,
                },
            };
        }

        private bool Matches(JsonObject item) => Labels.Matches(item) && Fields.Matches(item);
    }
}
