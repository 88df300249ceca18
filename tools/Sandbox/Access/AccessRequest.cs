using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Access;

/// <summary>What a request wants to do, in RBAC's words. Without a resource it is about the path alone.</summary>
internal sealed record AccessRequest(string Verb, string Group, string Resource, string Namespace, string Name, string Path)
{
    private static readonly string[] Proxied = ["proxy", "exec", "attach", "portforward"];

    public static AccessRequest Of(HttpRequest request)
    {
        var path = request.Path.Value ?? "/";
        var parts = path.Trim('/').Split('/');
        string[] rest;
        string group;
        switch (parts)
        {
            case ["api", _, _, ..]:
                (group, rest) = ("", parts[2..]);
                break;
            case ["apis", _, _, _, ..]:
                (group, rest) = (parts[1], parts[3..]);
                break;
            default:
                return new(request.Method.ToLowerInvariant(), "", "", "", "", path);
        }

        var ns = "";
        if (rest is ["namespaces", _, _, ..] && rest[2] is not ("status" or "finalize"))
        {
            (ns, rest) = (rest[1], rest[2..]);
        }
        else if (rest is ["namespaces", var named, ..])
        {
            ns = named;
        }

        var name = rest.Length > 1 ? rest[1] : "";
        var subresource = rest.Length > 2 ? rest[2] : "";
        return new(
            VerbOf(request, name, subresource),
            group,
            subresource.Length > 0 ? $"{rest[0]}/{subresource}" : rest[0],
            ns,
            name,
            path
        );
    }

    /// <summary>Refusal in an API server's words.</summary>
    public KubeStatusException Refusal(Subject subject)
    {
        var resource = Group.Length == 0 || Resource.Length == 0 ? Resource : $"{Resource.Split('/')[0]}.{Group}";
        var where = Namespace.Length > 0 ? $" in the namespace \"{Namespace}\"" : " at the cluster scope";
        return new(
            403,
            "Forbidden",
            Resource.Length == 0
                ? $"forbidden: User \"{subject.Name}\" cannot {Verb} path \"{Path}\""
                : $"{resource}{(Name.Length > 0 ? $" \"{Name}\"" : "")} is forbidden: User \"{subject.Name}\" cannot {Verb} resource \"{Resource}\" in API group \"{Group}\"{where}"
        );
    }

    private static string VerbOf(HttpRequest request, string name, string subresource) =>
        request.Method switch
        {
            "GET" or "HEAD" when Proxied.Contains(subresource) => "get",
            "GET" or "HEAD" when request.Query["watch"].ToString() is "1" or "true" or "True" => "watch",
            "GET" or "HEAD" => name.Length > 0 ? "get" : "list",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => name.Length > 0 ? "delete" : "deletecollection",
            var other => other.ToLowerInvariant(),
        };
}
