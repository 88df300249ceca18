using System.Net.Http.Headers;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>What the checks that speak HTTP share.</summary>
internal static class Web
{
    private const int LongestAnswer = 256 * 1024;

    /// <summary>HTTP status of the answer; throws <see cref="UnreachableException"/> for an answer that says the server itself is
    /// broken.</summary>
    public static async Task<int> AnswerAsync(HttpClient http, Uri address, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        var status = (int)response.StatusCode;
        return status < 500 ? status : throw new UnreachableException($"{address.Host} answers {status}.");
    }

    /// <summary>Sends and reads a bounded answer.</summary>
    public static async Task<(int Status, string Text)> SendAsync(
        HttpClient http,
        HttpMethod method,
        Uri address,
        HttpContent? body,
        IReadOnlyList<(string Name, string Value)> headers,
        CancellationToken cancellationToken
    )
    {
        using var request = new HttpRequestMessage(method, address) { Content = body };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[LongestAnswer];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return ((int)response.StatusCode, System.Text.Encoding.UTF8.GetString(buffer, 0, length));
    }

    /// <summary>The guard's refusal inside a library's exception.</summary>
    public static AddressRefusedException? Refusal(Exception? problem)
    {
        for (
            ;
            problem is not null;
            problem = problem is AggregateException { InnerExceptions: [var first, ..] } ? first : problem.InnerException
        )
        {
            if (problem is AddressRefusedException refused)
            {
                return refused;
            }
        }

        return null;
    }

    public static bool IsRedirect(int status) => status is >= 300 and < 400;
}
