using System.Threading.Channels;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Engine.Operations;

/// <summary>
/// Writes an operation's log without making the work wait for the disk: lines are gathered and stored a few at a time, in order. Every
/// line is redacted before it leaves this class.
/// </summary>
internal sealed class OperationLog : IAsyncDisposable
{
    private const int MaxLine = 4000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly Channel<OperationLogLine> lines = Channel.CreateUnbounded<OperationLogLine>(
        new UnboundedChannelOptions { SingleReader = true }
    );
    private readonly UnitOfWork work;
    private readonly LiveUpdates live;
    private readonly TimeProvider time;
    private readonly Guid operationId;
    private readonly Task writer;
    private volatile bool closing;

    public OperationLog(UnitOfWork work, LiveUpdates live, TimeProvider time, Guid operationId)
    {
        (this.work, this.live, this.time, this.operationId) = (work, live, time, operationId);
        writer = Task.Run(WriteAsync);
    }

    /// <summary>Step that lines are written for.</summary>
    public string Step { get; set; } = "";

    /// <summary>Redactor in force; grows when secrets are read.</summary>
    public Redactor Redactor { get; set; } = Redactor.Default;

    public void Write(string text, Severity severity = Severity.Info)
    {
        foreach (var line in text.Split('\n'))
        {
            var clean = Redactor.Redact(line.TrimEnd('\r'));
            lines.Writer.TryWrite(
                new OperationLogLine
                {
                    OperationId = operationId,
                    At = time.GetUtcNow().UtcDateTime,
                    Step = Step,
                    Severity = severity,
                    Text = StoredText.Fit(clean, MaxLine),
                }
            );
        }
    }

    public Task WriteAsync(string text)
    {
        Write(text);
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        closing = true;
        lines.Writer.TryComplete();
        await writer;
    }

    private async Task WriteAsync()
    {
        var batch = new List<OperationLogLine>();
        while (batch.Count > 0 || await lines.Reader.WaitToReadAsync())
        {
            while (batch.Count < 200 && lines.Reader.TryRead(out var line))
            {
                batch.Add(line);
            }

            try
            {
                // A retried transaction must not see entities of the first try, so each try gets fresh ones.
                await work.WriteAsync(
                    db =>
                    {
                        db.OperationLog.AddRange(
                            batch.Select(l => new OperationLogLine
                            {
                                OperationId = l.OperationId,
                                At = l.At,
                                Step = l.Step,
                                Severity = l.Severity,
                                Text = l.Text,
                            })
                        );
                        return Task.CompletedTask;
                    },
                    CancellationToken.None
                );
                batch.Clear();
                live.Publish(operationId);
            }
            catch (Exception e) when (e is System.Data.Common.DbException or Microsoft.EntityFrameworkCore.DbUpdateException)
            {
                // A line that cannot be stored must not stop the work; what decides (state, audit) is written elsewhere and does stop it.
                // It is kept as long as the attempt lasts, for a database that is soon back; lines that the database itself refuses are
                // not.
                if (closing)
                {
                    return;
                }

                if (StorageFailures.Classify(e) == StorageFailure.None)
                {
                    batch.Clear();
                }

                await Task.Delay(Pause);
            }
        }
    }
}
