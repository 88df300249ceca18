namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>An image as a container names it, parsed as container runtimes do.</summary>
/// <param name="Registry">Host, with a port where one is named; <c>docker.io</c> where none is.</param>
/// <param name="Repository">Path in it, <c>library/redis</c> for <c>redis</c>.</param>
/// <param name="Reference">Digest where there is one, else the tag.</param>
internal sealed record ImageReference(string Registry, string Repository, string Reference)
{
    private const string DockerHub = "docker.io";

    /// <summary>Whether it is named by its digest, so that it is always the same image.</summary>
    public bool IsByDigest => Reference.Contains(':', StringComparison.Ordinal);

    /// <summary>Reads one; null where it names neither tag nor digest, or is not an image.</summary>
    public static ImageReference? TryParse(string image)
    {
        var at = image.IndexOf('@', StringComparison.Ordinal);
        var (name, digest) = at < 0 ? (image, "") : (image[..at], image[(at + 1)..]);
        var colon = name.LastIndexOf(':');
        var tag = colon > name.LastIndexOf('/') ? name[(colon + 1)..] : "";
        name = tag.Length > 0 ? name[..colon] : name;
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : name[..slash];
        var isHost = first.Contains('.', StringComparison.Ordinal) || first.Contains(':', StringComparison.Ordinal) || first == "localhost";
        var (registry, path) = isHost ? (first, name[(slash + 1)..]) : (DockerHub, name);
        registry = registry is "index.docker.io" or "registry-1.docker.io" ? DockerHub : registry;
        var reference = digest.Length > 0 ? digest : tag;
        return reference.Length == 0 || path.Length == 0 || !IsSafe(path) || !IsSafe(reference)
            ? null
            : new(registry, registry == DockerHub && !path.Contains('/', StringComparison.Ordinal) ? $"library/{path}" : path, reference);
    }

    /// <summary>Whether a registry's address, as pull secrets name it (<c>https://index.docker.io/v1/</c>), is this image's.</summary>
    public bool IsOf(string server)
    {
        var host = (server.IndexOf("://", StringComparison.Ordinal) is >= 0 and var scheme ? server[(scheme + 3)..] : server).Split('/')[0];
        return (host is "index.docker.io" or "registry-1.docker.io" ? DockerHub : host).Equals(
            Registry,
            StringComparison.OrdinalIgnoreCase
        );
    }

    /// <summary>Address of its manifest (OCI distribution specification 1.1). Only a registry on the machine itself is asked without TLS,
    /// as container runtimes do.</summary>
    public Uri? Manifest
    {
        get
        {
            var host = Registry == DockerHub ? "registry-1.docker.io" : Registry;
            var isLocal = Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var local) && local.IsLoopback;
            return
                Uri.TryCreate(
                    $"{(isLocal ? "http" : "https")}://{host}/v2/{Repository}/manifests/{Reference}",
                    UriKind.Absolute,
                    out var uri
                )
                && uri.UserInfo.Length == 0
                ? uri
                : null;
        }
    }

    /// <summary>As people read it.</summary>
    public override string ToString() => $"{Registry}/{Repository}{(IsByDigest ? '@' : ':')}{Reference}";

    private static bool IsSafe(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':')
        && !text.Contains("..", StringComparison.Ordinal);
}
