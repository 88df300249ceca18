using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;

namespace Portkey.Portal.Shared;

/// <summary>What became of the streams.</summary>
/// <param name="Opened">Begun.</param>
/// <param name="Finished">Came to their end.</param>
/// <param name="Cuts">Why each of the others did not.</param>
/// <param name="LongestGap">Longest time without a piece.</param>
public sealed record StreamTally(int Opened, int Finished, IReadOnlyList<string> Cuts, TimeSpan LongestGap)
{
    public override string ToString() =>
        $"{Opened} opened, {Finished} finished, {Cuts.Count} cut, longest gap {LongestGap.TotalMilliseconds:0} ms. {string.Join(" | ", Cuts.Distinct(StringComparer.Ordinal).Take(5))}";
}

/// <summary>
/// Callers of a gateway: so many streams are open at any time, each on a connection of its own, and where one has ended the next begins,
/// until <see cref="StopAsync"/>, which lets all come to their end.
/// </summary>
public sealed class OpenStreams : IDisposable
{
    private readonly HttpClient http;
    private readonly Uri gateway;
    private readonly string host;
    private readonly Task[] callers;
    private readonly ConcurrentQueue<string> cuts = [];
    private readonly Lock gate = new();
    private volatile bool stopping;
    private int opened;
    private int finished;
    private int talking;
    private TimeSpan gap;

    private OpenStreams(Uri gateway, StreamingProvider provider, int count)
    {
        (this.gateway, host) = (gateway, provider.Host);
        http = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false })
        {
            Timeout = TimeSpan.FromMinutes(2),
        };
        callers = [.. Enumerable.Range(0, count).Select(_ => Task.Run(CallAsync))];
    }

    /// <summary>Begins, and returns when each caller has the first piece of an answer.</summary>
    public static async Task<OpenStreams> StartAsync(Uri gateway, StreamingProvider provider, int count)
    {
        var streams = new OpenStreams(gateway, provider, count);
        await Eventually.TrueAsync(
            () => Task.FromResult(Volatile.Read(ref streams.talking) >= count || !streams.cuts.IsEmpty),
            "every stream has begun"
        );
        return streams;
    }

    /// <summary>Begins no more, waits for those that are open.</summary>
    public async Task<StreamTally> StopAsync()
    {
        stopping = true;
        await Task.WhenAll(callers);
        return new StreamTally(opened, finished, [.. cuts], gap);
    }

    public void Dispose()
    {
        stopping = true;
        http.Dispose();
    }

    private async Task CallAsync()
    {
        for (var first = true; first || !stopping; first = false)
        {
            Interlocked.Increment(ref opened);
            try
            {
                await StreamAsync(first);
                Interlocked.Increment(ref finished);
            }
            catch (Exception cut) when (cut is HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
            {
                cuts.Enqueue(cut.InnerException?.Message ?? cut.Message);
                await Task.Delay(100); // as a caller does, who tries again
            }
        }
    }

    private async Task StreamAsync(bool first)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway, "/v1/chat/completions"))
        {
            Content = JsonContent.Create(
                new
                {
                    model = "m",
                    stream = true,
                    messages = new[] { new { role = "user", content = "hello" } },
                }
            ),
            Headers =
            {
                { "x-portkey-provider", "openai" },
                { "x-portkey-custom-host", host },
                { "Authorization", "Bearer none" },
            },
        };
        request.Headers.ConnectionClose = true;
        var before = Stopwatch.GetTimestamp();
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (!answer.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        }

        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync());
        while (await lines.ReadLineAsync() is { } line)
        {
            Note(Stopwatch.GetElapsedTime(before));
            before = Stopwatch.GetTimestamp();
            if (line == "data: [DONE]")
            {
                return;
            }

            if (first && line.Length > 0)
            {
                first = false;
                Interlocked.Increment(ref talking);
            }
        }

        throw new HttpRequestException("the stream ended before its end");
    }

    private void Note(TimeSpan pause)
    {
        lock (gate)
        {
            gap = pause > gap ? pause : gap;
        }
    }
}
