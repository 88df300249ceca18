using System.Diagnostics;

namespace Portkey.Portal.Shared;

/// <summary>Waits for what must become true, and says what was last seen when it does not.</summary>
public static class Eventually
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(400);

    public static Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? timeout = null) =>
        GetAsync(async () => await condition() ? "" : null, what, timeout);

    /// <summary>What is at hand costs nothing to look at, so it is looked at often.</summary>
    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? timeout = null) =>
        PollAsync(() => Task.FromResult(condition() ? "" : null), what, timeout ?? DefaultTimeout, _ => Shortest);

    /// <summary>Repeats an assertion until it no longer throws; the last failure is the one reported.</summary>
    public static Task AssertAsync(Func<Task> assertion, string what, TimeSpan? timeout = null) =>
        GetAsync(
            async () =>
            {
                await assertion();
                return "";
            },
            what,
            timeout
        );

    /// <summary>
    /// Asks until there is an answer. Exceptions on the way count as "not yet". The pause grows to a tenth of what has been waited for: to
    /// ask a portal twenty times a second took more of its processor than what was waited for.
    /// </summary>
    public static Task<T> GetAsync<T>(Func<Task<T?>> ask, string what, TimeSpan? timeout = null)
        where T : class =>
        PollAsync(
            ask,
            what,
            timeout ?? DefaultTimeout,
            waited => TimeSpan.FromTicks(Math.Clamp(waited.Ticks / 10, Shortest.Ticks, Longest.Ticks))
        );

    private static async Task<T> PollAsync<T>(Func<Task<T?>> ask, string what, TimeSpan limit, Func<TimeSpan, TimeSpan> pause)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            Exception? last = null;
            try
            {
                if (await ask() is { } answer)
                {
                    return answer;
                }
            }
            catch (Exception e)
            {
                last = e;
            }

            if (watch.Elapsed > limit)
            {
                throw new TimeoutException($"Not within {limit.TotalSeconds:0} s: {what}. Last: {last?.Message ?? "no answer"}", last);
            }

            await Task.Delay(pause(watch.Elapsed));
        }
    }
}
