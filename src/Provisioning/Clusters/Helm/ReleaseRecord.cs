using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Nodes;
using Portkey.Portal.Provisioning.Clusters.Kubernetes;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>
/// What Helm itself has recorded for one revision of a release: the manifests that it applied and those of its hooks. Read from Helm's
/// Secret rather than by Helm: it costs one call instead of a process, and nothing of it is logged.
/// </summary>
internal static class ReleaseRecord
{
    // A Secret holds a megabyte; its unpacked size is bounded all the same.
    private static readonly ReadLimits Limits = new("Helm's record")
    {
        Size = 64 * 1024 * 1024,
        Nodes = 1_000_000,
        Scalar = 64 * 1024 * 1024,
    };

    /// <summary>The manifests of the newest revision, or of the given one.</summary>
    /// <exception cref="ClusterException">The cluster did not answer, or there is no such record.</exception>
    public static async Task<string> ManifestAsync(
        ClusterConnection connection,
        string release,
        string ns,
        int revision,
        CancellationToken cancellationToken
    )
    {
        var secret = await connection.GetAsync(
            $"/api/v1/namespaces/{ns}/secrets/sh.helm.release.v1.{release}.v{revision}",
            cancellationToken
        );
        if ((secret?["data"] as JsonObject)?["release"]?.GetValue<string>() is not { } data)
        {
            throw new ClusterRejectedException("release-missing", $"Helm has no record of revision {revision} of {release} in {ns}.");
        }

        try
        {
            using var json = BoundedJson.Document(Unpack(Convert.FromBase64String(data)), Limits);
            var parts = new List<string> { Text(json.RootElement, "manifest") };
            if (json.RootElement.TryGetProperty("hooks", out var hooks) && hooks.ValueKind == JsonValueKind.Array)
            {
                parts.AddRange(hooks.EnumerateArray().Where(h => !IsTest(h)).Select(h => Text(h, "manifest")));
            }

            return string.Join("\n---\n", parts);
        }
        catch (Exception problem) when (problem is FormatException or InvalidDataException or JsonException or UnreadableException)
        {
            throw new ClusterRejectedException(
                "release-unreadable",
                $"Helm's record of revision {revision} of {release} in {ns} cannot be read.",
                problem
            );
        }
    }

    // The Secret's value is base64 of base64 of gzip of JSON.
    private static byte[] Unpack(byte[] value)
    {
        using var packed = new MemoryStream(Convert.FromBase64String(System.Text.Encoding.ASCII.GetString(value)));
        using var unpacked = new MemoryStream();
        using var gzip = new BoundedStream(
            new GZipStream(packed, CompressionMode.Decompress),
            Limits.Size,
            () => new InvalidDataException()
        );
        gzip.CopyTo(unpacked);
        return unpacked.ToArray();
    }

    // Tests run when somebody asks Helm for them, and are no part of what is rendered for an approval.
    private static bool IsTest(JsonElement hook) =>
        hook.TryGetProperty("events", out var events)
        && events.ValueKind == JsonValueKind.Array
        && events.EnumerateArray().All(e => e.GetString() is "test" or "test-success");

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
