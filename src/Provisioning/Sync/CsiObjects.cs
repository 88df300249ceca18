using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Catalog;
using Portkey.Portal.Provisioning.Environments;
using Portkey.Portal.Provisioning.Kubernetes;

namespace Portkey.Portal.Provisioning.Sync;

/// <summary>
/// What the Secrets Store CSI driver is told (https://azure.github.io/secrets-store-csi-driver-provider-azure/), and the pod that it needs: it
/// makes a Secret only while some pod mounts the class. The gateway's own pods cannot be that pod, because the keys are looked at before they
/// are made, and because a volume in the chart's values would make what was approved depend on the cluster. Pure.
/// </summary>
internal static class CsiObjects
{
    public const string ApiVersion = "secrets-store.csi.x-k8s.io/v1";
    public const string Driver = "secrets-store.csi.k8s.io";

    /// <summary>On what syncs a Secret: its name.</summary>
    public const string SecretLabel = "portal.portkey.ai/secret";

    /// <summary>Service account of every environment that Azure federates with: <c>system:serviceaccount:NAMESPACE:portkey-secrets</c>.</summary>
    public const string Account = "portkey-secrets";

    // Every AKS node has it: its pods are made of it.
    private const string Image = "mcr.microsoft.com/oss/kubernetes/pause:3.6";

    public static string DeploymentOf(string secret) => secret + "-sync";

    public static JsonObject ServiceAccount(SecretSet set, SecretSyncSettings settings)
    {
        var account = Object("v1", "ServiceAccount", set, Account);
        account["metadata"]!["annotations"] = new JsonObject { ["azure.workload.identity/client-id"] = settings.ClientId, ["azure.workload.identity/tenant-id"] = settings.TenantId };
        account["automountServiceAccountToken"] = false;
        return account;
    }

    public static JsonObject Class(SecretSet set, SecretSyncSettings settings)
    {
        var (vault, cloud) = KeyVaultClouds.Of(new Uri(settings.Vault!));
        var parameters = new JsonObject { ["usePodIdentity"] = "false", ["clientID"] = settings.ClientId, ["keyvaultName"] = vault, ["tenantId"] = settings.TenantId, ["objects"] = Objects(set.Environment) };
        if (cloud.Length > 0)
        {
            parameters["cloudName"] = cloud;
        }

        var result = Object(ApiVersion, "SecretProviderClass", set, set.Name);
        result["spec"] = new JsonObject
        {
            ["provider"] = "azure",
            ["parameters"] = parameters,
            ["secretObjects"] = new JsonArray(new JsonObject
            {
                ["secretName"] = set.Name,
                ["type"] = "Opaque",
                ["labels"] = ManifestObjects.Labels(set.Labels),
                ["data"] = new JsonArray([.. set.Environment.Keys.Order(StringComparer.Ordinal).Select(k => new JsonObject { ["objectName"] = k, ["key"] = k })]),
            }),
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
            ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = ManifestObjects.Labels(labels) }, ["spec"] = Pod(set.Name) },
        };
        return result;
    }

    // As pod security 'restricted' wants it; by the uid of the image's own user, because nodes cannot look its name up.
    private static JsonObject Pod(string secret) => new()
    {
        ["serviceAccountName"] = Account,
        ["automountServiceAccountToken"] = false,
        ["enableServiceLinks"] = false,
        ["terminationGracePeriodSeconds"] = 1,
        ["nodeSelector"] = new JsonObject { ["kubernetes.io/os"] = "linux" },
        ["securityContext"] = new JsonObject { ["runAsNonRoot"] = true, ["runAsUser"] = 65535, ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" } },
        ["containers"] = new JsonArray(new JsonObject
        {
            ["name"] = "sync",
            ["image"] = Image,
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
            ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "secrets", ["mountPath"] = "/mnt/secrets", ["readOnly"] = true }),
        }),
        ["volumes"] = new JsonArray(new JsonObject
        {
            ["name"] = "secrets",
            ["csi"] = new JsonObject { ["driver"] = Driver, ["readOnly"] = true, ["volumeAttributes"] = new JsonObject { ["secretProviderClass"] = secret } },
        }),
    };

    // The provider wants YAML texts within a YAML text. Names, keys and versions need no quotes but the version, which may look like a number.
    private static string Objects(IReadOnlyDictionary<string, SecretPin> pins)
    {
        var text = new StringBuilder("array:\n");
        foreach (var (key, pin) in pins.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"  - |\n    objectName: {VaultAddresses.NameOf(pin)}\n    objectAlias: {key}\n    objectType: secret\n    objectVersion: \"{pin.VaultVersion}\"\n");
        }

        return text.ToString();
    }

    private static JsonObject Object(string apiVersion, string kind, SecretSet set, string name) => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = set.Namespace, ["labels"] = ManifestObjects.Labels(set.Labels) },
    };
}
