using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api;

/// <summary>A subresource as discovery lists it.</summary>
internal sealed record Subresource(string Name, string Group, string Version, string Kind, string[] Verbs);

/// <summary>Which subresources a type has.</summary>
internal static class Subresources
{
    private static readonly string[] _change = ["get", "patch", "update"];
    private static readonly string[] _proxy = ["create", "delete", "get", "patch", "update"];

    public static IEnumerable<Subresource> Of(ResourceType type)
    {
        if (type.HasStatus)
        {
            yield return new Subresource("status", type.Group, type.Version, type.Kind, _change);
        }

        if (type.HasScale)
        {
            yield return new Subresource("scale", "autoscaling", "v1", "Scale", _change);
        }

        if (type == ResourceTypes.Namespaces)
        {
            yield return new Subresource("finalize", "", "v1", "Namespace", ["update"]);
        }

        if (type == ResourceTypes.Services)
        {
            yield return new Subresource("proxy", "", "v1", "ServiceProxyOptions", _proxy);
        }

        if (type == ResourceTypes.ServiceAccounts)
        {
            yield return new Subresource("token", "authentication.k8s.io", "v1", "TokenRequest", ["create"]);
        }

        if (type == ResourceTypes.Pods)
        {
            yield return new Subresource("binding", "", "v1", "Binding", ["create"]);
            yield return new Subresource("eviction", "policy", "v1", "Eviction", ["create"]);
            yield return new Subresource("log", "", "v1", "Pod", ["get"]);
            yield return new Subresource("proxy", "", "v1", "PodProxyOptions", _proxy);
        }
    }
}
