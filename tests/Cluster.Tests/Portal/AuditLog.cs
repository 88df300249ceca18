using System.Text.Json.Nodes;

namespace Portkey.Portal.Cluster.Tests.Portal;

/// <summary>One right: a verb on a resource of a group, such as get of services/proxy in the core group.</summary>
public sealed record Right(string Group, string Resource, string Verb)
{
    public override string ToString() => $"{Verb} {Resource}{(Group.Length > 0 ? "." + Group : "")}";
}

/// <summary>What the API server noted about one user since a moment.</summary>
public sealed class AuditLog(string path, string user)
{
    private readonly long from = new FileInfo(path).Length;

    /// <summary>Rights that were used, and requests that were refused for want of one.</summary>
    public async Task<(HashSet<Right> Used, HashSet<Right> Missing)> ReadAsync()
    {
        HashSet<Right> used = [],
            missing = [];
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Position = from;
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync() is { } line)
        {
            if (
                line.Length == 0
                || JsonNode.Parse(line) is not { } entry
                || entry["user"]!["username"]!.GetValue<string>() != user
                || entry["objectRef"] is not { } of
            )
            {
                continue;
            }

            var (group, resource) = (of["apiGroup"]?.GetValue<string>() ?? "", of["resource"]!.GetValue<string>());
            var right = new Right(
                group,
                of["subresource"] is { } part ? $"{resource}/{part}" : resource,
                entry["verb"]!.GetValue<string>()
            );
            var allowed = entry["annotations"]?["authorization.k8s.io/decision"]?.GetValue<string>() != "forbid";
            (allowed ? used : missing).Add(right);

            // A server-side apply that makes the object needs the right to create too, which is asked for in passing.
            if (allowed && right.Verb == "patch" && entry["responseStatus"]?["code"]?.GetValue<int>() == 201)
            {
                used.Add(right with { Verb = "create" });
            }
        }

        return (used, missing);
    }

    /// <summary>Rights that a ClusterRole gives.</summary>
    public static HashSet<Right> Granted(JsonNode role) =>
        [
            .. from rule in role["rules"]!.AsArray()
            from @group in rule!["apiGroups"]!.AsArray()
            from resource in rule["resources"]!.AsArray()
            from verb in rule["verbs"]!.AsArray()
            select new Right(@group!.GetValue<string>(), resource!.GetValue<string>(), verb!.GetValue<string>()),
        ];
}
