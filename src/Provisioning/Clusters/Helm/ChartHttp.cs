using System.Net;
using System.Net.Http.Headers;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Clusters.Helm;

/// <summary>A page does not exist, or requires a sign-in.</summary>
internal sealed record ChartAnswer(HttpStatusCode Status, AuthenticationHeaderValue? Challenge, string? Next, byte[] Body);

/// <summary>
/// Fetches what a chart's place offers, through the portal's guard: every address in an index or a redirect is checked again.
/// Whatever goes wrong on the way to a server is told in the same sentence, so that nobody learns from it which ports are open.
/// </summary>
internal sealed class ChartHttp(IOutboundHttp outbound, ChartLocation location) : IDisposable
{
    private const int MostRedirects = 5;

    private readonly HttpClient http = new(outbound.Handler())
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { UserAgent = { new ProductInfoHeaderValue("portkey-portal", null) } },
    };

    /// <summary>An answer small enough to hold in memory.</summary>
    /// <param name="address">Address.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="accept">Media type; empty for any.</param>
    /// <param name="token">Bearer token for the address's own host; null for none.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ChartAnswer> GetAsync(
        Uri address,
        ReadLimits limits,
        string accept,
        string? token,
        CancellationToken cancellationToken
    )
    {
        using var body = new MemoryStream();
        return await GetAsync(
            address,
            body,
            limits.Size,
            () => new ChartException("chart-too-large", BoundedYaml.TooLarge(limits).Message),
            accept,
            token,
            cancellationToken
        ) with
        {
            Body = body.ToArray(),
        };
    }

    /// <summary>Writes a file that must be there.</summary>
    public async Task SaveAsync(Uri address, string path, string? token, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        var answer = await GetAsync(
            address,
            file,
            ChartFiles.LargestChart,
            () => ChartFiles.TooLarge("its archive"),
            "",
            token,
            cancellationToken
        );
        if (answer.Status != HttpStatusCode.OK)
        {
            throw Missing();
        }
    }

    /// <summary>What is said when nothing can be fetched.</summary>
    public static ChartException Missing() =>
        new("chart-not-found", "There is no such chart or version, or it requires a sign-in, which the portal does not have.");

    public void Dispose() => http.Dispose();

    private async Task<ChartAnswer> GetAsync(
        Uri address,
        Stream into,
        long most,
        Func<Exception> past,
        string accept,
        string? token,
        CancellationToken cancellationToken
    )
    {
        var at = address;
        try
        {
            for (var redirects = 0; redirects <= MostRedirects; redirects++)
            {
                if (!ChartLocation.IsFit(at) || at.UserInfo.Length > 0)
                {
                    throw new ChartException(
                        "chart-invalid",
                        "It names an address that is not https, or holds a credential. Charts are fetched over https only."
                    );
                }

                using var request = new HttpRequestMessage(HttpMethod.Get, at);
                request.Headers.TryAddWithoutValidation("Accept", accept.Length > 0 ? accept : "*/*");
                if (token is not null && at.Authority == address.Authority && at.Scheme == address.Scheme)
                {
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                }

                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                if (
                    response.StatusCode
                        is HttpStatusCode.Moved
                            or HttpStatusCode.Found
                            or HttpStatusCode.SeeOther
                            or HttpStatusCode.TemporaryRedirect
                            or HttpStatusCode.PermanentRedirect
                    && response.Headers.Location is { } next
                )
                {
                    at = new Uri(at, next);
                    continue;
                }

                if (response.StatusCode == HttpStatusCode.OK)
                {
                    await using var bounded = new BoundedStream(await response.Content.ReadAsStreamAsync(cancellationToken), most, past);
                    await bounded.CopyToAsync(into, cancellationToken);
                }
                else if (!IsAnswer(response.StatusCode) || at.Host != location.Address.Host)
                {
                    throw Unreachable(null);
                }

                return new(
                    response.StatusCode,
                    response.Headers.WwwAuthenticate.FirstOrDefault(),
                    response.Headers.TryGetValues("Link", out var links) ? links.FirstOrDefault() : null,
                    []
                );
            }

            throw Unreachable(null);
        }
        catch (Exception problem) when (OutboundRefusedException.Find(problem) is not null)
        {
            throw new ChartException(
                "address-refused",
                $"{at.Host} is at an address that the portal does not call. An administrator of the portal's machine may allow its range under Portal:Preflight:AllowedRanges.",
                inner: problem
            );
        }
        catch (Exception problem) when (problem is HttpRequestException or IOException or UriFormatException or InvalidOperationException)
        {
            throw Unreachable(problem);
        }
    }

    // Only for the host that an administrator named is its answer told.
    private static bool IsAnswer(HttpStatusCode status) => (int)status is >= 400 and < 500 and not (408 or 429);

    private static ChartException Unreachable(Exception? inner) =>
        new("chart-unreachable", "Its source could not be reached.", isTransient: true, inner);
}
