using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>What the workload controllers share: store, events, pods from templates.</summary>
internal sealed class Workload(ObjectStore store, EventRecorder events, TimeProvider time)
{
    public ObjectStore Store => store;

    public DateTimeOffset Now => time.GetUtcNow();

    public void Record(JsonObject about, string component, NodeEvent happening) => events.Record(about, component, happening);

    /// <summary>A name for a template that changes when, and only when, the template does.</summary>
    public static string Hash(JsonNode? template)
    {
        const string letters = "bcdfghjklmnpqrstvwxz2456789";
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(template)?.ToJsonString() ?? ""));
        return string.Concat(hash.Take(10).Select(value => letters[value % letters.Length]));
    }

    /// <summary>Creates a pod after admission has looked at it. Refusals become an event and an exception.</summary>
    public JsonObject CreatePod(JsonObject owner, string component, string? name, JsonObject template, Action<JsonObject> shape)
    {
        var pod = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = template.Dig("metadata")?.DeepClone() ?? new JsonObject(),
            ["spec"] = template.Dig("spec")?.DeepClone() ?? new JsonObject(),
        };
        var metadata = pod.Meta();
        metadata.Remove("creationTimestamp");
        metadata["namespace"] = owner.Namespace();
        metadata["ownerReferences"] = Owners.Reference(owner);
        metadata[name is null ? "generateName" : "name"] = name ?? owner.Name() + "-";
        shape(pod);
        try
        {
            PodAdmission.Admit(store, pod);
            var created = store.Create(ResourceTypes.Pods, pod);
            Record(owner, component, NodeEvent.Normal("SuccessfulCreate", $"Created pod: {created.Name()}"));
            return created;
        }
        catch (KubeStatusException refusal)
        {
            Record(owner, component, NodeEvent.Warning("FailedCreate", $"Error creating: {refusal.Message}"));
            throw;
        }
    }

    public void DeletePod(JsonObject owner, string component, JsonObject pod)
    {
        try
        {
            store.Delete(ResourceTypes.Pods, pod.Namespace(), pod.Name(), new DeleteChoice(Uid: pod.Uid()));
            Record(owner, component, NodeEvent.Normal("SuccessfulDelete", $"Deleted pod: {pod.Name()}"));
        }
        catch (KubeStatusException)
        {
            // Gone already.
        }
    }

    /// <summary>Writes a status where it differs.</summary>
    public void WriteStatus(ResourceType type, JsonObject item, Action<JsonObject> change) =>
        store.Mutate(
            type,
            item.Namespace(),
            item.Name(),
            found =>
            {
                if (found.Uid() != item.Uid())
                {
                    return false;
                }

                var before = found["status"]?.DeepClone();
                change(found.Ensure("status"));
                return !JsonNode.DeepEquals(before, found["status"]);
            }
        );

    public static int Replicas(JsonObject item) => Math.Max(0, item.Int("spec", "replicas") ?? 1);

    // The order of fields is up to the writer and must not make a new revision.
    private static JsonNode? Canonical(JsonNode? node) =>
        node switch
        {
            JsonObject obj => new JsonObject(
                obj.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, Canonical(pair.Value)))
            ),
            JsonArray array => new JsonArray([.. array.Select(Canonical)]),
            _ => node?.DeepClone(),
        };
}
