using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clouds;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>Builds the objects that the portal writes itself.</summary>
internal static class ManifestObjects
{
    public static JsonObject Namespace(string ns, IReadOnlyDictionary<string, string> labels) =>
        new()
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = ns, ["labels"] = Labels(labels) },
        };

    public static JsonObject Secret(
        string ns,
        string name,
        IReadOnlyDictionary<string, SecretValue> data,
        IReadOnlyDictionary<string, string> labels,
        string type = "Opaque"
    )
    {
        var values = new JsonObject();
        foreach (var (key, value) in data)
        {
            values[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value.Reveal()));
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = ns,
                ["labels"] = Labels(labels),
            },

            // Immutable: a version's name always means the same content, and kubelets need not watch it.
            ["immutable"] = true,
            ["type"] = type,
            ["data"] = values,
        };
    }

    /// <summary>The content of a <c>kubernetes.io/dockerconfigjson</c> Secret.</summary>
    public static IReadOnlyDictionary<string, SecretValue> PullSecretData(string server, string user, SecretValue password)
    {
        var auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password.Reveal()}"));
        var config = new JsonObject
        {
            ["auths"] = new JsonObject
            {
                [server] = new JsonObject
                {
                    ["username"] = user,
                    ["password"] = password.Reveal(),
                    ["auth"] = auth,
                },
            },
        };
        return new Dictionary<string, SecretValue>(StringComparer.Ordinal) { [".dockerconfigjson"] = new(config.ToJsonString()) };
    }

    /// <summary>These labels, and whose it is.</summary>
    public static JsonObject Labels(IReadOnlyDictionary<string, string> labels)
    {
        var result = new JsonObject { [ClusterLabels.ManagedBy] = ClusterLabels.Manager };
        foreach (var (key, value) in labels)
        {
            result[key] = value;
        }

        return result;
    }
}
