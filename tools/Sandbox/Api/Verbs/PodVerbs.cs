using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Kubelet;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Verbs;

/// <summary>What can be done with pods alone: read their logs, bind and evict them.</summary>
internal sealed class PodVerbs(ObjectStore store, IServiceProvider services)
{
    public async Task LogAsync(HttpContext context, RequestPath path)
    {
        var pod = Pod(path);
        var query = context.Request.Query;
        var containers = pod["spec"]
            .Child("containers")
            .Objects()
            .Concat(pod["spec"].Child("initContainers").Objects())
            .Select(c => c.Text("name") ?? "")
            .ToList();
        var container = query["container"].ToString();
        if (container.Length == 0)
        {
            container =
                pod["metadata"].At("annotations").Text("kubectl.kubernetes.io/default-container") ?? containers.FirstOrDefault() ?? "";
        }

        if (!containers.Contains(container, StringComparer.Ordinal))
        {
            throw KubeStatusException.BadRequest($"container {container} is not valid for pod {path.Name}");
        }

        var logs = services.GetService<IPodLogs>() ?? throw new KubeStatusException(501, "NotImplemented", "no kubelet keeps logs here");
        var options = new PodLogOptions(
            container,
            query["follow"] == "true",
            query["previous"] == "true",
            query["timestamps"] == "true",
            (int?)Number(query, "tailLines"),
            (int?)Number(query, "sinceSeconds"),
            DateTimeOffset.TryParse(query["sinceTime"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
                ? since
                : null,
            Number(query, "limitBytes")
        );
        await SendAsync(context, logs.ReadAsync(path.Namespace, path.Name, options, context.RequestAborted));
    }

    public async Task BindAsync(HttpContext context, RequestPath path)
    {
        var body = await BodyReader.ObjectAsync(context.Request, context.RequestAborted);
        var node = body["target"].Text("name") ?? throw KubeStatusException.BadRequest("target.name is required");
        if (store.Peek(ResourceTypes.Nodes, "", node) is null)
        {
            throw KubeStatusException.NotFound(ResourceTypes.Nodes, node);
        }

        Pod(path);
        store.Mutate(
            ResourceTypes.Pods,
            path.Namespace,
            path.Name,
            pod =>
            {
                if (pod["spec"].Text("nodeName") is { Length: > 0 } taken)
                {
                    throw KubeStatusException.Conflict(
                        ResourceTypes.Pods,
                        path.Name,
                        $"pod {path.Name} is already assigned to node \"{taken}\""
                    );
                }

                pod.Spec()!["nodeName"] = node;
                return true;
            }
        );
        await Answer.WriteAsync(context, 201, Success());
    }

    /// <summary>Deletes the pod unless a disruption budget that covers it has nothing left to give.</summary>
    public async Task EvictAsync(HttpContext context, RequestPath path)
    {
        var bytes = await BodyReader.ReadAsync(context.Request, context.RequestAborted);
        var body =
            bytes.Length == 0 ? null
            : BodyReader.MediaType(context.Request) == ProtoReader.MediaType ? ProtoReader.Parse(bytes)
            : BodyReader.Yaml(bytes) as JsonObject;
        var pod = Pod(path);
        foreach (var budget in store.PeekAll(ResourceTypes.PodDisruptionBudgets, path.Namespace).Items)
        {
            if (
                LabelSelector.FromSpec(budget["spec"].Child("selector")).Matches(pod)
                && (budget["status"].Number("disruptionsAllowed") ?? 0) <= 0
            )
            {
                var cause = new JsonObject
                {
                    ["reason"] = "DisruptionBudget",
                    ["message"] = $"The disruption budget {budget.Name()} does not allow a disruption now",
                };
                throw new KubeStatusException(
                    429,
                    "TooManyRequests",
                    "Cannot evict pod as it would violate the pod's disruption budget.",
                    new JsonObject { ["causes"] = new JsonArray(cause) }
                );
            }
        }

        if (!WriteOptions.Of(context.Request).DryRun)
        {
            store.Delete(
                ResourceTypes.Pods,
                path.Namespace,
                path.Name,
                new DeleteChoice(GracePeriodSeconds: body.Child("deleteOptions").Number("gracePeriodSeconds"))
            );
        }

        await Answer.WriteAsync(context, 201, Success());
    }

    private static async Task SendAsync(HttpContext context, IAsyncEnumerable<string> lines)
    {
        var response = context.Response;
        await using var reader = lines.GetAsyncEnumerator(context.RequestAborted);

        // The first line decides between an error answer and a stream, so it is asked for before the headers go.
        var next = reader.MoveNextAsync().AsTask();
        if (await Task.WhenAny(next, Task.Delay(TimeSpan.FromMilliseconds(200), context.RequestAborted)) == next && next.IsFaulted)
        {
            await next;
        }

        response.ContentType = "text/plain";
        await response.StartAsync(context.RequestAborted);
        await response.Body.FlushAsync(context.RequestAborted);
        while (await next)
        {
            await response.Body.WriteAsync(Encoding.UTF8.GetBytes(reader.Current + "\n"), context.RequestAborted);
            next = reader.MoveNextAsync().AsTask();
            if (!next.IsCompleted)
            {
                await response.Body.FlushAsync(context.RequestAborted);
            }
        }
    }

    private JsonObject Pod(RequestPath path) =>
        store.Peek(ResourceTypes.Pods, path.Namespace, path.Name) ?? throw KubeStatusException.NotFound(ResourceTypes.Pods, path.Name);

    private static long? Number(IQueryCollection query, string key)
    {
        var text = query[key].ToString();
        return text.Length == 0 ? null
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw KubeStatusException.BadRequest($"{key}: Invalid value: \"{text}\": must be a number of at least 0");
    }

    private static JsonObject Success() =>
        new()
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["code"] = 201,
        };
}
