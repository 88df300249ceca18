using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Audit;

/// <summary>
/// Writes the heads of all chains to a second place, a folder of linked and signed lines, so that truncating a chain shows. It
/// never seals less than it sealed before: what the database lost stays sealed, and is reported. Put the folder on storage that the
/// database's administrators cannot write.
/// </summary>
public sealed partial class AuditSealer : IDisposable
{
    private static readonly Caller System = new(AuditTrail.System, "", "seal");

    private readonly UnitOfWork work;
    private readonly AuditTrail trail;
    private readonly TimeProvider time;
    private readonly ILogger<AuditSealer> logger;
    private readonly SealFiles files;
    private readonly SealFolder folder;
    private readonly SemaphoreSlim gate = new(1, 1);

    /// <summary>Makes it; the folder is read on first use.</summary>
    public AuditSealer(
        UnitOfWork work,
        AuditTrail trail,
        AuditKey key,
        IOptions<ProvisioningOptions> options,
        TimeProvider time,
        ILogger<AuditSealer> logger
    )
    {
        (this.work, this.trail, this.time, this.logger) = (work, trail, time, logger);
        files = new SealFiles(options.Value.SealsPath);
        folder = new SealFolder(files, key, options.Value.SealFileKilobytes * 1024L, options.Value.SealFilesKept);
        Status = new SealStatus(files.Folder, 0, null, [], "");
    }

    /// <summary>As of the last attempt to seal.</summary>
    public SealStatus Status { get; private set; }

