namespace Portkey.Portal.Provisioning.Tests.Engine.Operations.World;

/// <summary>The system's clock, for which whatever is waited for has passed at once: a wait moves it on by as much.</summary>
internal sealed class QuickTime : TimeProvider
{
    private long skipped;

    public TimeSpan Skipped => TimeSpan.FromTicks(Interlocked.Read(ref skipped));

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Skipped;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => System.GetUtcNow().Ticks + Interlocked.Read(ref skipped);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime <= TimeSpan.Zero || dueTime == Timeout.InfiniteTimeSpan)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }

        Interlocked.Add(ref skipped, dueTime.Ticks);
        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
