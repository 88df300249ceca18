using System.Security.Cryptography;
using System.Text;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;
using static Portkey.Portal.Provisioning.UseCases.Requests.ValuesRenderer;

namespace Portkey.Portal.Provisioning.UseCases.Requests;

/// <summary>The part of the values that a company's own surroundings ask for: where images come from, whose rights pods have, whom they
/// trust, what else they are told.</summary>
internal static class CompanyValues
{
    /// <summary>Folder in the container with the company's certificates.</summary>
    public const string CaFolder = "/etc/portkey-ca";

    /// <summary>Volume of <see cref="CaFolder"/>.</summary>
    public const string CaVolume = "portkey-ca";

    // Charts write repository:tag, so a digest alone is written after the chart version's tag; where both are there, the digest decides.
    public static Dictionary<string, object?> Images(RenderInput input)
    {
        var spec = input.Spec;
        var own = spec.Edition == Edition.Oss ? "docker.io/portkeyai/gateway" : "docker.io/portkeyai/gateway_enterprise";
        var gateway = spec.ImageRepository ?? own;
        var images = Map(
            (
                "gatewayImage",
                Image(
                    gateway,
                    ImagePins.TagWith(
                        input.ImageDigests,
                        gateway,
                        spec.ImageTag is { } tag && tag.StartsWith('@')
                            ? input.Chart.ImageTag.Split('@')[0] + tag
                            : spec.ImageTag ?? input.Chart.ImageTag
                    )
                )
            )
        );
        if (spec is { DataService: true, DataServiceImage: { } image })
        {
            var dataService = image.Repository ?? "docker.io/portkeyai/data-service";
            images["dataserviceImage"] = Image(dataService, ImagePins.TagWith(input.ImageDigests, dataService, image.Tag));
        }

        return images;
    }

    public static Dictionary<string, object?> ServiceAccount(EnvironmentSpec spec)
    {
        var annotations = Sorted(spec.ServiceAccount?.Annotations);
        if (SpecValidator.Value(spec)(SettingKeys.WorkloadClientId) is { Length: > 0 } client)
        {
            foreach (var (key, value) in KnownClouds.OfClusters.Rules.IdentityAnnotations(client))
            {
                annotations[key] = value;
            }
        }

        var account = Map(("create", true), ("automount", false), ("annotations", annotations));
        if (spec.ServiceAccount?.Name is { Length: > 0 } name)
        {
            account["name"] = name;
        }

        return account;
    }

    /// <summary>Variables beside those of the settings table: what the portal does not know, and where the company's certificates
    /// are.</summary>
    public static IEnumerable<(string Key, string Value)> Variables(RenderInput input)
    {
        foreach (
            var (key, value) in input.Spec.Settings.Where(s =>
                s.Value.Length > 0 && !SettingsCatalog.ByKey.ContainsKey(s.Key) && input.Facts.AcceptsSetting(s.Key, "")
            )
        )
        {
            yield return (key, value);
        }

        if (input.Spec.CaBundle is not null)
        {
            yield return ("NODE_EXTRA_CA_CERTS", $"{CaFolder}/{TrustRules.DefaultKey}");
            yield return ("TLS_CA", $"{CaFolder}/{TrustRules.DefaultKey}");
        }
    }

    /// <summary>ConfigMap that holds the company's certificates: the one that was named, or one whose name follows from what is in
    /// it.</summary>
    public static string CaConfigMap(RenderInput input) =>
        input.Spec.CaBundle switch
        {
            { ConfigMap: { } name } => name,
            { Pem: { } pem } =>
                $"{input.Release}-ca-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(TrustRules.Certificates(pem))))[..12]}",
            _ => "",
        };

    private static Dictionary<string, object?> Image(string repository, string? tag) =>
        tag is null ? Map(("repository", repository)) : Map(("repository", repository), ("tag", tag));
}