    /// <summary>Seals what was added since the last seal. What went back is not sealed, but reported.</summary>
    public async Task SealAsync(CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            await using var turn = await files.LockAsync(cancellationToken);
            var problems = await SealInTurnAsync(cancellationToken);
            Status = new SealStatus(files.Folder, folder.State.Number, folder.State.At, problems, "");
            foreach (var problem in problems)
            {
                LogBroken(logger, problem);
            }
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Status = Status with { Failure = $"No seal can be written to {files.Folder}: {problem.Message}" };
            LogNotWritten(logger, files.Folder, problem.Message);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Reads all seals: what they say of each chain, and why they do not hold.</summary>
    internal async Task<(IReadOnlyDictionary<string, SealedHead> Heads, long Seals, DateTime? At, string? Problem)> WalkAsync(
        CancellationToken cancellationToken
    )
    {
        await gate.WaitAsync(cancellationToken);
        try
        {
            await using var turn = await files.LockAsync(cancellationToken);
            var (state, problem) = folder.Walk();
            var why = problem is null
                ? await AgainstRecordAsync(state, cancellationToken)
                : $"The seals in {files.Folder} do not hold: {problem}.";
            var (old, before) = state.Number > 0 ? (state.Heads, null) : OldSeals.Read(files.Folder);
            return (old, state.Number, state.At, why ?? before);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return (
                new Dictionary<string, SealedHead>(StringComparer.Ordinal),
                0,
                null,
                $"The seals in {files.Folder} cannot be read: {problem.Message}"
            );
        }
        finally
        {
            gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => gate.Dispose();

    private async Task<List<string>> SealInTurnAsync(CancellationToken cancellationToken)
    {
        var why = folder.Refresh() is { } problem
            ? $"The seals in {files.Folder} do not hold: {problem}."
            : await AgainstRecordAsync(folder.State, cancellationToken);
        var known = folder.State.Heads;
        if (folder.State.Number == 0)
        {
            (known, var before) = OldSeals.Read(files.Folder);
            why ??= before;
        }

        var (changed, problems) = await work.ReadAsync(db => HeadCheck.RunAsync(db, known, cancellationToken), cancellationToken);
        if (why is not null)
        {
            problems.Insert(0, why);
        }

        if (problems.Count > 0 && files.MayBeginAnew)
        {
            await BeginAnewAsync(problems, cancellationToken);
            return await SealInTurnAsync(cancellationToken);
        }

        if (why is null && folder.State.Number == 0)
        {
            var stream = await BeginAsync(cancellationToken);
            (changed, problems) = await work.ReadAsync(db => HeadCheck.RunAsync(db, known, cancellationToken), cancellationToken);
            await AppendAsync(stream, [.. known.Values.Concat(changed)], cancellationToken);
            OldSeals.PutAside(files.Folder);
        }
        else if (why is null && changed.Count > 0)
        {
            await AppendAsync(folder.State.Stream, changed, cancellationToken);
        }

        return problems;
    }

    // The file first: a crash in between leaves a record that is behind, which is harmless.
    private async Task AppendAsync(string stream, IReadOnlyList<SealedHead> heads, CancellationToken cancellationToken)
    {
        folder.Append(stream, heads, time.GetUtcNow().UtcDateTime);
        await work.WriteAsync(
            async db =>
            {
                var row = await db.AuditSealStreams.AsTracking().FirstOrDefaultAsync(s => s.Stream == stream, cancellationToken);
                if (row is null)
                {
                    db.AuditSealStreams.Add(row = Row(stream)); // an older copy of the database does not know it
                }

                (row.Number, row.Mac, row.At) = (folder.State.Number, folder.State.Mac, folder.State.At!.Value);
            },
            cancellationToken
        );
    }

    private Task<string> BeginAsync(CancellationToken cancellationToken) =>
        work.WriteAsync(
            async db =>
            {
                var folderName = files.Folder;
                var row = await db
                    .AuditSealStreams.AsTracking()
                    .FirstOrDefaultAsync(
                        s => s.Host == Environment.MachineName && s.Folder == folderName && s.Number == 0,
                        cancellationToken
                    );
                if (row is null)
                {
                    db.AuditSealStreams.Add(row = Row(Guid.CreateVersion7().ToString("n")));
                    await trail.AppendAsync(
                        db,
                        System,
                        new AuditEntry("audit.seals-begun", "seals", row.Stream, folderName)
                        {
                            After = new { host = Environment.MachineName, folder = folderName },
                        },
                        cancellationToken
                    );
                }

                return row.Stream;
            },
            cancellationToken
        );

    private async Task BeginAnewAsync(IReadOnlyList<string> problems, CancellationToken cancellationToken)
    {
        var (stream, folderName) = (folder.State.Stream, files.Folder);
        var aside = files.PutAside(time.GetUtcNow().UtcDateTime);
        folder.BeginAnew();
        await work.WriteAsync(
            async db =>
            {
                var rows = await db
                    .AuditSealStreams.AsTracking()
                    .Where(s => s.Stream == stream || (s.Host == Environment.MachineName && s.Folder == folderName))
                    .ToListAsync(cancellationToken);
                db.AuditSealStreams.RemoveRange(rows);
                await trail.AppendAsync(
                    db,
                    System,
                    new AuditEntry("audit.seals-put-aside", "seals", stream.Length > 0 ? stream : "none", folderName)
                    {
                        Before = new { problems = problems.Take(20) },
                        After = new { host = Environment.MachineName, aside },
                        Reason = $"the folder held the file {SealFiles.Anew}",
                    },
                    cancellationToken
                );
            },
            cancellationToken
        );
    }

    private AuditSealStream Row(string stream) =>
        new()
        {
            Stream = stream,
            Host = Environment.MachineName,
            Folder = files.Folder,
            Number = 0,
            Mac = "",
            At = time.GetUtcNow().UtcDateTime,
        };

    // The database remembers how far the files went: they may be ahead of it, never behind.
    private Task<string?> AgainstRecordAsync(SealState state, CancellationToken cancellationToken) =>
        work.ReadAsync(
            async db =>
            {
                var (stream, folderName) = (state.Stream, files.Folder);
                var row =
                    state.Number > 0
                        ? await db.AuditSealStreams.FirstOrDefaultAsync(s => s.Stream == stream, cancellationToken)
                        : await db
                            .AuditSealStreams.Where(s => s.Host == Environment.MachineName && s.Folder == folderName && s.Number > 0)
                            .OrderByDescending(s => s.At)
                            .FirstOrDefaultAsync(cancellationToken);
                return row is null || row.Number < state.Number || (row.Number == state.Number && row.Mac == state.Mac)
                    ? null
                    : $"The seals in {folderName} end at {state.Number}, but {row.Number} were written until {row.At:yyyy-MM-dd HH:mm} UTC: files were removed, or replaced by older ones.";
            },
            cancellationToken
        );

    [LoggerMessage(EventId = 4020, Level = LogLevel.Error, Message = "THE HISTORY DOES NOT AGREE WITH ITS SEALS: {Problem}")]
    private static partial void LogBroken(ILogger logger, string problem);

    [LoggerMessage(EventId = 4021, Level = LogLevel.Warning, Message = "No seal can be written to {Folder}: {Problem}")]
    private static partial void LogNotWritten(ILogger logger, string folder, string problem);
}
