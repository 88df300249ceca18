using System.Text.Json.Nodes;
using Portkey.Portal.Sandbox.Storage;

namespace Portkey.Portal.Sandbox.Api.Discovery;

/// <summary>The documents that tell clients which resources exist. Built again only when a CustomResourceDefinition came or went.</summary>
internal static class DiscoveryDocuments
{
    private static readonly string[] _verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private static readonly Lock _gate = new();
    private static (IReadOnlyList<ResourceType> Of, byte[] Groups, byte[] Aggregated) _current;

    public static JsonObject Version { get; } =
        new()
        {
            ["major"] = "1",
            ["minor"] = "35",
            ["gitVersion"] = ApiLimits.KubernetesVersion,
            ["gitCommit"] = "portkey-portal-sandbox",
            ["gitTreeState"] = "clean",
            ["buildDate"] = "2026-01-01T00:00:00Z",
            ["goVersion"] = "none",
            ["compiler"] = ".NET",
            ["platform"] = "linux/amd64",
        };

    public static byte[] Core { get; } =
        Answer.Bytes(
            new JsonObject
            {
                ["kind"] = "APIVersions",
                ["versions"] = new JsonArray("v1"),
                ["serverAddressByClientCIDRs"] = new JsonArray(),
            }
        );

    public static byte[] Groups => Current.Groups;

    public static byte[] CoreAggregated { get; } = Answer.Bytes(Aggregated(ResourceTypes.All.Where(t => t.Group.Length == 0)));

    public static byte[] GroupsAggregated => Current.Aggregated;

    private static (IReadOnlyList<ResourceType> Of, byte[] Groups, byte[] Aggregated) Current
    {
        get
        {
            lock (_gate)
            {
                var all = ResourceTypes.All;
                if (!ReferenceEquals(_current.Of, all))
                {
                    _current = (all, Answer.Bytes(GroupList()), Answer.Bytes(Aggregated(all.Where(t => t.Group.Length > 0))));
                }

                return _current;
            }
        }
    }

    private static JsonObject GroupList() =>
        new()
        {
            ["kind"] = "APIGroupList",
            ["apiVersion"] = "v1",
            ["groups"] = new JsonArray([.. GroupNames().Select(g => Group(g, false))]),
        };

    /// <summary>The document of one group, or nothing.</summary>
    public static JsonObject? Group(string name) => GroupNames().Contains(name, StringComparer.Ordinal) ? Group(name, true) : null;

    /// <summary>The resources of one group and version, or nothing.</summary>
    public static JsonObject? Resources(string group, string version)
    {
        var types = ResourceTypes.All.Where(t => t.Group == group && t.Version == version).ToList();
        if (types.Count == 0)
        {
            return null;
        }

        var list = new JsonArray();
        foreach (var type in types)
        {
            list.Add(Resource(type));
            foreach (var sub in Subresources.Of(type))
            {
                list.Add(
                    new JsonObject
                    {
                        ["name"] = $"{type.Plural}/{sub.Name}",
                        ["singularName"] = "",
                        ["namespaced"] = type.Namespaced,
                        ["group"] = sub.Group,
                        ["version"] = sub.Version,
                        ["kind"] = sub.Kind,
                        ["verbs"] = Strings(sub.Verbs),
                    }
                );
            }
        }

        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = types[0].ApiVersion,
            ["resources"] = list,
        };
    }

    private static IEnumerable<string> GroupNames() => ResourceTypes.All.Select(t => t.Group).Where(g => g.Length > 0).Distinct();

    private static JsonObject Group(string name, bool alone)
    {
        var version = new JsonObject { ["groupVersion"] = $"{name}/{VersionOf(name)}", ["version"] = VersionOf(name) };
        var group = new JsonObject
        {
            ["name"] = name,
            ["versions"] = new JsonArray(version),
            ["preferredVersion"] = version.DeepClone(),
        };
        if (alone)
        {
            group["kind"] = "APIGroup";
            group["apiVersion"] = "v1";
        }

        return group;
    }

    private static string VersionOf(string group) => ResourceTypes.All.First(t => t.Group == group).Version;

    private static JsonObject Resource(ResourceType type)
    {
        var resource = new JsonObject
        {
            ["name"] = type.Plural,
            ["singularName"] = type.Singular,
            ["namespaced"] = type.Namespaced,
            ["kind"] = type.Kind,
            ["verbs"] = Strings(VerbsOf(type)),
        };
        if (type.ShortNames.Length > 0)
        {
            resource["shortNames"] = Strings(type.ShortNames);
        }

        if (type.Categories is { } categories)
        {
            resource["categories"] = Strings(categories);
        }

        return resource;
    }

    private static JsonObject Aggregated(IEnumerable<ResourceType> types)
    {
        var items = new JsonArray();
        foreach (var group in types.GroupBy(t => t.Group))
        {
            var metadata = new JsonObject { ["creationTimestamp"] = null };
            if (group.Key.Length > 0)
            {
                metadata["name"] = group.Key;
            }

            items.Add(
                new JsonObject
                {
                    ["metadata"] = metadata,
                    ["versions"] = new JsonArray(
                        new JsonObject
                        {
                            ["version"] = group.First().Version,
                            ["freshness"] = "Current",
                            ["resources"] = new JsonArray([.. group.Select(AggregatedResource)]),
                        }
                    ),
                }
            );
        }

        return new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = "apidiscovery.k8s.io/v2",
            ["metadata"] = new JsonObject(),
            ["items"] = items,
        };
    }

    private static JsonObject AggregatedResource(ResourceType type)
    {
        var resource = new JsonObject
        {
            ["resource"] = type.Plural,
            ["responseKind"] = KindOf(type.Group, type.Version, type.Kind),
            ["scope"] = type.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = type.Singular,
            ["verbs"] = Strings(VerbsOf(type)),
        };
        if (type.ShortNames.Length > 0)
        {
            resource["shortNames"] = Strings(type.ShortNames);
        }

        if (type.Categories is { } categories)
        {
            resource["categories"] = Strings(categories);
        }

        var subs = new JsonArray([
            .. Subresources
                .Of(type)
                .Select(s => new JsonObject
                {
                    ["subresource"] = s.Name,
                    ["responseKind"] = KindOf(s.Group, s.Version, s.Kind),
                    ["verbs"] = Strings(s.Verbs),
                }),
        ]);
        if (subs.Count > 0)
        {
            resource["subresources"] = subs;
        }

        return resource;
    }

    private static JsonObject KindOf(string group, string version, string kind) =>
        new()
        {
            ["group"] = group,
            ["version"] = version,
            ["kind"] = kind,
        };

    private static string[] VerbsOf(ResourceType type) => type.Ability is ResourceAbility.CreateOnly ? ["create"] : _verbs;

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode)v)]);
}
