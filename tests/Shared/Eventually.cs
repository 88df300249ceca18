using System.Diagnostics;

namespace Portkey.Portal.Shared;

/// <summary>Waits for what must become true, and says what was last seen when it does not.</summary>
public static class Eventually
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? timeout = null) =>
        GetAsync(async () => await condition() ? "" : null, what, timeout);

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? timeout = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, timeout);

    /// <summary>Repeats an assertion until it no longer throws; the last failure is the one reported.</summary>
    public static Task AssertAsync(Func<Task> assertion, string what, TimeSpan? timeout = null) =>
        GetAsync(
            async () =>
            {
                await assertion();
                return "";
            },
            what,
            timeout);

    /// <summary>Asks until there is an answer. Exceptions on the way count as "not yet".</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T?>> ask, string what, TimeSpan? timeout = null)
        where T : class
    {
        var limit = timeout ?? DefaultTimeout;
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

            await Task.Delay(Pause);
        }
    }
}
