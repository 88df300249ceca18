using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Apply;
using Portkey.Portal.Sandbox.Patching;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>The scale subresource: the number of replicas, seen as an object of its own.</summary>
internal sealed class ScaleVerbs(ObjectStore store)
{
    public async Task HandleAsync(HttpContext context, RequestPath path, string method)
    {
        if (method is "GET" or "HEAD")
        {
            await Answer.WriteAsync(context, 200, ScaleOf(Current(path)));
            return;
        }

        var options = WriteOptions.Of(context.Request);
        Func<JsonObject, JsonObject> change;
        if (method == "PUT")
        {
            var body = await BodyReader.ObjectAsync(context.Request, context.RequestAborted);
            change = _ => body;
        }
        else if (method == "PATCH")
        {
            var media = BodyReader.MediaType(context.Request);
            var bytes = await BodyReader.ReadAsync(context.Request, context.RequestAborted);
            var patch = media switch
            {
                Patches.Json => Patches.Parse(media, bytes),
                Patches.Merge or Patches.Strategic => Patches.Parse(Patches.Merge, bytes),
                "application/apply-patch+yaml" => (_, current) => (JsonObject)MergePatch.Apply(current, BodyReader.Yaml(bytes))!,
                _ => throw BodyReader.Unsupported(media, $"{Patches.Json}, {Patches.Merge}"),
            };
            change = scale => patch(path.Type, scale);
        }
        else
        {
            throw KubeStatusException.NotAllowed(method);
        }

        await Answer.WriteAsync(context, 200, ScaleOf(Save(path, options, change)));
    }

    private JsonObject Save(RequestPath path, WriteOptions options, Func<JsonObject, JsonObject> change)
    {
        var current = Current(path);
        var scale = change(ScaleOf(current));
        if (scale["metadata"].Text("resourceVersion") is { Length: > 0 } asked && asked != current["metadata"].Text("resourceVersion"))
        {
            throw KubeStatusException.Conflict(path.Type, path.Name);
        }

        var replicas = scale["spec"].Child("replicas") is null ? 0 : scale["spec"].Number("replicas");
        if (replicas is null or < 0 or > int.MaxValue)
        {
            throw new KubeStatusException(
                422,
                "Invalid",
                $"Scale.autoscaling \"{path.Name}\" is invalid: spec.replicas: Invalid value: must be greater than or equal to 0",
                KubeStatusException.Describe(
                    path.Type,
                    path.Name,
                    [
                        new JsonObject
                        {
                            ["reason"] = "FieldValueInvalid",
                            ["message"] = "must be greater than or equal to 0",
                            ["field"] = "spec.replicas",
                        },
                    ]
                )
            );
        }

        var next = (JsonObject)current.DeepClone();
        (next.Spec() ?? (JsonObject)(next["spec"] = new JsonObject()))["replicas"] = replicas;
        ManagedFields.TrackUpdate(path.Type, current, next, options.ManagerFor(false, "scale"));
        return store.Update(path.Type, next, current["metadata"].Text("resourceVersion"), options.DryRun);
    }

    private JsonObject Current(RequestPath path) =>
        store.Get(path.Type, path.Namespace, path.Name) ?? throw KubeStatusException.NotFound(path.Type, path.Name);

    private static JsonObject ScaleOf(JsonObject item)
    {
        var labels = item["spec"].At("selector", "matchLabels") as JsonObject ?? item["spec"].Child("selector") as JsonObject ?? [];
        var metadata = new JsonObject();
        foreach (var key in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            metadata[key] = item["metadata"].Child(key)?.DeepClone();
        }

        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = item["spec"].Number("replicas") ?? 0 },
            ["status"] = new JsonObject
            {
                ["replicas"] = item["status"].Number("replicas") ?? 0,
                ["selector"] = string.Join(',', labels.Where(p => p.Value is JsonValue).Select(p => $"{p.Key}={p.Value}")),
            },
        };
    }
}
