using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Portkey.Portal.Crash.Tests;
using Portkey.Portal.Shared;

[assembly: AssemblyFixture(typeof(CrashReport))]

namespace Portkey.Portal.Crash.Tests;

/// <summary>Counts what was really injected, never what was only meant to be, and leaves it as a table in TestResults/crash.md.</summary>
public sealed class CrashReport : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Fault, Database Database), int> injected = new();
    private readonly ConcurrentDictionary<string, double> slowest = new(StringComparer.Ordinal);
    private readonly Lazy<Task<TestCluster>> cluster = new(() => TestCluster.StartAsync(Target.RealServer));

    /// <summary>The API server that most worlds share; started when the first one asks.</summary>
    public Task<TestCluster> Cluster => cluster.Value;

    /// <summary>The long form (PORTAL_CRASH=long) takes every point; the short one a few of each kind, for every run of ./test.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable("PORTAL_CRASH") == "long";

    /// <summary>Both databases in the long form; in the short one each fault meets one of them, and only the tour of all failpoints meets
    /// both.</summary>
    public static TheoryData<Database> OnSqlite => IsLong ? [Database.Sqlite, Database.PostgreSql] : [Database.Sqlite];

    /// <summary>The other half.</summary>
    public static TheoryData<Database> OnPostgreSql => IsLong ? [Database.Sqlite, Database.PostgreSql] : [Database.PostgreSql];

    /// <summary>All of them, or that many evenly spread ones.</summary>
    public static IReadOnlyList<T> Pick<T>(IReadOnlyList<T> all, int few) =>
        IsLong || all.Count <= few ? all : [.. Enumerable.Range(0, few).Select(i => all[i * all.Count / few])];

    public void Count(string fault, Database database) => injected.AddOrUpdate((fault, database), 1, (_, n) => n + 1);

    /// <summary>Seconds from the end of the last fault to the end of the operation.</summary>
    public void Recovered(string fault, TimeSpan after) =>
        slowest.AddOrUpdate(fault, after.TotalSeconds, (_, s) => Math.Max(s, after.TotalSeconds));

    public async ValueTask DisposeAsync()
    {
        if (cluster.IsValueCreated)
        {
            await (await cluster.Value).DisposeAsync();
        }

        if (injected.IsEmpty)
        {
            return;
        }

        var table = new StringBuilder("| injected | SQLite | PostgreSQL | slowest recovery |\n|---|---|---|---|\n");
        foreach (var fault in injected.Keys.Select(k => k.Fault).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            var recovery = slowest.TryGetValue(fault, out var seconds)
                ? string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s")
                : "";
            table.Append(
                CultureInfo.InvariantCulture,
                $"| {fault} | {Of(fault, Database.Sqlite)} | {Of(fault, Database.PostgreSql)} | {recovery} |\n"
            );
        }

        table.Append(CultureInfo.InvariantCulture, $"| together | {Total(Database.Sqlite)} | {Total(Database.PostgreSql)} | |\n");
        var folder = Path.Combine(Repository.Root, "TestResults");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "crash.md"), table.ToString());
        await Console.Out.WriteLineAsync(table.ToString());
    }

    private int Of(string fault, Database database) => injected.GetValueOrDefault((fault, database));

    private int Total(Database database) => injected.Where(i => i.Key.Database == database).Sum(i => i.Value);
}

/// <summary>Where the portal keeps its state.</summary>
public enum Database
{
    Sqlite,
    PostgreSql,
}
