using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>What External Secrets is told (https://external-secrets.io/latest/api/externalsecret/). Pure.</summary>
internal static class ExternalSecretObjects
{
    public const string ApiVersion = "external-secrets.io/v1";

    /// <summary>The Secret with the gateway's environment variables.</summary>
    public static JsonObject OfEnvironment(SecretSet set, SecretDeliverySettings settings) =>
        Of(set, settings, set.Name, set.Environment, Template(set.Labels));

    /// <summary>The Secret by which nodes pull the image.</summary>
    public static JsonObject OfPull(SecretSet set, SecretDeliverySettings settings, PullSecret pull)
    {
        var template = Template(set.Labels);
        template["type"] = "kubernetes.io/dockerconfigjson";
        template["data"] = new JsonObject { [".dockerconfigjson"] = DockerConfig(pull) };
        return Of(
            set,
            settings,
            pull.Name,
            new Dictionary<string, SecretPin>(StringComparer.Ordinal)
            {
                [SettingKeys.RegistryPassword] = set.Pins[SettingKeys.RegistryPassword],
            },
            template
        );
    }

    /// <summary>Docker's configuration as a Go template over the password.</summary>
    public static string DockerConfig(PullSecret pull)
    {
        var password = $".{SettingKeys.RegistryPassword}";
        return "{\"auths\":{"
            + Quoted(pull.Server)
            + ":{\"username\":"
            + Quoted(pull.User)
            + ",\"password\":{{ "
            + password
            + " | toJson }},\"auth\":\"{{ print "
            + Quoted(pull.User + ":")
            + " "
            + password
            + " | b64enc }}\"}}}";
    }

    private static JsonObject Of(
        SecretSet set,
        SecretDeliverySettings settings,
        string name,
        IReadOnlyDictionary<string, SecretPin> pins,
        JsonObject template
    ) =>
        new()
        {
            ["apiVersion"] = ApiVersion,
            ["kind"] = "ExternalSecret",
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = set.Namespace,
                ["labels"] = ManifestObjects.Labels(set.Labels),
            },
            ["spec"] = new JsonObject
            {
                ["refreshInterval"] = settings.RefreshInterval,
                ["secretStoreRef"] = new JsonObject { ["kind"] = settings.StoreKind, ["name"] = settings.StoreName },
                ["target"] = new JsonObject
                {
                    ["name"] = name,

                    // Not owned by this object: the Secret has to outlive it where the cluster changes to another way.
                    ["creationPolicy"] = "Orphan",
                    ["deletionPolicy"] = "Retain",
                    ["immutable"] = true,
                    ["template"] = template,
                },
                ["data"] = new JsonArray([
                    .. pins.OrderBy(p => p.Key, StringComparer.Ordinal)
                        .Select(p => new JsonObject
                        {
                            ["secretKey"] = p.Key,
                            ["remoteRef"] = new JsonObject { ["key"] = VaultAddresses.NameOf(p.Value), ["version"] = p.Value.VaultVersion },
                        }),
                ]),
            },
        };

    private static JsonObject Template(IReadOnlyDictionary<string, string> labels) =>
        new()
        {
            ["engineVersion"] = "v2",
            ["metadata"] = new JsonObject { ["labels"] = ManifestObjects.Labels(labels) },
        };

    // Braces of what a user gave must not begin a template; as an escape it is the same string to JSON and to Go.
    private static string Quoted(string text) =>
        new StringBuilder(JsonSerializer.Serialize(text)).Replace("{", "\\u007b").Replace("}", "\\u007d").ToString();
}
