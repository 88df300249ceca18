using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.UseCases.Credentials;

/// <summary>Differences between vault and portal come, are told once, and go.</summary>
public sealed class VaultScanTests(PostgreSqlServer server)
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Run_EachKindOfDifference_IsWrittenOnceAndGoesWhenMended(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var environment = await world.EnvironmentAsync("checkout");
        var (fine, missing, disabled) = (
            await world.CredentialAsync(environment, "REDIS_URL"),
            await world.CredentialAsync(environment, "AZURE_STORAGE_KEY"),
            await world.CredentialAsync(environment, "PORTKEY_CLIENT_AUTH")
        );
        var vault = new FakeVaultListing
        {
            Entry(fine),
            Entry(disabled) with
            {
                IsEnabled = false,
            },
            new("env-0-old", "a", true, CredentialWorld.Now.AddDays(-1), null, "", ""),
        };

        await ScanAsync(database, vault);
        await ScanAsync(database, vault);

        var found = await AnomaliesAsync(database);
        Assert.Equal(
            [(SecretAnomalyKind.Disabled, disabled.Id), (SecretAnomalyKind.Missing, missing.Id), (SecretAnomalyKind.Unused, (Guid?)null)],
            found.Select(a => (a.Kind, a.SecretReferenceId)).OrderBy(a => a.Kind.ToString(), StringComparer.Ordinal)
        );
        Assert.Equal(3, (await world.EventsAsync("credential.anomaly")).Count);

        await ScanAsync(database, [Entry(fine), Entry(disabled), Entry(missing)]);
        Assert.Empty(await AnomaliesAsync(database));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Run_VaultThatStopsAnswering_ChangesNothing(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        await world.CredentialAsync(await world.EnvironmentAsync("checkout"), "REDIS_URL");

        await ScanAsync(database, new FakeVaultListing { Fails = true });

        Assert.Empty(await AnomaliesAsync(database));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Orphans_WhatNoCredentialIsKnownFor_IsForThoseWhoReadAll(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        await world.CredentialAsync(await world.EnvironmentAsync("checkout"), "REDIS_URL");
        await ScanAsync(
            database,
            [
                new("env-0-old", "a", true, CredentialWorld.Now.AddDays(-1), null, "", ""),
                new("shared-0-old", "a", true, CredentialWorld.Now.AddDays(-1), null, "", ""),
            ]
        );

        Assert.Equal(3, await CountAsync("auditor"));
        Assert.Equal(1, await CountAsync("lead"));
        Assert.Equal(0, await CountAsync("other"));

        async Task<int> CountAsync(string person)
        {
            var (count, cursor) = (0, (string?)null);
            do
            {
                var page = await new CredentialService(database.Work, TimeProvider.System).OrphansAsync(
                    CredentialWorld.As(person),
                    new PageRequest(cursor, 1),
                    CancellationToken.None
                );
                (count, cursor) = (count + page.Items.Count, page.Next);
            } while (cursor is not null);

            return count;
        }
    }

    private static VaultEntry Entry(SecretReference reference) =>
        new(reference.VaultName, $"{reference.Id:N}-1", true, CredentialWorld.Now.AddDays(-1), null, "", "");

    private static Task ScanAsync(TestDatabase database, FakeVaultListing vault) =>
        new VaultScan(
            database.Work,
            database.Trail,
            new LiveUpdates(),
            new FakeTimeProvider(new DateTimeOffset(CredentialWorld.Now)),
            NullLogger<VaultScan>.Instance,
            vault
        ).RunAsync(CancellationToken.None);

    private static Task<List<SecretAnomaly>> AnomaliesAsync(TestDatabase database) =>
        database.Work.ReadAsync(db => db.SecretAnomalies.ToListAsync(), CancellationToken.None);

    private sealed class FakeVaultListing : List<VaultEntry>, IVaultInventory
    {
        public bool Fails { get; init; }

        public async IAsyncEnumerable<VaultEntry> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            foreach (var entry in this)
            {
                yield return entry;
            }

            if (Fails)
            {
                throw new VaultException(VaultFailure.Unavailable, "It does not answer.");
            }
        }
    }
}
