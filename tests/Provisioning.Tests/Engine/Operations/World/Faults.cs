using System.Collections.Concurrent;

namespace Portkey.Portal.Provisioning.Tests.Engine.Operations.World;

/// <summary>What is to go wrong at which call, and which calls were made. A call waits here where a test holds it.</summary>
internal sealed class Faults
{
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Exception>> planned = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Held> held = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> calls = new();

    /// <summary>Every call so far, in order.</summary>
    public IReadOnlyList<string> Calls => [.. calls];

    public int Count(string call) => calls.Count(c => c == call);

    /// <summary>The next calls of that name fail so, once or as often as is said.</summary>
    public void Fail(string call, Exception problem, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            planned.GetOrAdd(call, _ => new()).Enqueue(problem);
        }
    }

    /// <summary>The next call of that name hangs until it is let go or cancelled.</summary>
    public Held Hold(string call) => held[call] = new Held();

    public async Task PassAsync(string call, CancellationToken cancellationToken)
    {
        calls.Enqueue(call);
        if (held.TryRemove(call, out var one))
        {
            one.Reach();
            try
            {
                await one.Gone.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                one.Cancel();
                throw;
            }
        }

        if (planned.TryGetValue(call, out var problems) && problems.TryDequeue(out var problem))
        {
            throw problem;
        }

        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>A call that hangs.</summary>
    internal sealed class Held
    {
        private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly TaskCompletionSource cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Cancelled => cancelled.Task.WaitAsync(TimeSpan.FromMinutes(2));

        public Task Reached => reached.Task.WaitAsync(TimeSpan.FromMinutes(2));

        public Task Gone => gone.Task;

        public void Reach() => reached.TrySetResult();

        public void Cancel() => cancelled.TrySetResult();

        public void Release() => gone.TrySetResult();
    }
}
