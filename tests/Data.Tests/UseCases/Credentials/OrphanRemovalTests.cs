using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Data.Tests.UseCases.Credentials;

/// <summary>What a crash between vault and database leaves behind is found, and can be taken out of use; what waits to be used is left
/// alone.</summary>
public sealed class OrphanRemovalTests(PostgreSqlServer server)
{
    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Scan_LeftOversOfEveryKind_AreFoundAndWhatIsKeptIsNot(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var cluster = new Cluster
        {
            Name = "kept",
            DisplayName = "kept",
            KubeconfigSource = "vault:cluster-1-kubeconfig/a",
        };
        await database.Work.AddAsync(cluster, Import("env-2-redis-url", CredentialWorld.Now.AddDays(-1)));
        var vault = new KeptVault(
            "cluster-1-kubeconfig",
            "env-2-redis-url",
            "cluster-9-kubeconfig",
            "env-9-redis-url",
            "shared-9-redis-url",
            "team-vault/env-9-mongo",
            "somebody-elses"
        );

        await ScanAsync(database, vault);

        Assert.Equal(
            ["cluster-9-kubeconfig", "env-9-redis-url", "shared-9-redis-url", "team-vault/env-9-mongo"],
            (await AnomaliesAsync(database)).Select(a => a.VaultName)
        );
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Remove_LeftOver_ByAnAdministratorAlone_IsDisabledAndWrittenDown(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var vault = new KeptVault("env-9-redis-url");
        await ScanAsync(database, vault);
        var orphan = Assert.Single(await AnomaliesAsync(database));
        var removal = Removal(database, vault);

        await Assert.ThrowsAsync<NotFoundException>(() =>
            removal.RemoveAsync(CredentialWorld.As("lead"), orphan.Id, CancellationToken.None)
        );
        await Assert.ThrowsAsync<ForbiddenException>(() =>
            removal.RemoveAsync(CredentialWorld.As("auditor"), orphan.Id, CancellationToken.None)
        );
        Assert.Empty(vault.Disabled);
        await removal.RemoveAsync(CredentialWorld.As("admin"), orphan.Id, CancellationToken.None);

        Assert.Equal(["env-9-redis-url/a"], vault.Disabled);
        Assert.Empty(await AnomaliesAsync(database));
        Assert.Equal("admin", Assert.Single(await world.EventsAsync("credential.orphan-removed")).Actor);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Remove_WhatIsNamedByNow_IsRefused(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        var world = await CredentialWorld.CreateAsync(database);
        var vault = new KeptVault("env-9-redis-url", "cluster-9-kubeconfig");
        await ScanAsync(database, vault);
        var environment = await world.EnvironmentAsync("checkout");
        var reference = new SecretReference
        {
            EnvironmentId = environment.Id,
            TeamId = environment.TeamId,
            Key = "REDIS_URL",
            VaultName = "env-9-redis-url",
        };
        await database.Work.AddAsync(
            reference,
            new SecretVersion
            {
                SecretReferenceId = reference.Id,
                Number = 1,
                VaultVersion = "a",
                State = SecretVersionState.Current,
                CreatedBy = "lead",
                CreatedAt = CredentialWorld.Now,
            },
            new Cluster
            {
                Name = "late",
                DisplayName = "late",
                KubeconfigSource = "vault:cluster-9-kubeconfig/a",
            }
        );

        foreach (var orphan in await AnomaliesAsync(database))
        {
            Assert.Equal(
                "in-use",
                (
                    await Assert.ThrowsAsync<ConflictException>(() =>
                        Removal(database, vault).RemoveAsync(CredentialWorld.As("admin"), orphan.Id, CancellationToken.None)
                    )
                ).Code
            );
        }

        Assert.Empty(vault.Disabled);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Providers), MemberType = typeof(TestDatabase))]
    public async Task Expiry_OfAnImportThatNoRequestTook_TakesItsSecretsOutOfUse(string provider)
    {
        using var database = await TestDatabase.CreateAsync(provider, server);
        await database.Work.AddAsync(
            Import("env-1-redis-url", CredentialWorld.Now.AddDays(-8)),
            Import("env-2-redis-url", CredentialWorld.Now.AddDays(-6))
        );
        var vault = new KeptVault();
        await new ImportExpiry(database.Work, vault, Clock).RunAsync(CancellationToken.None);
        Assert.Equal(["env-1-redis-url/a"], vault.Disabled);
        Assert.Equal(1, await database.Work.ReadAsync(db => db.Imports.CountAsync(i => i.UsedAt != null), CancellationToken.None));
    }

    private static FakeTimeProvider Clock => new(new DateTimeOffset(CredentialWorld.Now));

    private static Import Import(string name, DateTime at) =>
        new()
        {
            PersonId = "lead",
            ViewJson = "{}",
            Secrets =
            [
                new ImportSecret
                {
                    Key = "REDIS_URL",
                    VaultName = name,
                    Number = 1,
                    VaultVersion = "a",
                },
            ],
            At = at,
        };

    private static OrphanRemoval Removal(TestDatabase database, KeptVault vault) =>
        new(database.Work, vault, database.Trail, new LiveUpdates(), Clock);

    private static Task ScanAsync(TestDatabase database, KeptVault vault) =>
        new VaultScan(database.Work, database.Trail, new LiveUpdates(), Clock, NullLogger<VaultScan>.Instance, vault).RunAsync(
            CancellationToken.None
        );

    private static Task<List<SecretAnomaly>> AnomaliesAsync(TestDatabase database) =>
        database.Work.ReadAsync(db => db.SecretAnomalies.OrderBy(a => a.VaultName).ToListAsync(), CancellationToken.None);

    private sealed class KeptVault(params string[] names) : IVaultInventory, ISecretWriter
    {
        public List<string> Disabled { get; } = [];

        public async IAsyncEnumerable<VaultEntry> ListAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await Task.Yield();
            foreach (var name in names)
            {
                yield return new VaultEntry(name, "a", IsEnabled: true, CredentialWorld.Now.AddDays(-1), null, "", "");
            }
        }

        public string NameFor(string team, string name) => name;

        public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task DisableAsync(string name, string version, CancellationToken cancellationToken)
        {
            Disabled.Add($"{name}/{version}");
            return Task.CompletedTask;
        }

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
