using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>A registry that speaks the OCI distribution protocol, as far as a public chart needs: an anonymous token, tags, a manifest, one
/// blob checked against its digest.</summary>
internal sealed partial class ChartRegistry(ChartHttp http, ChartLocation location)
{
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const string ChartType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
    private const int MostPages = 50;
    private const int LongestToken = 16 * 1024;

    private string? token;

    public async Task FetchAsync(string? version, string path, CancellationToken cancellationToken)
    {
        // A tag has no '+', so that Helm writes '_' for it.
        var tag = (
            version
            ?? ChartVersions.Newest((await TagsAsync(cancellationToken)).Select(t => t.Replace('_', '+')))
            ?? throw ChartHttp.Missing()
        ).Replace('+', '_');
        var digest = await AskAsync($"manifests/{tag}", Layer, cancellationToken);
        await http.SaveAsync(Address($"blobs/{digest}"), path, token, cancellationToken);
        await using var file = File.OpenRead(path);
        if (digest != "sha256:" + Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)))
        {
            throw new ChartException(
                "digest-mismatch",
                "What the registry returned is not what its manifest names: the sha256 digest differs. Ask the registry's owner."
            );
        }
    }

    // { "layers": [ { "mediaType": …, "digest": "sha256:…" } ] }
    private static string Layer(JsonElement manifest, string? next)
    {
        var layer = manifest
            .GetProperty("layers")
            .EnumerateArray()
            .FirstOrDefault(l => l.GetProperty("mediaType").GetString() == ChartType);
        var digest = layer.ValueKind == JsonValueKind.Object ? layer.GetProperty("digest").GetString() : null;
        return digest is not null && Sha256().IsMatch(digest)
            ? digest
            : throw new ChartException("chart-invalid", "What the registry has there is not a Helm chart.");
    }

    private async Task<List<string>> TagsAsync(CancellationToken cancellationToken)
    {
        var tags = new List<string>();
        var page = "tags/list?n=1000";
        for (var pages = 0; page is not null && pages < MostPages; pages++)
        {
            page = await AskAsync(
                page,
                (answer, next) =>
                {
                    if (answer.GetProperty("tags") is { ValueKind: JsonValueKind.Array } found)
                    {
                        tags.AddRange(found.EnumerateArray().Select(t => t.GetString() ?? ""));
                    }

                    // Link: </v2/charts/gateway/tags/list?last=1.0.0&n=1000>; rel="next": only what follows the question mark is taken.
                    return NextPage().Match(next ?? "") is { Success: true } link ? "tags/list" + link.Groups["query"].Value : null;
                },
                cancellationToken
            );
        }

        return tags;
    }

    private async Task<T> AskAsync<T>(string what, Func<JsonElement, string?, T> read, CancellationToken cancellationToken)
    {
        var answer = await http.GetAsync(Address(what), ReadLimits.Registry, ManifestType, token, cancellationToken);
        if (answer.Status == HttpStatusCode.Unauthorized && token is null && answer.Challenge is { Scheme: "Bearer" } challenge)
        {
            token = await TokenAsync(challenge, cancellationToken);
            answer = await http.GetAsync(Address(what), ReadLimits.Registry, ManifestType, token, cancellationToken);
        }

        return answer.Status == HttpStatusCode.OK ? Parse(answer.Body, json => read(json, answer.Next)) : throw ChartHttp.Missing();
    }

    // Bearer realm="https://auth.example.com/token",service="registry.example.com": an anonymous caller gets a token for what is public.
    private async Task<string> TokenAsync(AuthenticationHeaderValue challenge, CancellationToken cancellationToken)
    {
        var said = Parameter()
            .Matches(challenge.Parameter ?? "")
            .DistinctBy(m => m.Groups["name"].Value, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(m => m.Groups["name"].Value, m => m.Groups["value"].Value, StringComparer.OrdinalIgnoreCase);
        if (!Uri.TryCreate(said.GetValueOrDefault("realm"), UriKind.Absolute, out var realm))
        {
            throw ChartHttp.Missing();
        }

        var query =
            $"service={Uri.EscapeDataString(said.GetValueOrDefault("service", ""))}&scope={Uri.EscapeDataString($"repository:{location.Chart}:pull")}";
        var answer = await http.GetAsync(
            new UriBuilder(realm) { Query = query }.Uri,
            ReadLimits.Registry,
            "application/json",
            token: null,
            cancellationToken
        );
        return answer.Status == HttpStatusCode.OK
            ? Parse(
                answer.Body,
                json =>
                    (json.TryGetProperty("token", out var given) || json.TryGetProperty("access_token", out given))
                    && given.GetString() is { Length: > 0 and <= LongestToken } text
                    && text.All(c => c is > ' ' and <= '~')
                        ? text
                        : throw ChartHttp.Missing()
            )
            : throw ChartHttp.Missing();
    }

    private Uri Address(string what) => new(location.Address, $"/v2/{location.Chart}/{what}");

    private static T Parse<T>(byte[] body, Func<JsonElement, T> read)
    {
        try
        {
            using var json = BoundedJson.Document(body, ReadLimits.Registry);
            return read(json.RootElement);
        }
        catch (Exception problem)
            when (problem is JsonException or UnreadableException or KeyNotFoundException or InvalidOperationException)
        {
            throw new ChartException("chart-invalid", "What answers there is not a chart registry.", inner: problem);
        }
    }

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z")]
    private static partial Regex Sha256();

    [GeneratedRegex("<[^>?]*(?<query>\\?[^>]{1,500})>; *rel=\"?next", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex NextPage();

    [GeneratedRegex(
        "(?<name>[a-z]+)=\"(?<value>[^\"]{0,1000})\"",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture
    )]
    private static partial Regex Parameter();
}
