using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Access;

/// <summary>
/// RBAC: what somebody's bound roles allow, in the whole cluster or in one namespace. Aggregated roles are not added up, and
/// nothing stops a role's writer from granting more than they have.
/// </summary>
internal sealed class Authorizer(ObjectStore store)
{
    // What an API server's own roles system:discovery and system:basic-user give to everybody who is let in.
    private static readonly JsonObject[] Everybody =
    [
        new()
        {
            ["verbs"] = new JsonArray("get"),
            ["nonResourceURLs"] = new JsonArray(
                "/api",
                "/api/*",
                "/apis",
                "/apis/*",
                "/healthz",
                "/livez",
                "/openapi",
                "/openapi/*",
                "/readyz",
                "/version",
                "/version/"
            ),
        },
        new()
        {
            ["verbs"] = new JsonArray("create"),
            ["apiGroups"] = new JsonArray("authorization.k8s.io", "authentication.k8s.io"),
            ["resources"] = new JsonArray("selfsubjectaccessreviews", "selfsubjectrulesreviews", "selfsubjectreviews"),
        },
    ];

    public bool Allows(Subject subject, AccessRequest access) =>
        subject.IsMaster || RulesOf(subject, access.Namespace).Any(rule => Covers(rule, access));

    /// <summary>The rules in force in a namespace; cluster-wide ones are in force everywhere.</summary>
    public IEnumerable<JsonObject> RulesOf(Subject subject, string ns)
    {
        var everywhere = store.PeekAll(ResourceTypes.ClusterRoleBindings).Items;
        var here = ns.Length > 0 ? store.PeekAll(ResourceTypes.RoleBindings, ns).Items : [];
        return Everybody.Concat(
            everywhere
                .Concat(here)
                .Where(binding => binding.Child("subjects").Objects().Any(bound => subject.Is(bound, binding.Namespace())))
                .Select(binding =>
                    binding["roleRef"].Text("kind") == "ClusterRole"
                        ? store.Peek(ResourceTypes.ClusterRoles, "", binding["roleRef"].Text("name") ?? "")
                        : store.Peek(ResourceTypes.Roles, binding.Namespace(), binding["roleRef"].Text("name") ?? "")
                )
                .SelectMany(role => role.Child("rules").Objects())
        );
    }

    private static bool Covers(JsonObject rule, AccessRequest access) =>
        Has(rule, "verbs", access.Verb)
        && (
            access.Resource.Length == 0
                ? EnumNames(rule, "nonResourceURLs")
                    .Any(url =>
                        url == "*"
                        || url == access.Path
                        || (url.EndsWith('*') && access.Path.StartsWith(url[..^1], StringComparison.Ordinal))
                    )
                : Has(rule, "apiGroups", access.Group)
                    && OfResource(rule, access.Resource)
                    && (
                        !EnumNames(rule, "resourceNames").Any()
                        || EnumNames(rule, "resourceNames").Contains(access.Name, StringComparer.Ordinal)
                    )
        );

    // "*" is every resource; "*/scale" is that part of each.
    private static bool OfResource(JsonObject rule, string resource) =>
        EnumNames(rule, "resources")
            .Any(r =>
                r == "*"
                || r == resource
                || (r.StartsWith("*/", StringComparison.Ordinal) && resource.EndsWith(r[1..], StringComparison.Ordinal))
            );

    private static bool Has(JsonObject rule, string list, string word) => EnumNames(rule, list).Any(w => w == "*" || w == word);

    private static IEnumerable<string> EnumNames(JsonObject rule, string list) =>
        (rule[list] as JsonArray ?? []).Select(w => w?.ToString() ?? "");
}
