using System.Buffers;
using System.Net.Http.Headers;
using System.Text;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>What a registry says of a manifest.</summary>
/// <param name="Status">HTTP status of the last answer.</param>
/// <param name="Digest">Digest that it reports; empty for none.</param>
internal sealed record ManifestAnswer(int Status, string Digest);

/// <summary>
/// Asks a registry for a manifest by HEAD, with the token flow that registries have in common (distribution specification, token
/// authentication). Every address, that of the token service too, goes through the guard; redirects are not followed.
/// </summary>
internal sealed class ImageRegistry(OutboundGuard guard)
{
    private static readonly string[] Kinds =
    [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ];

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    /// <summary>Asks.</summary>
    /// <param name="image">Image.</param>
    /// <param name="user">User and password for this registry; null to ask anonymously.</param>
    /// <param name="cancellationToken">Token.</param>
    /// <exception cref="UnreachableException">The answer says nothing about the image.</exception>
    public async Task<ManifestAnswer> AskAsync(
        ImageReference image,
        (string Name, string Password)? user,
        CancellationToken cancellationToken
    )
    {
        var manifest = image.Manifest ?? throw new UnreachableException($"{image.Registry} is not the address of a registry.");
        using var http = new HttpClient(guard.Handler());
        var (answer, challenge) = await HeadAsync(http, manifest, null, cancellationToken);
        if (answer.Status != 401 || challenge is null)
        {
            return answer;
        }

        var basic = user is { } who
            ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{who.Name}:{who.Password}")))
            : null;
        if (challenge.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase))
        {
            return basic is null ? answer : (await HeadAsync(http, manifest, basic, cancellationToken)).Answer;
        }

        var parts = Parts(challenge.Parameter ?? "");
        if (
            !challenge.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
            || !Uri.TryCreate(parts.GetValueOrDefault("realm"), UriKind.Absolute, out var realm)
            || (
                realm.Scheme != Uri.UriSchemeHttps
                && !(realm.Scheme == Uri.UriSchemeHttp && manifest.Scheme == Uri.UriSchemeHttp && realm.IsLoopback)
            )
        )
        {
            throw new UnreachableException($"{image.Registry} asks for a sign-in method that the portal does not know.");
        }

        var query = new UriBuilder(realm)
        {
            Query =
                $"service={Uri.EscapeDataString(parts.GetValueOrDefault("service", ""))}&scope={Uri.EscapeDataString($"repository:{image.Repository}:pull")}",
        };
        var (status, text) = await Web.SendAsync(
            http,
            HttpMethod.Get,
            query.Uri,
            null,
            basic is null ? [] : [("Authorization", basic.ToString())],
            cancellationToken
        );
        if (status is 401 or 403)
        {
            return new(status, "");
        }

        var token = status == 200 ? Token(text) : null;
        return token is null
            ? throw new UnreachableException($"The token service of {image.Registry} answers {status}, without a token.")
            : (await HeadAsync(http, manifest, new("Bearer", token), cancellationToken)).Answer;
    }

    private static async Task<(ManifestAnswer Answer, AuthenticationHeaderValue? Challenge)> HeadAsync(
        HttpClient http,
        Uri manifest,
        AuthenticationHeaderValue? authorization,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, manifest);
        request.Headers.Authorization = authorization;
        foreach (var kind in Kinds)
        {
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(kind));
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var digest = response.Headers.TryGetValues("Docker-Content-Digest", out var told) ? told.First() : "";
        return (new((int)response.StatusCode, IsDigest(digest) ? digest : ""), response.Headers.WwwAuthenticate.FirstOrDefault());
    }

    private static bool IsDigest(string text) =>
        text.Length == 71 && text.StartsWith("sha256:", StringComparison.Ordinal) && text.AsSpan(7).IndexOfAnyExcept(Hex) < 0;

    private static string? Token(string text)
    {
        try
        {
            var answer = BoundedJson.Node(text, ReadLimits.Service);
            var token = (answer?["token"] ?? answer?["access_token"])?.GetValue<string>();
            return token is { Length: > 0 } && !token.Any(c => char.IsControl(c) || c > 126) ? token : null;
        }
        catch (Exception problem) when (problem is System.Text.Json.JsonException or UnreadableException or InvalidOperationException)
        {
            return null;
        }
    }

    // realm="https://auth.docker.io/token",service="registry.docker.io",scope="…"
    private static Dictionary<string, string> Parts(string parameter)
    {
        var parts = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var rest = parameter.AsSpan();
        while (rest.IndexOf('=') is > 0 and var equals)
        {
            var name = rest[..equals].Trim(" ,").ToString();
            rest = rest[(equals + 1)..];
            var isQuoted = rest.Length > 0 && rest[0] == '"';
            rest = isQuoted ? rest[1..] : rest;
            var end = rest.IndexOf(isQuoted ? '"' : ',');
            parts[name] = (end < 0 ? rest : rest[..end]).ToString();
            rest = end < 0 ? [] : rest[(end + 1)..];
        }

        return parts;
    }
}
