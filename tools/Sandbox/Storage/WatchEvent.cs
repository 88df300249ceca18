using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Storage;

/// <summary>What happened to an object.</summary>
internal enum WatchKind
{
    Added,
    Modified,
    Deleted,
}

/// <summary>
/// One change, in the order of resource versions. <see cref="Object"/> and <see cref="Previous"/> are shared
/// snapshots: read them, never write to them.
/// </summary>
internal sealed record WatchEvent(WatchKind Kind, ResourceType Type, JsonObject Object, JsonObject? Previous, long ResourceVersion)
{
    public string Name => Object.Name();

    public string Namespace => Object.Namespace();
}
