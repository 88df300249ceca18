using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Portkey.Portal.Data.Tests.UseCases.Credentials;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Engine.KeyIssuing;
using Xunit;

namespace Portkey.Portal.Data.Tests.Engine.KeyIssuing;

/// <summary>A credential whose provider, other side and vault are in memory, before the real database.</summary>
internal sealed class KeyIssuingWorld
{
    private KeyIssuingWorld(TestDatabase database, CredentialWorld credentials)
    {
        (Database, Credentials) = (database, credentials);
        KeyIssuance = new KeyIssuance(
            database.Work,
            Vault,
            [Provider],
            database.Trail,
            new LiveUpdates(),
            new Failpoints(Options.Create(new ProvisioningOptions())),
            Options.Create(new KeyIssuingOptions()),
            Clock,
            NullLogger<KeyIssuance>.Instance
        );
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(CredentialWorld.Now));

    public TestDatabase Database { get; }

    public CredentialWorld Credentials { get; }

    public MemoryVault Vault { get; } = new();

    public MemoryProvider Provider { get; } = new();

    public KeyIssuance KeyIssuance { get; }

    public GatewayEnvironment Environment { get; private set; } = null!;

    public SecretReference Reference { get; private set; } = null!;

    public static async Task<KeyIssuingWorld> CreateAsync(TestDatabase database)
    {
        var world = new KeyIssuingWorld(database, await CredentialWorld.CreateAsync(database));
        world.Environment = await world.Credentials.EnvironmentAsync("checkout");
        world.Reference = await world.Credentials.CredentialAsync(world.Environment, "REDIS_PASSWORD");
        world.Vault.Put(world.Reference.VaultName, $"{world.Reference.Id:N}-1", "first");
        world.Provider.Valid["first"] = true;
        await world.SetAsync(r => r.Provider = MemoryProvider.Name);
        return world;
    }

    /// <summary>Changes the row by hand.</summary>
    public Task SetAsync(Action<SecretReference> change) =>
        Database.Work.WriteAsync(
            async db => change(await db.SecretReferences.AsTracking().FirstAsync(r => r.Id == Reference.Id)),
            CancellationToken.None
        );

    public Task<int> IssueAsync() => KeyIssuance.IssueAsync(CredentialWorld.As("lead"), Reference.Id, null, CancellationToken.None);

    public Task<SecretReference> ReadAsync() =>
        Database.Work.ReadAsync(
            db => db.SecretReferences.Include(r => r.Versions).FirstAsync(r => r.Id == Reference.Id),
            CancellationToken.None
        );

    /// <summary>What is written down about the work of its provider.</summary>
    public Task<IssuingState> StateAsync() =>
        Database.Work.ReadAsync(
            async db =>
            {
                var reference = await ReadAsync();
                return new IssuingState(
                    await db
                        .ProviderMarks.Where(m => m.SecretReferenceId == reference.Id)
                        .OrderBy(m => m.At)
                        .Select(m => m.Mark)
                        .ToListAsync(),
                    reference.Versions.Where(v => v.ProviderMark is not null).ToDictionary(v => v.Number, v => v.ProviderMark!),
                    reference.Lease.Until,
                    reference.RotateNotBefore,
                    reference.UnattendedBy,
                    reference.UnattendedAt,
                    await db.IssueRequests.FirstOrDefaultAsync(r => r.SecretReferenceId == reference.Id && r.EndedAt == null),
                    await db.IssueRequests.FirstOrDefaultAsync(r => r.SecretReferenceId == reference.Id && r.EndedAt != null)
                );
            },
            CancellationToken.None
        );

    /// <summary>Takes the right to issue, by the database's clock.</summary>
    public async Task TakeAsync(string owner, TimeSpan time) =>
        Assert.Equal(
            1,
            await Database.Work.WriteAsync(
                db => db.SecretReferences.Where(r => r.Id == Reference.Id).TakeAsync(owner, time, CancellationToken.None),
                CancellationToken.None
            )
        );

