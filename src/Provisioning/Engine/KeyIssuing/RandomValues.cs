using System.Globalization;
using System.Security.Cryptography;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.UseCases.Credentials;

namespace Portkey.Portal.Provisioning.Engine.KeyIssuing;

/// <summary>A random value. Nobody is told it: whoever configures the other side reads it from the vault.</summary>
internal sealed class RandomValues : IKeyIssuer
{
    public const int Shortest = 16;
    public const int Longest = 1024;
    public const int DefaultLength = 48;

    /// <summary>Characters, by the name of the alphabet.</summary>
    public static IReadOnlyDictionary<string, string> Alphabets { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["alphanumeric"] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            ["hex"] = "0123456789abcdef",
            ["url"] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
        };

    public string Id => ProviderNames.Random;

    public Task<IssuePlan> PlanAsync(IssueContext context, CancellationToken cancellationToken)
    {
        var length = context.Setting("length") is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : DefaultLength;
        return Task.FromResult(new IssuePlan("", Make(length, context.Setting("alphabet"))));
    }

    public Task<SecretValue> IssueAsync(IssueContext context, IssuePlan plan, CancellationToken cancellationToken) =>
        Task.FromResult(plan.Draft!);

    public Task TakeBackAsync(IssueContext context, string mark, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<string> RetireAsync(IssueContext context, SecretValue old, CancellationToken cancellationToken) =>
        Task.FromResult("Revoke the old value on the other side now: no provider can do that for a random value.");

    /// <summary>One of so many characters, all equally likely.</summary>
    public static SecretValue Make(int length, string alphabet) =>
        new(RandomNumberGenerator.GetString(Alphabets[alphabet.Length == 0 ? "alphanumeric" : alphabet], length));
}
