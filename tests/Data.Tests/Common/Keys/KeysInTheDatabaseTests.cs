using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Portkey.Portal.Provisioning.Common.Keys;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.Common.Keys;

/// <summary>The portal's keys are in its database, wrapped; a process whose keys do not fit does not start.</summary>
public sealed class KeysInTheDatabaseTests(PostgreSqlServer server)
{
    private static CancellationToken None => CancellationToken.None;

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task FirstStarts_ManyAtOnceInFoldersOfTheirOwn_AgreeOnOneKey_AndReadEachOther(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        using var world = new KeyWorld(database);
        var processes = await Task.WhenAll(Enumerable.Range(1, 4).Select(n => Task.Run(() => world.StartAsync($"process-{n}"))));
        foreach (var process in processes)
        {
            await KeyWorld.AppendAsync(process, "after the start");
        }

        Assert.Single(processes.Select(p => p.GetRequiredService<AuditKey>().Fingerprint).Distinct(StringComparer.Ordinal));
        var text = KeyWorld.Protect(processes[0], "for all");
        Assert.All(processes, p => Assert.Equal("for all", KeyWorld.Unprotect(p, text)));
        Assert.Equal(
            [("audit", 1), ("ring", 1)],
            await database.Work.ReadAsync(
                async db =>
                    (
                        await db
                            .PortalKeys.GroupBy(k => k.Purpose)
                            .Select(g => new { g.Key, Count = g.Count() })
                            .OrderBy(g => g.Key)
                            .ToListAsync()
                    ).Select(g => (g.Key, g.Count)),
                None
            )
        );
        var first = await database.Work.ReadAsync(db => db.AuditEvents.OrderBy(e => e.Id).FirstAsync(), None);
        Assert.Equal(
            ("portal", 1L, "audit.key-created", processes[0].GetRequiredService<AuditKey>().Fingerprint),
            (first.Chain, first.Index, first.Action, first.TargetId)
        );
        Assert.Single(await database.Work.ReadAsync(db => db.AuditEvents.Where(e => e.Action == "audit.key-created").ToListAsync(), None));
        Assert.True((await KeyWorld.VerifyAsync(processes[3])).Intact);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Process_WithAnotherKeyFile_RefusesAndSaysWhatToDo(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        using var world = new KeyWorld(database);
        var first = await world.StartAsync("first");
        var other = Path.Combine(world.Data("second"), "other.key");
        var said = await world.RefusalAsync("second", other);
        Assert.Contains(other, said, StringComparison.Ordinal);
        Assert.Contains("Portal:KeyRingKeyFile", said, StringComparison.Ordinal);
        Assert.Contains(first.GetRequiredService<WrappingKeys>().Current.Name, said, StringComparison.Ordinal);
        Assert.Equal(2, await database.Work.ReadAsync(db => db.PortalKeys.CountAsync(), None));
        Assert.True((await KeyWorld.VerifyAsync(first)).Intact);
    }

    [Fact]
    public async Task KeyRow_DeletedWhileThereIsHistory_RefusesInsteadOfMakingAnother()
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.Sqlite, server);
        using var world = new KeyWorld(database);
        await world.StartAsync("first");
        await database.ExecuteAsync("DELETE FROM portal_keys WHERE purpose = 'audit'");
        Assert.Contains("is missing", await world.RefusalAsync("first"), StringComparison.Ordinal);
        await database.ExecuteAsync("DELETE FROM portal_keys");
        Assert.Contains("is missing", await world.RefusalAsync("second"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE portal_keys SET wrapped = X'00' WHERE purpose = 'audit'", "was changed in the database")]
    [InlineData("UPDATE portal_keys SET fingerprint = 'x' WHERE purpose = 'audit'", "was changed in the database")]
    [InlineData(
        "UPDATE portal_keys SET wrapped = (SELECT wrapped FROM portal_keys WHERE purpose = 'ring') WHERE purpose = 'audit'",
        "was changed in the database"
    )]
    public async Task KeyRow_Changed_Refuses(string sql, string said)
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.Sqlite, server);
        using var world = new KeyWorld(database);
        await world.StartAsync("first");
        await database.ExecuteAsync(sql);
        Assert.Contains(said, await world.RefusalAsync("first"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeyRow_OfAnotherPortalWithTheSameKeyFile_Refuses()
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.Sqlite, server);
        using var world = new KeyWorld(database);
        var process = await world.StartAsync("first");
        var row = process.GetRequiredService<KeyStore>().Row(KeyStore.Audit, "1", RandomNumberGenerator.GetBytes(32));
        await database.Work.WriteAsync(
            async db => (await db.PortalKeys.AsTracking().SingleAsync(k => k.Purpose == KeyStore.Audit)).Wrapped = row.Wrapped,
            None
        );
        Assert.Contains("the history was signed by", await world.RefusalAsync("first"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RingKey_WrittenIntoTheDatabaseByHand_IsNoKey()
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.Sqlite, server);
        using var world = new KeyWorld(database);
        var process = await world.StartAsync("first");
        var text = KeyWorld.Protect(process, "ours");
        var (id, forged) = KeyRing.MakeFirst(TimeProvider.System);
        await database.Work.WriteAsync(
            async db =>
            {
                var name = (await db.PortalKeys.FirstAsync()).WrappedBy;
                db.PortalKeys.Add(
                    new PortalKey
                    {
                        Purpose = KeyStore.Ring,
                        Id = id,
                        Wrapped = Encoding.UTF8.GetBytes(forged.ToString()),
                        WrappedBy = name,
                        Fingerprint = "",
                        CreatedAt = DateTime.UtcNow,
                    }
                );
                db.PortalKeys.Add(
                    new PortalKey
                    {
                        Purpose = KeyStore.Ring,
                        Id = "of-nobody",
                        Wrapped = [1, 2, 3],
                        WrappedBy = "000000000000",
                        Fingerprint = "",
                        CreatedAt = DateTime.UtcNow,
                    }
                );
            },
            None
        );
        var again = await world.StartAsync("again");
        Assert.Equal("ours", KeyWorld.Unprotect(again, text));
        Assert.Single(again.GetRequiredService<KeyRingRepository>().GetAllElements());
    }

    [Fact]
    public async Task KeyFile_Changed_WithTheOldOneNamedOnce_WrapsAnew()
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.Sqlite, server);
        using var world = new KeyWorld(database);
        var text = KeyWorld.Protect(await world.StartAsync("first"), "kept");
        var next = Path.Combine(world.Data("first"), "next.key");
        await world.StartAsync("first", next, world.KeyFile);
        var later = await world.StartAsync("first", next);
        Assert.Equal("kept", KeyWorld.Unprotect(later, text));
        Assert.True((await KeyWorld.VerifyAsync(later)).Intact);
        Assert.Contains("wrapped by", await world.RefusalAsync("first"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task KeysOfBefore_InFiles_AreTakenOver_AndHistoryStaysVerifiable(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        using var world = new KeyWorld(database);
        var (key, text) = await world.OfBeforeAsync("first");
        database.Key.Use(key);
        await database.AppendAsync(null, "of before");
        await database.AppendAsync(Guid.NewGuid(), "of before");

        // Another folder has a key of its own, as every second process did: it must not be the one that is taken.
        await world.OfBeforeAsync("second");
        Assert.Contains("not the key that signed the history", await world.RefusalAsync("second"), StringComparison.Ordinal);

        var process = await world.StartAsync("first");
        Assert.Equal("of before", KeyWorld.Unprotect(process, text));
        Assert.False(Directory.Exists(Path.Combine(world.Data("first"), "keys")));
        Assert.True(File.Exists(Path.Combine(world.Data("first"), "keys-taken-over", "README.txt")));
        await KeyWorld.AppendAsync(process, "after");
        Assert.True((await KeyWorld.VerifyAsync(process)).Intact);
        var second = await world.StartAsync("second");
        Assert.Equal("of before", KeyWorld.Unprotect(second, text));
        Assert.True((await KeyWorld.VerifyAsync(second)).Intact);
        Assert.Equal(AuditKey.FingerprintOf(key), second.GetRequiredService<AuditKey>().Fingerprint);
    }

    [Fact]
    public async Task Database_OfAStartedPortal_HoldsNoKeyThatIsNotWrapped()
    {
        using var database = await TestDatabase.CreateAsync(TestDatabase.Sqlite, server);
        using var world = new KeyWorld(database);
        var (key, _) = await world.OfBeforeAsync("first");
        await world.StartAsync("first");
        var rows = await database.Work.ReadAsync(db => db.PortalKeys.ToListAsync(), None);
        Assert.All(rows, r => Assert.DoesNotContain("masterKey", Encoding.UTF8.GetString(r.Wrapped), StringComparison.Ordinal));
        Assert.All(rows, r => Assert.Equal(-1, r.Wrapped.AsSpan().IndexOf(key)));
        Assert.Empty(Directory.GetFiles(world.Data("first")));
    }
}
