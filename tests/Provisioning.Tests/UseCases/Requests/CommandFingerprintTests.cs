using System.Text;
using Microsoft.AspNetCore.DataProtection;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

public sealed class CommandFingerprintTests
{
    private readonly CommandFingerprint fingerprints = new(new EphemeralDataProtectionProvider());

    private static ProposeCommand Command =>
        new()
        {
            Kind = RequestKind.Create,
            Team = "payments",
            Name = "dev",
            Spec = new EnvironmentSpec { Settings = Map(("A", "1"), ("B", "2")) },
            Secrets = Secrets("1234"),
            Reason = "why",
        };

    [Fact]
    public void IsSame_TheSameInAnotherOrder_Is() =>
        Assert.True(
            fingerprints.IsSame(
                fingerprints.Seal(Command),
                Command with
                {
                    Spec = new EnvironmentSpec { Settings = Map(("B", "2"), ("A", "1")) },
                }
            )
        );

    [Fact]
    public void IsSame_AnyOtherContent_IsNot()
    {
        var kept = fingerprints.Seal(Command);
        Assert.All(
            [
                Command with
                {
                    Kind = RequestKind.Change,
                },
                Command with
                {
                    Team = "search",
                },
                Command with
                {
                    Name = "other",
                },
                Command with
                {
                    Reason = "",
                },
                Command with
                {
                    Profile = "dev",
                },
                Command with
                {
                    Secrets = Secrets("1235"),
                },
                Command with
                {
                    Secrets = Secrets("1234", "REDIS_URL"),
                },
                Command with
                {
                    Spec = new EnvironmentSpec { Settings = Map(("A", "1")) },
                },
                Command with
                {
                    ImportId = Guid.NewGuid(),
                },
                Command with
                {
                    RotateKey = "A",
                },
                Command with
                {
                    Issue = true,
                },
                Command with
                {
                    ToRevision = 1,
                },
                Command with
                {
                    ChartVersion = "1",
                },
                Command with
                {
                    Cluster = "b",
                },
            ],
            other => Assert.False(fingerprints.IsSame(kept, other))
        );
    }

    [Fact]
    public void Seal_Kept_CanBeGuessedByNobodyWithoutTheKeyRing()
    {
        var (one, two) = (fingerprints.Seal(Command), fingerprints.Seal(Command));
        Assert.NotEqual(one, two);
        Assert.True(one.Length <= 400); // the column's
        Assert.DoesNotContain("1234", Encoding.Latin1.GetString(Convert.FromBase64String(one)), StringComparison.Ordinal);
        Assert.False(new CommandFingerprint(new EphemeralDataProtectionProvider()).IsSame(one, Command));
        Assert.False(fingerprints.IsSame("not one", Command));
    }

    private static Dictionary<string, string> Map(params (string Key, string Value)[] entries) =>
        entries.ToDictionary(e => e.Key, e => e.Value);

    private static Dictionary<string, SecretValue> Secrets(string value, string key = "PORTKEY_CLIENT_AUTH") =>
        new() { [key] = new SecretValue(value) };
}
