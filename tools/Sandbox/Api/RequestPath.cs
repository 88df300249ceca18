using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api;

/// <summary>What a path under /api or /apis names.</summary>
internal sealed record RequestPath(ResourceType Type, string Namespace, string Name, string Subresource)
{
    /// <summary>Reads the path; nothing where it names no resource that this server knows.</summary>
    public static RequestPath? Parse(string path)
    {
        var parts = path.Trim('/').Split('/');
        return parts switch
        {
            ["api", "v1", .. var rest] => Parse("", "v1", rest),
            ["apis", var group, var version, .. var rest] => Parse(group, version, rest),
            _ => null,
        };
    }

    private static RequestPath? Parse(string group, string version, string[] rest)
    {
        switch (rest)
        {
            case ["namespaces", _, "status" or "finalize"] when group.Length == 0:
                return Of(group, version, rest[0], "", rest[1], rest[2]);
            case ["namespaces", var ns, var plural, .. var tail] when ns.Length > 0 && tail.Length <= 2:
                return
                    Of(group, version, plural, ns, tail.ElementAtOrDefault(0), tail.ElementAtOrDefault(1)) is { Type.Namespaced: true } path
                    ? path
                    : null;
            case [var plural] when plural.Length > 0:
                return Of(group, version, plural, "", null, null);
            case [var plural, var name] when name.Length > 0:
                return Of(group, version, plural, "", name, null) is { Type.Namespaced: false } one ? one : null;
            case [var plural, var name, var subresource] when name.Length > 0:
                return Of(group, version, plural, "", name, subresource) is { Type.Namespaced: false } sub ? sub : null;
            default:
                return null;
        }
    }

    private static RequestPath? Of(string group, string version, string plural, string ns, string? name, string? subresource) =>
        ResourceTypes.Find(group, version, plural) is { } type ? new RequestPath(type, ns, name ?? "", subresource ?? "") : null;
}
