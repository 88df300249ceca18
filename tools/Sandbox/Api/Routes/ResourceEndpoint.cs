using Portkey.Portal.Sandbox.Access;
using Portkey.Portal.Sandbox.Api.Verbs;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Routes;

/// <summary>Sends a request to the verb that it means.</summary>
internal sealed class ResourceEndpoint(
    ReadVerbs read,
    WatchVerb watch,
    WriteVerbs write,
    DeleteVerbs delete,
    ScaleVerbs scale,
    PodVerbs pods,
    Reviews reviews,
    ServiceAccountTokens tokens
)
{
    public Task HandleAsync(HttpContext context)
    {
        var method = context.Request.Method;
        if (RequestPath.Parse(context.Request.Path.Value ?? "") is not { } path)
        {
            throw new KubeStatusException(404, "NotFound", "the server could not find the requested resource");
        }

        if (path.Type.Ability is ResourceAbility.CreateOnly)
        {
            return method == "POST" && path.Name.Length == 0
                ? reviews.CreateAsync(context, path)
                : throw KubeStatusException.NotAllowed(method);
        }

        return path.Subresource switch
        {
            "" when path.Name.Length == 0 => Collection(context, path, method),
            "" => Item(context, path, method),
            "status" when path.Type.HasStatus => method is "GET" or "HEAD" or "PUT" or "PATCH"
                ? Item(context, path, method)
                : throw KubeStatusException.NotAllowed(method),
            "finalize" when path.Type == ResourceTypes.Namespaces && method == "PUT" => write.UpdateAsync(context, path),
            "scale" when path.Type.HasScale => scale.HandleAsync(context, path, method),
            "log" when path.Type == ResourceTypes.Pods => method == "GET"
                ? pods.LogAsync(context, path)
                : throw KubeStatusException.NotAllowed(method),
            "binding" when path.Type == ResourceTypes.Pods && method == "POST" => pods.BindAsync(context, path),
            "eviction" when path.Type == ResourceTypes.Pods && method == "POST" => pods.EvictAsync(context, path),
            "token" when path.Type == ResourceTypes.ServiceAccounts && method == "POST" => tokens.CreateAsync(context, path),
            _ => throw new KubeStatusException(404, "NotFound", "the server could not find the requested resource"),
        };
    }

    private Task Collection(HttpContext context, RequestPath path, string method) =>
        method switch
        {
            "GET" or "HEAD" when IsWatch(context) => watch.WatchAsync(context, path),
            "GET" or "HEAD" => read.ListAsync(context, path),
            "POST" when path.Namespace.Length > 0 || !path.Type.Namespaced => write.CreateAsync(context, path),
            "DELETE" when path.Namespace.Length > 0 || !path.Type.Namespaced => delete.DeleteCollectionAsync(context, path),
            _ => throw KubeStatusException.NotAllowed(method),
        };

    private Task Item(HttpContext context, RequestPath path, string method) =>
        method switch
        {
            "GET" or "HEAD" when IsWatch(context) => watch.WatchAsync(context, path),
            "GET" or "HEAD" => read.GetAsync(context, path),
            "PUT" => write.UpdateAsync(context, path),
            "PATCH" => write.PatchAsync(context, path),
            "DELETE" => delete.DeleteAsync(context, path),
            _ => throw KubeStatusException.NotAllowed(method),
        };

    private static bool IsWatch(HttpContext context) => context.Request.Query["watch"].ToString() is "1" or "true" or "True";
}
