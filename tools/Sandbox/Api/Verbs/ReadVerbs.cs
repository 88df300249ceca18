using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>Get and list.</summary>
internal sealed class ReadVerbs(ObjectStore store)
{
    public Task GetAsync(HttpContext context, RequestPath path)
    {
        var view = View.Of(context.Request);
        CheckVersion(context.Request.Query["resourceVersion"], "");
        var item = store.Peek(path.Type, path.Namespace, path.Name) ?? throw KubeStatusException.NotFound(path.Type, path.Name);
        return Answer.WriteAsync(context, 200, view.One(path.Type, item));
    }

    public async Task ListAsync(HttpContext context, RequestPath path)
    {
        var query = context.Request.Query;
        var view = View.Of(context.Request);
        var labels = LabelSelector.Parse(query["labelSelector"]);
        var fields = FieldSelector.Parse(path.Type, query["fieldSelector"]);
        var start = ReadContinue(query["continue"]);
        if (start is null)
        {
            CheckVersion(query["resourceVersion"], query["resourceVersionMatch"].ToString());
        }

        var (items, version) = store.PeekAll(path.Type, path.Namespace, labels, fields);
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (start is not null)
        {
            items = items.FindAll(i => string.CompareOrdinal(KeyOf(i), start) > 0);
        }

        if (
            int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
            && limit > 0
            && items.Count > limit
        )
        {
            metadata["remainingItemCount"] = items.Count - limit;
            items = items[..limit];
            metadata["continue"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{version} {KeyOf(items[^1])}"));
        }

        using var body = new MemoryStream(64 * 1024);
        view.WriteList(body, path.Type, metadata, items);
        await Answer.WriteAsync(context, 200, body.GetBuffer().AsMemory(0, (int)body.Length));
    }

    private static string KeyOf(JsonObject item) => item.Namespace() + "/" + item.Name();

    /// <summary>Pages go by key, so that nothing is listed twice or forgotten; a token from before a compaction is 410.</summary>
    private string? ReadContinue(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return null;
        }

        var buffer = new byte[token.Length];
        if (
            !Convert.TryFromBase64String(token, buffer, out var length)
            || Encoding.UTF8.GetString(buffer, 0, length).Split(' ', 2) is not [var version, var key]
            || !long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
        )
        {
            throw KubeStatusException.BadRequest("continue key is not valid");
        }

        if (at < store.OldestVersion)
        {
            throw new KubeStatusException(
                410,
                "Expired",
                "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter."
            );
        }

        return key;
    }

    private void CheckVersion(string? asked, string match)
    {
        if (string.IsNullOrEmpty(asked) || asked == "0")
        {
            return;
        }

        if (!long.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
        {
            throw KubeStatusException.BadRequest($"resourceVersion: Invalid value: \"{asked}\": must be a number");
        }

        var current = store.ResourceVersion;
        if (version > current)
        {
            var cause = new JsonObject { ["reason"] = "ResourceVersionTooLarge", ["message"] = "Too large resource version" };
            var details = new JsonObject { ["retryAfterSeconds"] = 1, ["causes"] = new JsonArray(cause) };
            throw new KubeStatusException(504, "Timeout", $"Timeout: Too large resource version: {version}, current: {current}", details);
        }

        if (match == "Exact" && version != current)
        {
            throw KubeStatusException.Expired(version, current);
        }
    }
}