    /// <summary>As if its time were over.</summary>
    public Task EndLeaseAsync() =>
        Database.Work.WriteAsync(
            db =>
                db.SecretReferences.Where(r => r.Id == Reference.Id)
                    .ExecuteUpdateAsync(s => s.SetProperty(r => r.Lease.Until, r => DateTime.UtcNow.AddSeconds(-1))),
            CancellationToken.None
        );

    public async Task<string> VersionsAsync() =>
        string.Join(", ", (await ReadAsync()).Versions.OrderBy(v => v.Number).Select(v => $"v{v.Number} {v.State}"));
}

/// <summary>Rows about the work of a provider.</summary>
internal sealed record IssuingState(
    IReadOnlyList<string> Open,
    IReadOnlyDictionary<int, string> Issued,
    DateTime? Lease,
    DateTime? NotBefore,
    string? UnattendedBy,
    DateTime? UnattendedAt,
    IssueRequest? Wanted,
    IssueRequest? Last
);

/// <summary>A vault in memory.</summary>
internal sealed class MemoryVault : ISecretVault
{
    private readonly ConcurrentDictionary<(string, string), string> values = new();

    public bool Refuses { get; set; }

    public ConcurrentQueue<string> Disabled { get; } = new();

    public void Put(string name, string version, string value) => values[(name, version)] = value;

    public string NameFor(string team, string name) => name;

    public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken)
    {
        if (Refuses)
        {
            throw new VaultException(VaultFailure.Forbidden, "The test told it to.");
        }

        var version = Guid.NewGuid().ToString("N");
        values[(name, version)] = value.Reveal();
        return Task.FromResult(version);
    }

    public Task DisableAsync(string name, string version, CancellationToken cancellationToken)
    {
        values.TryRemove((name, version), out _);
        Disabled.Enqueue(version);
        return Task.CompletedTask;
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<SecretValue> GetAsync(string name, string version, CancellationToken cancellationToken) =>
        values.TryGetValue((name, version), out var value)
            ? Task.FromResult(new SecretValue(value))
            : throw new VaultException(VaultFailure.Disabled, "It is disabled.");
}

/// <summary>A provider whose other side is a set of valid values. Its marks are the values, which no real one's are.</summary>
internal sealed class MemoryProvider : IKeyIssuer
{
    public const string Name = "redis-acl";

    private int made;

    public ConcurrentDictionary<string, bool> Valid { get; } = new(StringComparer.Ordinal);

    /// <summary>Thrown after the other side took the value.</summary>
    public Exception? FailsAfter { get; set; }

    /// <summary>Thrown in place of taking back.</summary>
    public IssueException? KeepsWith { get; set; }

    /// <summary>Thrown in place of a plan.</summary>
    public IssueException? PlansNot { get; set; }

    public string Id => Name;

    public Task<IssuePlan> PlanAsync(IssueContext context, CancellationToken cancellationToken) =>
        PlansNot is { } problem ? throw problem : Task.FromResult(new IssuePlan($"made-{Interlocked.Increment(ref made)}", null));

    public Task<SecretValue> IssueAsync(IssueContext context, IssuePlan plan, CancellationToken cancellationToken)
    {
        Valid[plan.Mark] = true;
        return FailsAfter is { } problem ? throw problem : Task.FromResult(new SecretValue(plan.Mark));
    }

    public Task TakeBackAsync(IssueContext context, string mark, CancellationToken cancellationToken) => Remove(context, mark);

    public async Task<string> RetireAsync(IssueContext context, SecretValue old, CancellationToken cancellationToken)
    {
        await Remove(context, old.Reveal());
        return "It is removed.";
    }

    private Task Remove(IssueContext context, string value)
    {
        if (KeepsWith is { } problem)
        {
            throw problem;
        }

        if (!context.InUse.Any(v => v.Reveal() == value))
        {
            Valid.TryRemove(value, out _);
        }

        return Task.CompletedTask;
    }
}
