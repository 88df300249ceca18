using System.Globalization;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>Delete one object, or all that a selector finds.</summary>
internal sealed class DeleteVerbs(ObjectStore store)
{
    public async Task DeleteAsync(HttpContext context, RequestPath path)
    {
        var choice = await ReadChoiceAsync(context);
        var (item, gone) = store.Delete(path.Type, path.Namespace, path.Name, choice);
        if (!gone)
        {
            // Still there, marked: the caller sees in what state.
            await Answer.WriteAsync(context, 200, item);
            return;
        }

        var details = KubeStatusException.Describe(path.Type, path.Name);
        details["uid"] = item.Uid();
        await Answer.WriteAsync(
            context,
            200,
            new JsonObject
            {
                ["kind"] = "Status",
                ["apiVersion"] = "v1",
                ["metadata"] = new JsonObject(),
                ["status"] = "Success",
                ["details"] = details,
            }
        );
    }

    public async Task DeleteCollectionAsync(HttpContext context, RequestPath path)
    {
        var query = context.Request.Query;
        var labels = LabelSelector.Parse(query["labelSelector"]);
        var fields = FieldSelector.Parse(path.Type, query["fieldSelector"]);
        var choice = await ReadChoiceAsync(context);
        var (items, version) = store.PeekAll(path.Type, path.Namespace, labels, fields);
        foreach (var item in items)
        {
            try
            {
                store.Delete(path.Type, item.Namespace(), item.Name(), choice);
            }
            catch (KubeStatusException e) when (e.Code == 404)
            {
                // Gone already, which is what was asked for.
            }
        }

        using var body = new MemoryStream();
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        View.Of(context.Request).WriteList(body, path.Type, metadata, items);
        await Answer.WriteAsync(context, 200, body.GetBuffer().AsMemory(0, (int)body.Length));
    }

    private static async Task<DeleteChoice> ReadChoiceAsync(HttpContext context)
    {
        var dryRun = WriteOptions.Of(context.Request).DryRun;
        var query = context.Request.Query;
        var bytes = await BodyReader.ReadAsync(context.Request, context.RequestAborted);
        var body =
            bytes.Length == 0
                ? null
                : (BodyReader.MediaType(context.Request) == ProtoReader.MediaType ? ProtoReader.Parse(bytes) : BodyReader.Yaml(bytes))
                    as JsonObject
                    ?? throw KubeStatusException.BadRequest("the body is not a DeleteOptions object");
        var propagation = body.Text("propagationPolicy") ?? query["propagationPolicy"].ToString();
        var orphan = body.Flag("orphanDependents") == true || query["orphanDependents"] == "true";
        long? grace = body.Number("gracePeriodSeconds");
        if (grace is null && long.TryParse(query["gracePeriodSeconds"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            grace = seconds;
        }

        if (body.Child("dryRun") is JsonArray { Count: > 0 })
        {
            dryRun = true;
        }

        return new DeleteChoice(
            propagation switch
            {
                "Foreground" => Propagation.Foreground,
                "Orphan" => Propagation.Orphan,
                "" or "Background" => orphan ? Propagation.Orphan : Propagation.Background,
                _ => throw new KubeStatusException(
                    422,
                    "Invalid",
                    $"DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: Unsupported value: \"{propagation}\": supported values: \"Foreground\", \"Background\", \"Orphan\""
                ),
            },
            grace,
            body.Child("preconditions").Text("uid"),
            body.Child("preconditions").Text("resourceVersion"),
            dryRun
        );
    }
}
