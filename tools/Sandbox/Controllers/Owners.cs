using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Objects;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Controllers;

/// <summary>Owner references: who made an object, and whose it is.</summary>
internal static class Owners
{
    public static JsonObject? Controller(JsonObject item) =>
        item.Items("metadata", "ownerReferences").FirstOrDefault(owner => owner.IsTrue("controller"));

    public static bool Controls(JsonObject owner, JsonObject item) => Controller(item).Text("uid") == owner.Uid();

    public static JsonArray Reference(JsonObject owner) =>
        [
            new JsonObject
            {
                ["apiVersion"] = owner.Text("apiVersion"),
                ["kind"] = owner.Text("kind"),
                ["name"] = owner.Name(),
                ["uid"] = owner.Uid(),
                ["controller"] = true,
                ["blockOwnerDeletion"] = true,
            },
        ];

    /// <summary>The owner of that kind whom a change to one of its objects concerns.</summary>
    public static IEnumerable<ObjectName> OfKind(JsonObject item, string kind) =>
        Controller(item) is { } owner && owner.Text("kind") == kind ? [new ObjectName(item.Namespace(), owner.Text("name") ?? "")] : [];

    public static List<JsonObject> Owned(ObjectStore store, ResourceType type, JsonObject owner) =>
        store.PeekAll(type, owner.Namespace()).Items.FindAll(item => Controls(owner, item));
}
