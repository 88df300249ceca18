using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Store;

/// <summary>Seals never go back: whoever owns the database and drops its triggers cannot have a removed end sealed, or call it
/// intact.</summary>
public sealed class SealTests(PostgreSqlServer server)
{
    private static CancellationToken None => CancellationToken.None;

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task LastEventsDeleted_AndTheHeadPutBack_AreNotSealedOver(string provider)
    {
        using var database = await SealedAsync(provider);
        var chain = await ChainAsync(database);
        await database.DropGuardsAsync();
        await CutAsync(database, chain, 3);

        await AssertSaidAsync(database, "goes back");

        // Nor when history goes on past the place, or the process is started anew.
        var environment = Guid.Parse(chain["env:".Length..]);
        for (var n = 1; n <= 4; n++)
        {
            await database.AppendAsync(environment, $"later-{n}");
        }

        await AssertSaidAsync(database, "was replaced");
        database.Restart();
        await AssertSaidAsync(database, "was replaced");
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task WholeChainOfAnEnvironment_DeletedWithItsHead_IsMissed(string provider)
    {
        using var database = await SealedAsync(provider);
        var chain = await ChainAsync(database);
        await database.DropGuardsAsync();
        await database.ExecuteAsync($"DELETE FROM audit_events WHERE chain = '{chain}'");
        await database.ExecuteAsync($"DELETE FROM audit_chain_heads WHERE chain = '{chain}'");

        await AssertSaidAsync(database, "is gone");

        // Other chains go on to be sealed, also in new files, and the lost one stays sealed.
        database.Restart(o => o.SealFileKilobytes = 1);
        for (var n = 1; n <= 12; n++)
        {
            await database.AppendAsync(null, $"portal-{n}");
            await database.Sealer.SealAsync(None);
        }

        Assert.True(Directory.GetFiles(database.SealsFolder, "seals-*.jsonl").Length > 1);
        await AssertSaidAsync(database, "is gone");
        database.Restart();
        await AssertSaidAsync(database, "is gone");
    }

    [Fact]
    public async Task OlderCopyOfTheDatabase_PutBack_IsFound()
    {
        using var database = await SealedAsync(TestDatabase.Sqlite);
        var (file, copy) = (Path.Combine(database.Folder, "portal.db"), Path.Combine(database.Folder, "copy.db"));
        await database.ExecuteAsync($"VACUUM INTO '{copy}'");
        await database.AppendAsync(null, "after the copy");
        await database.Sealer.SealAsync(None);
        Assert.True((await database.Verifier.VerifyAsync(None)).Intact);
        foreach (var end in (string[])["", "-wal", "-shm"])
        {
            File.Delete(file + end);
        }

        File.Move(copy, file);

        await AssertSaidAsync(database, "goes back");
        database.Restart();
        await AssertSaidAsync(database, "goes back");
    }

    [Theory]
    [InlineData("edit", "is not signed")]
    [InlineData("drop", "does not follow")]
    [InlineData("cut", "end at")]
    [InlineData("older", "end at")]
    [InlineData("remove", "end at 0")]
    public async Task Seals_Tampered_AreNotBelieved_AndNothingIsWrittenOnThem(string how, string said)
    {
        using var database = await SealedAsync(TestDatabase.Sqlite);
        var file = Directory.GetFiles(database.SealsFolder, "seals-*.jsonl").Single();
        var older = await File.ReadAllLinesAsync(file);
        for (var n = 1; n <= 3; n++)
        {
            await database.AppendAsync(null, $"more-{n}");
            await database.Sealer.SealAsync(None);
        }

        Assert.True((await database.Verifier.VerifyAsync(None)).Intact);
        var lines = await File.ReadAllLinesAsync(file);
        await (
            how switch
            {
                "edit" => File.WriteAllLinesAsync(
                    file,
                    lines.Select((l, i) => i == 1 ? l.Replace("\"index\":", "\"index\":1", StringComparison.Ordinal) : l)
                ),
                "drop" => File.WriteAllLinesAsync(file, lines.Where((_, i) => i != 2)),
                "cut" => File.WriteAllLinesAsync(file, lines.SkipLast(1)),
                "older" => File.WriteAllLinesAsync(file, older),
                _ => Task.Run(() => File.Delete(file)),
            }
        );

        // In the process that wrote them, and in one that knows nothing of it.
        Assert.False((await database.Verifier.VerifyAsync(None)).Intact);
        database.Restart();
        await database.AppendAsync(null, "goes on");
        var before = how == "remove" ? "" : await File.ReadAllTextAsync(file);
        await database.Sealer.SealAsync(None);
        Assert.Equal(before, how == "remove" ? "" : await File.ReadAllTextAsync(file));
        Assert.Contains(said, Assert.Single(database.Sealer.Status.Problems), StringComparison.Ordinal);
        var verdict = await database.Verifier.VerifyAsync(None);
        Assert.False(verdict.Intact);
        Assert.Contains(said, verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_CutShortByACrash_CountsForNothing_AndIsWrittenOver()
    {
        using var database = await SealedAsync(TestDatabase.Sqlite);
        var file = Directory.GetFiles(database.SealsFolder, "seals-*.jsonl").Single();
        await File.AppendAllTextAsync(file, "{\"stream\":\"half a li");
        Assert.True((await database.Verifier.VerifyAsync(None)).Intact);
        database.Restart();
        await database.AppendAsync(null, "goes on");
        await database.Sealer.SealAsync(None);

        Assert.Empty(database.Sealer.Status.Problems);
        Assert.Equal(3, (await database.Verifier.VerifyAsync(None)).Seals);
        Assert.Equal(3, (await File.ReadAllLinesAsync(file)).Length);

        // A file that was begun and got no line.
        await File.WriteAllTextAsync(Path.Combine(database.SealsFolder, "seals-000000000004.jsonl"), "{");
        database.Restart(o => o.SealFileKilobytes = 1);
        await database.AppendAsync(null, "and on");
        await database.Sealer.SealAsync(None);
        Assert.Empty(database.Sealer.Status.Problems);
        Assert.True((await database.Verifier.VerifyAsync(None)).Intact);
    }

    [Fact]
    public async Task Files_OfManySeals_AreBounded_AndTheKeptOnesStandAlone()
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.Sqlite, server);
        database.Restart(o => (o.SealFileKilobytes, o.SealFilesKept) = (1, 3));
        var environments = Enumerable.Range(0, 5).Select(_ => Guid.NewGuid()).ToList();
        for (var n = 0; n < 60; n++)
        {
            await database.AppendAsync(environments[n % 5], $"event-{n}");
            await database.Sealer.SealAsync(None);
            await database.Sealer.SealAsync(None); // nothing changed, nothing written
        }

        var files = Directory.GetFiles(database.SealsFolder, "seals-*.jsonl").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(3, files.Count);
        Assert.True(files.Sum(f => new FileInfo(f).Length) < 3 * 4096);
        Assert.Equal(60, database.Sealer.Status.Seals);
        database.Restart();
        Assert.True((await database.Verifier.VerifyAsync(None)).Intact);

        // The newest file alone knows every chain; that the others are missing is said.
        files.SkipLast(1).ToList().ForEach(File.Delete);
        database.Restart();
        var verdict = await database.Verifier.VerifyAsync(None);
        Assert.False(verdict.Intact);
        Assert.Contains("oldest file begins with", verdict.Message, StringComparison.Ordinal);
        await database.DropGuardsAsync();
        await CutAsync(database, $"env:{environments[0]}", 3);
        await database.Sealer.SealAsync(None);
        Assert.Contains("goes back", Assert.Single(database.Sealer.Status.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Processes_OnOneFolder_WriteOneStream(string provider)
    {
        using var database = await SealedAsync(provider);
        var sealers = Enumerable.Range(0, 4).Select(_ => database.Another(o => o.SealFileKilobytes = 1)).ToList();
        await Task.WhenAll(
            sealers.Select(
                (s, i) =>
                    Task.Run(async () =>
                    {
                        var environment = Guid.NewGuid();
                        for (var n = 0; n < 10; n++)
                        {
                            await database.AppendAsync(environment, $"of-{i}-{n}");
                            await s.Sealer.SealAsync(None);
                        }
                    })
            )
        );

        Assert.All(sealers, s => Assert.Equal((0, ""), (s.Sealer.Status.Problems.Count, s.Sealer.Status.Failure)));
        database.Restart();
        var verdict = await database.Verifier.VerifyAsync(None);
        Assert.True(verdict.Intact, verdict.Message);
        Assert.Equal(verdict.Seals, await database.Work.ReadAsync(db => db.AuditSealStreams.Select(s => s.Number).SingleAsync(), None));
    }

    [Fact]
    public async Task HeadPutBack_WithItsEventsInPlace_IsFound()
    {
        using var database = await SealedAsync(TestDatabase.Sqlite);
        await database.ExecuteAsync("DELETE FROM audit_chain_heads WHERE chain = 'portal'");
        var verdict = await database.Verifier.VerifyAsync(None);
        Assert.False(verdict.Intact);
        Assert.Contains("the head was set back", verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FileOfBefore_IsTakenOver_UnlessItWentBackItself(bool wentBack)
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.Sqlite, server);
        Directory.CreateDirectory(database.SealsFolder);
        await database.AppendAsync(null, "one");
        await database.AppendAsync(null, "two");
        var events = await database.Work.ReadAsync(db => db.AuditEvents.OrderBy(e => e.Id).ToListAsync(), None);
        var lines = events.Select(e =>
            $$"""{"at":"2026-01-01T00:00:00Z","heads":[{"chain":"portal","index":{{e.Index}},"hash":"{{e.Hash}}"}]}"""
        );
        await File.WriteAllLinesAsync(Path.Combine(database.SealsFolder, "seals.jsonl"), wentBack ? lines.Reverse() : lines);
        await database.Sealer.SealAsync(None);

        Assert.Equal(wentBack, database.Sealer.Status.Problems.Any(p => p.Contains("later at 1", StringComparison.Ordinal)));
        Assert.Equal(!wentBack, (await database.Verifier.VerifyAsync(None)).Intact);
        Assert.Equal(wentBack, File.Exists(Path.Combine(database.SealsFolder, "seals.jsonl")));

        await database.DropGuardsAsync();
        await CutAsync(database, "portal", 1);
        await AssertSaidAsync(database, "goes back");
    }

    [Fact]
    public async Task Seals_PutAsideByTheOwnerOfTheFolder_BeginAnew_AndHistoryTellsOfIt()
    {
        using var database = await SealedAsync(TestDatabase.Sqlite);
        await database.DropGuardsAsync();
        await CutAsync(database, "portal", 1);
        await AssertSaidAsync(database, "goes back");
        await File.WriteAllTextAsync(Path.Combine(database.SealsFolder, "begin-anew"), "");

        await database.Sealer.SealAsync(None);
        Assert.Empty(database.Sealer.Status.Problems);
        database.Restart();
        Assert.True((await database.Verifier.VerifyAsync(None)).Intact);
        var told = await database.Work.ReadAsync(db => db.AuditEvents.SingleAsync(e => e.Action == "audit.seals-put-aside"), None);
        Assert.Contains("goes back", told.BeforeJson, StringComparison.Ordinal);
        Assert.Single(Directory.GetDirectories(database.SealsFolder, "before-*"));
    }

    private async Task<TestDatabase> SealedAsync(string provider)
    {
        var database = await TestDatabase.CreateAsync(provider, server);
        var environment = Guid.NewGuid();
        await database.AppendAsync(null, "portal");
        await database.AppendAsync(environment, "event-1");
        await database.Sealer.SealAsync(None);
        for (var n = 2; n <= 5; n++)
        {
            await database.AppendAsync(environment, $"event-{n}");
        }

        await database.AppendAsync(null, "portal again");
        await database.Sealer.SealAsync(None);
        Assert.Equal((2, 0), (database.Sealer.Status.Seals, database.Sealer.Status.Problems.Count));
        Assert.True((await database.Verifier.VerifyAsync(None)).Intact);
        return database;
    }

    private static Task<string> ChainAsync(TestDatabase database) =>
        database.Work.ReadAsync(db => db.AuditChainHeads.Select(h => h.Chain).SingleAsync(c => c != AuditTrail.PortalChain), None);

    private static async Task CutAsync(TestDatabase database, string chain, long index)
    {
        await database.ExecuteAsync($"DELETE FROM audit_events WHERE chain = '{chain}' AND \"index\" > {index}");
        await database.ExecuteAsync(
            $"UPDATE audit_chain_heads SET \"index\" = {index}, hash = (SELECT hash FROM audit_events WHERE chain = '{chain}' AND \"index\" = {index}) WHERE chain = '{chain}'"
        );
    }

    // The sealer runs, writes nothing that covers it up, and both it and the verifier say so.
    private static async Task AssertSaidAsync(TestDatabase database, string said)
    {
        await database.Sealer.SealAsync(None);
        await database.Sealer.SealAsync(None);
        Assert.Contains(database.Sealer.Status.Problems, p => p.Contains(said, StringComparison.Ordinal));
        Assert.False((await database.Verifier.VerifyAsync(None)).Intact);
    }
}
