namespace Portkey.Portal.Sandbox.Kubelet.Runtime;

/// <summary>One line that a container wrote.</summary>
internal readonly record struct LogLine(long Number, DateTimeOffset Time, string Text);

/// <summary>The last lines of one run of a container, and a signal for those who follow.</summary>
internal sealed class LogBuffer(TimeProvider time)
{
    private const int MostLines = 10_000;
    private const int MostCharacters = 4_000_000;
    private const int LongestLine = 16_384; // as a container runtime splits lines

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _lines = new();
    private TaskCompletionSource _signal = NewSignal();
    private long _number;
    private int _characters;

    public bool Closed { get; private set; }

    public void Write(string text)
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            for (var start = 0; start == 0 || start < text.Length; start += LongestLine)
            {
                var line = text.Substring(start, Math.Min(LongestLine, text.Length - start));
                _lines.Enqueue(new LogLine(++_number, time.GetUtcNow(), line));
                _characters += line.Length;
            }

            while (_lines.Count > MostLines || _characters > MostCharacters)
            {
                _characters -= _lines.Dequeue().Text.Length;
            }

            (signal, _signal) = (_signal, NewSignal());
        }

        signal.SetResult();
    }

    /// <summary>The container ended: followers finish.</summary>
    public void Close()
    {
        TaskCompletionSource signal;
        lock (_gate)
        {
            Closed = true;
            (signal, _signal) = (_signal, NewSignal());
        }

        signal.SetResult();
    }

    /// <summary>Lines after a number, and a task that ends when there is more to see.</summary>
    public (IReadOnlyList<LogLine> Lines, Task More, bool Closed) After(long number)
    {
        lock (_gate)
        {
            return ([.. _lines.Where(line => line.Number > number)], _signal.Task, Closed);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
