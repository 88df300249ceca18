using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Common;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Clouds;

public sealed class VaultWritesTests
{
    public static TheoryData<Exception, bool> Ends =>
        new()
        {
            { new ConflictException("name-taken", "Taken."), true },
            { new InvalidInputException("name", "Wrong."), true },
            { new VaultException(VaultFailure.Unavailable, "Gone."), true },
            { new DbUpdateException("Not saved."), true },
            { new LostConnection(), false }, // it may have been committed, and then the rows need what they name
            { new OperationCanceledException(), false },
        };

    [Theory]
    [MemberData(nameof(Ends), DisableDiscoveryEnumeration = true)]
    public async Task OrDiscard_CommandThatEndsSo_TakesWhatWasStoredOutOfUseOnlyWhereNothingCanNameIt(Exception end, bool discards)
    {
        var vault = new Writer();
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() =>
            vault.OrDiscardAsync<bool>([new("env-1-a", "1"), new("env-1-b", "2")], () => throw end)
        );
        Assert.Same(end, thrown);
        Assert.Equal(discards ? ["env-1-a/1", "env-1-b/2"] : [], vault.Disabled);
    }

    [Fact]
    public async Task OrDiscard_VaultThatRefusesOne_StillTakesTheOthers()
    {
        var vault = new Writer { Fails = "env-1-a" };
        await Assert.ThrowsAsync<ConflictException>(() =>
            vault.OrDiscardAsync<bool>([new("env-1-a", "1"), new("env-1-b", "2")], () => throw new ConflictException("x", "x"))
        );
        Assert.Equal(["env-1-b/2"], vault.Disabled);
    }

    private sealed class LostConnection : DbException;

    private sealed class Writer : ISecretWriter
    {
        public List<string> Disabled { get; } = [];

        public string Fails { get; init; } = "";

        public string NameFor(string team, string name) => name;

        public Task<string> SetAsync(string name, SecretValue value, SecretAttributes attributes, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public Task DisableAsync(string name, string version, CancellationToken cancellationToken)
        {
            if (name == Fails)
            {
                throw new VaultException(VaultFailure.Unavailable, "Gone.");
            }

            Disabled.Add($"{name}/{version}");
            return Task.CompletedTask;
        }

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
