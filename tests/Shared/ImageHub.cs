using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Portkey.Portal.Shared;

/// <summary>A real registry on loopback, without TLS, that lets in <c>portkey-customer</c> with password <c>right</c> alone, or
/// anybody.</summary>
public sealed class ImageHub : IAsyncDisposable
{
    public const string User = "portkey-customer";
    public const string Password = "right";

    private const string ImageKind = "application/vnd.oci.image.manifest.v1+json";

    // bcrypt of the password above.
    private const string Users = User + ":$2b$04$V7DSrkT3pL7G3tVD6TtNIOsWGCN9gJxp4lRi3kC1pWt6NbGv6CkOu\n";

    private readonly TemporaryFolder folder = new();
    private readonly HttpClient client = new();
    private RegistryServer registry = null!;

    private ImageHub() { }

    /// <summary>Host and port, as images name it.</summary>
    public string Host => registry.Host;

    public static async Task<ImageHub> StartAsync(bool isPrivate)
    {
        var made = new ImageHub();
        made.client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Basic",
            Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"))
        );
        made.registry = await RegistryServer.StartAsync(made.folder, made.client, isPrivate ? Users : null);
        return made;
    }

    /// <summary>Pushes a tiny image, of some content, under a tag; answers with the digest of its manifest as the registry says
    /// it.</summary>
    public async Task<string> PushAsync(string repository, string tag, string content)
    {
        var config = await BlobAsync(
            repository,
            Encoding.UTF8.GetBytes(
                $$"""{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]},"author":"{{content}}"}"""
            )
        );
        return await ManifestAsync(repository, tag, ImageKind, Manifest(config));
    }

    /// <summary>Pushes an index of two architectures; answers with the index's own digest.</summary>
    public async Task<string> PushIndexAsync(string repository, string tag)
    {
        var entries = new List<string>();
        foreach (var architecture in (string[])["amd64", "arm64"])
        {
            var config = await BlobAsync(
                repository,
                Encoding.UTF8.GetBytes(
                    $$$"""{"architecture":"{{{architecture}}}","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"""
                )
            );
            var text = Manifest(config);
            var digest = await ManifestAsync(repository, $"{tag}-{architecture}", ImageKind, text);
            entries.Add(
                $$$"""{"mediaType":"{{{ImageKind}}}","digest":"{{{digest}}}","size":{{{Encoding.UTF8.GetByteCount(text)}}},"platform":{"architecture":"{{{architecture}}}","os":"linux"}}"""
            );
        }

        return await ManifestAsync(
            repository,
            tag,
            "application/vnd.oci.image.index.v1+json",
            $$"""{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{{string.Join(',', entries)}}]}"""
        );
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await registry.DisposeAsync();
        folder.Dispose();
    }

    private static string Manifest(string config) =>
        $$$"""{"schemaVersion":2,"mediaType":"{{{ImageKind}}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json",{{{config}}}},"layers":[]}""";

    private async Task<string> BlobAsync(string repository, byte[] content)
    {
        var digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(content))}";
        using var begun = (
            await client.PostAsync(new Uri($"http://{Host}/v2/{repository}/blobs/uploads/"), null)
        ).EnsureSuccessStatusCode();
        var place = new Uri(new Uri($"http://{Host}/"), begun.Headers.Location!);
        using var body = new ByteArrayContent(content) { Headers = { ContentType = new("application/octet-stream") } };
        (await client.PutAsync(new Uri($"{place}{(place.Query.Length > 0 ? '&' : '?')}digest={Uri.EscapeDataString(digest)}"), body))
            .EnsureSuccessStatusCode()
            .Dispose();
        return $"\"digest\":\"{digest}\",\"size\":{content.Length}";
    }

    private async Task<string> ManifestAsync(string repository, string tag, string kind, string text)
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(text)) { Headers = { ContentType = new(kind) } };
        using var answer = (
            await client.PutAsync(new Uri($"http://{Host}/v2/{repository}/manifests/{tag}"), body)
        ).EnsureSuccessStatusCode();
        return answer.Headers.GetValues("Docker-Content-Digest").Single();
    }
}
