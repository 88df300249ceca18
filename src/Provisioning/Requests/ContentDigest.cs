using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Requests;

/// <summary>What an approval binds to: SHA-256 over target, chart digest, values, secret version ids and rendered manifests.</summary>
public static class ContentDigest
{
    /// <summary>Digest of a request as it is stored, <c>sha256:</c> and hex; anything of it changed gives another.</summary>
    public static string Of(
        RequestKind kind, Guid environmentId, Guid clusterId, string ns, string profile, int baseRevision, string specJson, string chartDigest, string valuesYaml,
        string manifestYaml, string secretVersionsJson)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(new object[]
        {
            "v1", kind.ToString(), environmentId, clusterId, ns, profile, baseRevision, Hash(specJson), chartDigest, Hash(valuesYaml), Hash(manifestYaml), Hash(secretVersionsJson),
        });
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
    }

    /// <summary>Digest of what is stored now.</summary>
    public static string Of(ChangeRequest request, string chartDigest) => Of(
        request.Kind, request.EnvironmentId, request.ClusterId, request.Namespace, request.Profile, request.BaseRevision, request.SpecJson, chartDigest,
        request.ValuesYaml, request.ManifestYaml, request.SecretVersionsJson);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
