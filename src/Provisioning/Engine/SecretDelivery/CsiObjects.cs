using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Engine.SecretDelivery;

/// <summary>
/// What the Secrets Store CSI driver is told (https://secrets-store-csi-driver.sigs.k8s.io/), and the pod that it needs: it
/// makes a Secret only while some pod mounts the class. The gateway's own pods cannot be that pod, because the keys are looked at before
/// they are made, and because a volume in the chart's values would make what was approved depend on the cluster. Pure.
/// </summary>
internal static class CsiObjects
{
    public const string ApiVersion = "secrets-store.csi.x-k8s.io/v1";
    public const string Driver = "secrets-store.csi.k8s.io";

    /// <summary>On what syncs a Secret: its name.</summary>
    public const string SecretLabel = "portal.portkey.ai/secret";

    /// <summary>Service account of every environment that the cloud federates with:
    /// <c>system:serviceaccount:NAMESPACE:portkey-secrets</c>.</summary>
    public const string Account = "portkey-secrets";

    // Only a cloud whose vault clusters can read has this mode.
    private static IVaultDelivery Vault => KnownClouds.OfClusters.Delivery!;

    public static string DeploymentOf(string secret) => secret + "-sync";

    public static JsonObject ServiceAccount(SecretSet set, SecretDeliverySettings settings)
    {
        var account = Object("v1", "ServiceAccount", set, Account);
        account["metadata"]!["annotations"] = Vault.AccountAnnotations(settings.ClientId, settings.TenantId);
        account["automountServiceAccountToken"] = false;
        return account;
    }

    public static JsonObject Class(SecretSet set, SecretDeliverySettings settings)
    {
        var result = Object(ApiVersion, "SecretProviderClass", set, set.Name);
        result["spec"] = new JsonObject
        {
            ["provider"] = Vault.CsiProvider,
            ["parameters"] = Vault.CsiParameters(new Uri(settings.Vault!), settings.ClientId, settings.TenantId, Objects(set.Environment)),
            ["secretObjects"] = new JsonArray(
                new JsonObject
                {
                    ["secretName"] = set.Name,
                    ["type"] = "Opaque",
                    ["labels"] = ManifestObjects.Labels(set.Labels),
                    ["data"] = new JsonArray([
                        .. set
                            .Environment.Keys.Order(StringComparer.Ordinal)
                            .Select(k => new JsonObject { ["objectName"] = k, ["key"] = k }),
                    ]),
                }
            ),
        };
        return result;
    }

    public static JsonObject Deployment(SecretSet set)
    {
        var labels = new Dictionary<string, string>(set.Labels, StringComparer.Ordinal) { [SecretLabel] = set.Name };
        var result = Object("apps/v1", "Deployment", set, DeploymentOf(set.Name));
        result["metadata"]!["labels"] = ManifestObjects.Labels(labels);
        result["spec"] = new JsonObject
        {
            ["replicas"] = 1,
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { [SecretLabel] = set.Name } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = ManifestObjects.Labels(labels) },
                ["spec"] = Pod(set.Name),
            },
        };
        return result;
    }

    // As pod security 'restricted' wants it; by the uid of the image's own user, because nodes cannot look its name up.
    private static JsonObject Pod(string secret) =>
        new()
        {
            ["serviceAccountName"] = Account,
            ["automountServiceAccountToken"] = false,
            ["enableServiceLinks"] = false,
            ["terminationGracePeriodSeconds"] = 1,
            ["nodeSelector"] = new JsonObject { ["kubernetes.io/os"] = "linux" },
            ["securityContext"] = new JsonObject
            {
                ["runAsNonRoot"] = true,
                ["runAsUser"] = 65535,
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            },
            ["containers"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "sync",
                    ["image"] = Vault.PauseImage,
                    ["resources"] = new JsonObject
                    {
                        ["requests"] = new JsonObject { ["cpu"] = "10m", ["memory"] = "16Mi" },
                        ["limits"] = new JsonObject { ["cpu"] = "50m", ["memory"] = "32Mi" },
                    },
                    ["securityContext"] = new JsonObject
                    {
                        ["allowPrivilegeEscalation"] = false,
                        ["readOnlyRootFilesystem"] = true,
                        ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
                    },
                    ["volumeMounts"] = new JsonArray(
                        new JsonObject
                        {
                            ["name"] = "secrets",
                            ["mountPath"] = "/mnt/secrets",
                            ["readOnly"] = true,
                        }
                    ),
                }
            ),
            ["volumes"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = "secrets",
                    ["csi"] = new JsonObject
                    {
                        ["driver"] = Driver,
                        ["readOnly"] = true,
                        ["volumeAttributes"] = new JsonObject { ["secretProviderClass"] = secret },
                    },
                }
            ),
        };

    private static IEnumerable<VaultObject> Objects(IReadOnlyDictionary<string, SecretPin> pins) =>
        pins.OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => new VaultObject(VaultAddresses.NameOf(p.Value), p.Value.VaultVersion, p.Key));

    private static JsonObject Object(string apiVersion, string kind, SecretSet set, string name) =>
        new()
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = set.Namespace,
                ["labels"] = ManifestObjects.Labels(set.Labels),
            },
        };
}
