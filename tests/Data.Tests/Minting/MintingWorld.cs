using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Portkey.Portal.Data.Tests.Credentials;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Credentials;
using Portkey.Portal.Provisioning.Minting;
using Portkey.Portal.Provisioning.Secrets;

namespace Portkey.Portal.Data.Tests.Minting;

/// <summary>A credential whose provider, other side and vault are in memory, before the real database.</summary>
internal sealed class MintingWorld
{
    private MintingWorld(TestDatabase database, CredentialWorld credentials)
    {
        (Database, Credentials) = (database, credentials);
        Minter = new Minter(database.Work, Vault, [Provider], database.Trail, new LiveUpdates(), new Failpoints(Options.Create(new ProvisioningOptions())), Options.Create(new MintingOptions()), Clock, NullLogger<Minter>.Instance);
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(CredentialWorld.Now));

    public TestDatabase Database { get; }

    public CredentialWorld Credentials { get; }

    public MemoryVault Vault { get; } = new();

    public MemoryProvider Provider { get; } = new();

    public Minter Minter { get; }

    public GatewayEnvironment Environment { get; private set; } = null!;

    public SecretReference Reference { get; private set; } = null!;

    public static async Task<MintingWorld> CreateAsync(TestDatabase database)
    {
        var world = new MintingWorld(database, await CredentialWorld.CreateAsync(database));
        world.Environment = await world.Credentials.EnvironmentAsync("checkout");
        world.Reference = await world.Credentials.CredentialAsync(world.Environment, "REDIS_PASSWORD");
        world.Vault.Put(world.Reference.VaultName, $"{world.Reference.Id:N}-1", "first");
        world.Provider.Valid["first"] = true;
        await world.SetAsync(r => r.Provider = MemoryProvider.Name);
        return world;
    }

    /// <summary>Changes the row by hand.</summary>
    public Task SetAsync(Action<SecretReference> change) => Database.Work.WriteAsync(async db => change(await db.SecretReferences.AsTracking().FirstAsync(r => r.Id == Reference.Id)), CancellationToken.None);

    public Task<int> MintAsync() => Minter.MintAsync(CredentialWorld.As("lead"), Reference.Id, null, CancellationToken.None);

    public Task<SecretReference> ReadAsync() => Database.Work.ReadAsync(db => db.SecretReferences.Include(r => r.Versions).FirstAsync(r => r.Id == Reference.Id), CancellationToken.None);

    public async Task<ProviderState> StateAsync() => ProviderState.Of(await ReadAsync());

    public async Task<string> VersionsAsync() => string.Join(", ", (await ReadAsync()).Versions.OrderBy(v => v.Number).Select(v => $"v{v.Number} {v.State}"));
}

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
        values.TryGetValue((name, version), out var value) ? Task.FromResult(new SecretValue(value)) : throw new VaultException(VaultFailure.Disabled, "It is disabled.");
}

/// <summary>A provider whose other side is a set of valid values. Its marks are the values, which no real one's are.</summary>
internal sealed class MemoryProvider : IMintProvider
{
    public const string Name = "redis-acl";

    private int made;

    public ConcurrentDictionary<string, bool> Valid { get; } = new(StringComparer.Ordinal);

    /// <summary>Thrown after the other side took the value.</summary>
    public Exception? FailsAfter { get; set; }

    /// <summary>Thrown in place of taking back.</summary>
    public MintException? KeepsWith { get; set; }

    /// <summary>Thrown in place of a plan.</summary>
    public MintException? PlansNot { get; set; }

    public string Id => Name;

    public Task<MintPlan> PlanAsync(MintContext context, CancellationToken cancellationToken) =>
        PlansNot is { } problem ? throw problem : Task.FromResult(new MintPlan($"made-{Interlocked.Increment(ref made)}", null));

    public Task<SecretValue> MintAsync(MintContext context, MintPlan plan, CancellationToken cancellationToken)
    {
        Valid[plan.Mark] = true;
        return FailsAfter is { } problem ? throw problem : Task.FromResult(new SecretValue(plan.Mark));
    }

    public Task TakeBackAsync(MintContext context, string mark, CancellationToken cancellationToken) => Remove(context, mark);

    public async Task<string> RetireAsync(MintContext context, SecretValue old, CancellationToken cancellationToken)
    {
        await Remove(context, old.Reveal());
        return "It is removed.";
    }

    private Task Remove(MintContext context, string value)
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
